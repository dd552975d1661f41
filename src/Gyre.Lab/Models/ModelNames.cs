namespace Gyre.Lab.Models;

/// <summary>What a spec calls each model.</summary>
internal static class ModelNames
{
    /// <summary>Layers that are fully connected.</summary>
    public const string Mlp = "mlp";

    /// <summary>Layers without an activation.</summary>
    public const string DeepLinear = "deep-linear";

    /// <summary>A product of numbers for each input.</summary>
    public const string DiagonalLinear = "diagonal-linear";

    /// <summary>Convolutions and a fully connected layer.</summary>
    public const string Cnn = "cnn";

    /// <summary>Convolutions in blocks.</summary>
    public const string Vgg = "vgg";

    /// <summary>Convolutions with shortcuts.</summary>
    public const string ResNet = "resnet";

    /// <summary>A transformer of patches.</summary>
    public const string VisionTransformer = "vit";

    /// <summary>A transformer of tokens.</summary>
    public const string SequenceTransformer = "sequence-transformer";

    /// <summary>A user's own file of PyTorch's exporter.</summary>
    public const string Exported = "exported";

    /// <summary>A user's own file of TorchScript.</summary>
    public const string TorchScript = "torchscript";
}
