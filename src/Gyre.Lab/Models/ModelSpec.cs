using Gyre.Lab.Keys;

namespace Gyre.Lab.Models;

/// <summary>
/// The [model] section of a spec: the network that is trained. A network reads the keys that apply to it and ignores
/// the rest (<see cref="ModelKind"/>).
/// </summary>
internal record ModelSpec
{
    /// <summary>The value of <see cref="Norm"/> that leaves the choice to the network.</summary>
    internal const string OwnNorm = "default";

    /// <summary>Every norm that some network supports.</summary>
    public static IReadOnlyList<string> Norms { get; } =
    [OwnNorm, NormNames.None, NormNames.Batch, NormNames.Layer, NormNames.Group];

    /// <summary>The pooling that classifies a dedicated class token.</summary>
    internal const string ClassToken = "class-token";

    private const string MeanPooling = "mean";

    /// <summary>
    /// The ways in which a vision transformer reduces its patches to one vector; the first is the default
    /// (Dosovitskiy et al. 2021).
    /// </summary>
    public static IReadOnlyList<string> Poolings { get; } = [ClassToken, MeanPooling];

    /// <summary>A name in <see cref="ModelCatalog"/>.</summary>
    [SpecKey(
        "the network. own, here and for data.name and objective.loss: that of a program with "
            + "CurvatureMonitor, which is the only one that can run it",
        ChoicesOf = typeof(ModelCatalog),
        OrOwn = true
    )]
    public string Name { get; init; } = ModelNames.Mlp;

    /// <summary>The hidden width, or the number of channels, of each layer.</summary>
    [SpecKey(
        "hidden widths (mlp, deep-linear), or channels of each convolution (cnn, where the default is "
            + "[32, 32]). Default: the fully connected network of Cohen et al. 2021",
        Least = 1,
        Most = 1e6,
        UsedWhere = "model.name",
        UsedWithFrom = nameof(WithWidths)
    )]
    public IReadOnlyList<int> Widths { get; init; } = [200, 200];

    /// <summary>The number of layers, blocks or factors; 0 selects the network's own default.</summary>
    [SpecKey(
        "layers (vgg: 10 or 11; resnet: 6n + 2), blocks (vit, sequence-transformer) or factors of each "
            + "output (diagonal-linear). Default 0: the network's own (docs/models.md)",
        Least = 0,
        Most = 64,
        UsedWhere = "model.name",
        UsedWithFrom = nameof(WithDepth)
    )]
    public int Depth { get; init; }

    /// <summary>
    /// The channels of the first layer, or the width of the embedding; 0 selects the network's own default.
    /// </summary>
    [SpecKey(
        "channels of the first layer (vgg, resnet), or width of the embedding (vit, "
            + "sequence-transformer). Default 0: the network's own (docs/models.md)",
        Least = 0,
        Most = 1e6,
        UsedWhere = "model.name",
        UsedWithFrom = nameof(WithWidth)
    )]
    public int Width { get; init; }

    /// <summary>One of <see cref="Norms"/>.</summary>
    [SpecKey(
        "normalization of the layers; default: the network's own. batch: uses the statistics of each "
            + "chunk, so the loss depends on objective.chunk (docs/models.md)",
        ChoicesFrom = nameof(Norms),
        UsedWhere = "model.name",
        UsedWithFrom = nameof(WithNorms)
    )]
    public string Norm { get; init; } = OwnNorm;

    /// <summary>The number of attention heads; 0 selects the network's own default.</summary>
    [SpecKey(
        "attention heads (vit, sequence-transformer). Default 0: the network's own (docs/models.md)",
        Least = 0,
        Most = 1024,
        UsedWhere = "model.name",
        UsedWithFrom = nameof(WithHeads)
    )]
    public int Heads { get; init; }

    /// <summary>The side of a patch in pixels; 0 selects the network's own default.</summary>
    [SpecKey(
        "side of a patch in pixels (vit). Default 0: the network's own (docs/models.md)",
        Least = 0,
        Most = 1e6,
        UsedWhere = "model.name",
        UsedWithFrom = nameof(WithPatch)
    )]
    public int Patch { get; init; }

    /// <summary>One of <see cref="Poolings"/>.</summary>
    [SpecKey(
        "the vector that vit classifies: a class token, or the mean of the patches. Default: Dosovitskiy et al. 2021",
        ChoicesFrom = nameof(Poolings),
        UsedWhere = "model.name",
        UsedWithFrom = nameof(WithPooling)
    )]
    public string Pooling { get; init; } = Poolings[0];

    /// <summary>A file with a network; "" for a network of the catalog.</summary>
    [SpecKey(
        "file of a network: an exported program of PyTorch (torch.export.save) or TorchScript. Its content determines "
            + "model.name, and its values are the initial parameters. Relative like data.path",
        UsedWhere = "model.name",
        UsedWithFrom = nameof(FileModels)
    )]
    public string File { get; init; } = "";

    /// <summary>SHA-256 that the file must have; "" for any.</summary>
    [SpecKey(
        "checksum of model.file; filled in when the run is created, so that a run uses one file only",
        Name = "sha256"
    )]
    public string Checksum { get; init; } = "";

    /// <summary>Whether the code of a TorchScript file may run if it does more than compute.</summary>
    [SpecKey(
        "whether the code of model.file runs even if it does more than compute (files, printing, unbounded loops, "
            + "attributes that change). TorchScript is code of its author (SECURITY.md)",
        UsedWhere = "model.name",
        UsedWithFrom = nameof(CodeModels)
    )]
    public bool Trusted { get; init; }

    /// <summary>
    /// Selects the output of an exported program that the loss is computed from, if it has several; "" for the only
    /// one.
    /// </summary>
    [SpecKey(
        "output of an exported program that the loss uses, if it has several: its position from 0, or its name in "
            + "the graph. Default: the only one",
        UsedWhere = "model.name",
        UsedWithFrom = nameof(ExportedModels)
    )]
    public string Output { get; init; } = "";

    /// <summary>
    /// The shape in which a module from a file takes a sample; empty to use the shape that it was exported for, or
    /// that of the data.
    /// </summary>
    [SpecKey(
        "shape of a sample that model.file needs, such as [1, 28, 28]. Default: the shape that it was "
            + "exported for (exported), or that of the data (torchscript)",
        Name = "input",
        Least = 1,
        Most = 1e9,
        UsedWhere = "model.name",
        UsedWithFrom = nameof(FileModels)
    )]
    public IReadOnlyList<int> SampleShape { get; init; } = [];

    /// <summary>A name in <see cref="Activations"/>.</summary>
    [SpecKey(
        "between layers",
        ChoicesOf = typeof(Activations),
        UsedWhere = "model.name",
        UsedWithFrom = nameof(WithActivation)
    )]
    public string Activation { get; init; } = "relu";

    /// <summary>A name in <see cref="Initializations"/>.</summary>
    [SpecKey(
        "initialization of the parameters. Default: PyTorch's own, U(±1/sqrt(fan_in))",
        ChoicesOf = typeof(Initializations)
    )]
    public string Initialisation { get; init; } = "pytorch";

    /// <summary>theta at step 0, <c>[n]</c>; empty to draw it at random.</summary>
    [SpecKey(
        "theta at step 0, every value in the order of the parameters; empty: drawn by " + "model.initialisation",
        Least = -1e9,
        Most = 1e9
    )]
    public IReadOnlyList<double> Start { get; init; } = [];

    /// <summary>
    /// A weight file with the initial parameters and buffers; "" to use the network's own initialization.
    /// </summary>
    [SpecKey(
        "file of initial weights: a state dict of torch.save, safetensors (one file, an index of "
            + "shards, or a folder with one of these) or a checkpoint of a run. Relative like data.path"
    )]
    public string Weights { get; init; } = "";

    /// <summary>SHA-256 that the weight file must have; "" for any.</summary>
    [SpecKey(
        "checksum of model.weights; filled in when the run is created, so that a run uses one file only",
        Name = "weights_sha256"
    )]
    public string WeightsChecksum { get; init; } = "";

    /// <summary>Whether weights that do not fit are left out, and missing ones keep their initial values.</summary>
    [SpecKey(
        "whether model.weights may cover only a part of the network, or more than it; the run reports what is left out"
    )]
    public bool WeightsPartial { get; init; }

    private static IReadOnlyList<string> WithWidths => ModelCatalog.NamesWhere(kind => kind.Widths.Count > 0);

    private static IReadOnlyList<string> WithDepth => ModelCatalog.NamesWhere(kind => kind.Depth > 0);

    private static IReadOnlyList<string> WithWidth => ModelCatalog.NamesWhere(kind => kind.Width > 0);

    private static IReadOnlyList<string> WithNorms => ModelCatalog.NamesWhere(kind => kind.Norms.Count > 1);

    private static IReadOnlyList<string> WithHeads => ModelCatalog.NamesWhere(kind => kind.Heads > 0);

    private static IReadOnlyList<string> WithPatch => ModelCatalog.NamesWhere(kind => kind.Patch > 0);

    private static IReadOnlyList<string> WithPooling => ModelCatalog.NamesWhere(kind => kind.HasPooling);

    private static IReadOnlyList<string> WithActivation => ModelCatalog.NamesWhere(kind => kind.HasActivation);

    private static IReadOnlyList<string> ExportedModels => [ModelNames.Exported];

    private static IReadOnlyList<string> CodeModels => ModelCatalog.NamesWhere(kind => kind.RunsCode);

    private static IReadOnlyList<string> FileModels => ModelCatalog.NamesWhere(kind => kind.IsFile);
}
