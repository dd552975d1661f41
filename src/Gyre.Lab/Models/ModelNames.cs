namespace Gyre.Lab.Models;

/// <summary>The names of the models in a spec.</summary>
internal static class ModelNames
{
    /// <summary>Fully connected layers.</summary>
    public const string Mlp = "mlp";

    /// <summary>Layers without an activation.</summary>
    public const string DeepLinear = "deep-linear";

    /// <summary>A product of factors for each input.</summary>
    public const string DiagonalLinear = "diagonal-linear";

    /// <summary>Convolutions, then a fully connected layer.</summary>
    public const string Cnn = "cnn";

    /// <summary>Convolutions in blocks.</summary>
    public const string Vgg = "vgg";

    /// <summary>Convolutions with shortcuts.</summary>
    public const string ResNet = "resnet";

    /// <summary>A transformer on patches.</summary>
    public const string VisionTransformer = "vit";

    /// <summary>A transformer on tokens.</summary>
    public const string SequenceTransformer = "sequence-transformer";

    /// <summary>A user's file, written by PyTorch's exporter.</summary>
    public const string Exported = "exported";

    /// <summary>A user's file in TorchScript.</summary>
    public const string TorchScript = "torchscript";
}
