using Gyre.Torch;

namespace Gyre.Lab.Models;

/// <summary>Thrown if a model does not suit the data. The message states why and what to do.</summary>
internal sealed class ModelException : GyreException
{
    /// <summary>Creates the exception with a message for the user.</summary>
    public ModelException(string message, Exception? cause = null)
        : base(message, cause) { }
}

/// <summary>The model catalog. A new model is one new file and one line here.</summary>
internal static class ModelCatalog
{
    private static readonly string[] AnyNorm = [NormNames.None, NormNames.Batch, NormNames.Layer, NormNames.Group];
    private static readonly string[] BatchFirst = [NormNames.Batch, NormNames.None, NormNames.Layer, NormNames.Group];
    private static readonly string[] LayerFirst = [NormNames.Layer, NormNames.None];

    /// <summary>Every model, in catalog order.</summary>
    public static IReadOnlyList<ModelKind> Kinds { get; } =
    [
        // the fully connected network of Cohen et al. 2021
        new(ModelNames.Mlp, request => new Mlp(request)) { Widths = [200, 200] },
        new(ModelNames.DeepLinear, request => new DeepLinear(request)) { Widths = [200, 200], HasActivation = false },
        // the smallest depth at which the leading eigenvector can rotate
        new(ModelNames.DiagonalLinear, request => new DiagonalLinear(request)) { Depth = 2, HasActivation = false },
        // as wide as the convolutional network of Cohen et al. 2021
        new(ModelNames.Cnn, request => new Cnn(request)) { Widths = [32, 32], Norms = AnyNorm },
        new(ModelNames.Vgg, request => new Vgg(request))
        {
            Depth = 11,
            Depths = new("10 or 11 layers", depth => depth is 10 or 11),
            Width = 16,
            Norms = AnyNorm,
        }, // width: chosen, a quarter of the paper's, to be fast on CPUs
        new(ModelNames.ResNet, request => new ResNet(request))
        {
            Depth = 20,
            Depths = new("6n + 2 layers (8, 14, 20, 26, 32, ...)", depth => depth >= 8 && depth % 6 == 2),
            Width = 16,
            Norms = BatchFirst,
        }, // He et al. 2016
        new(ModelNames.VisionTransformer, request => new VisionTransformer(request))
        {
            Depth = 4,
            Width = 64,
            Heads = 4,
            Patch = 4,
            HasPooling = true,
            Norms = LayerFirst,
        }, // chosen, for 32×32 images on CPUs
        new(ModelNames.SequenceTransformer, request => new SequenceTransformer(request))
        {
            Depth = 2,
            Width = 64,
            Heads = 4,
            Norms = LayerFirst,
            ReadsTokens = true,
        }, // chosen, for CPUs
        new(ModelNames.Exported, request => new ExportedModel(request)) { IsFile = true, HasActivation = false },
        new(ModelNames.TorchScript, request => new TorchScriptModel(request))
        {
            IsFile = true,
            RunsCode = true,
            HasActivation = false,
        },
    ];

    /// <summary>Every name, in catalog order.</summary>
    public static IReadOnlyList<string> Names => [.. Kinds.Select(kind => kind.Name)];

    /// <summary>Returns the names of the models that satisfy a condition.</summary>
    internal static IReadOnlyList<string> NamesWhere(Func<ModelKind, bool> holds) =>
        [.. Kinds.Where(holds).Select(kind => kind.Name)];

    /// <summary>Returns the model of the given name.</summary>
    /// <exception cref="ArgumentException">The name is not in the catalog.</exception>
    public static ModelKind Get(string name) =>
        Kinds.FirstOrDefault(kind => kind.Name == name)
        ?? throw new ArgumentException(
            $"'{name}' is not a model; choose one of {string.Join(", ", Names)}.",
            nameof(name)
        );

    /// <summary>Builds a model on its device, in its dtype; the caller disposes it.</summary>
    /// <exception cref="ArgumentException">The name is not in the catalog, or the request has a name that is not in
    /// its catalog or a width below 1.</exception>
    /// <exception cref="ModelException">The model does not suit the data, or does not support the requested depth,
    /// norm or number of heads.</exception>
    public static Network Build(string name, ModelRequest request) => Get(name).Build(request);
}
