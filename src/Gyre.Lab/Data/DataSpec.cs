using Gyre.Lab.Keys;

namespace Gyre.Lab.Data;

/// <summary>The section [data]: what is learned from.</summary>
internal record DataSpec
{
    /// <summary>A name of the data catalog.</summary>
    [SpecKey("what is learned from", ChoicesOf = typeof(DataCatalog), OrOwn = true)]
    public string Name { get; init; } = "fashion-mnist";

    /// <summary>N of data that is drawn from; 0 is all.</summary>
    [SpecKey(
        "N, training samples; every one is used in every step and every product; 0: all there are. Data "
            + "that the program makes (chebyshev, targets) has its own number. Default: chosen, a step in "
            + "about 10 ms",
        Least = 0,
        Most = 1e9
    )]
    public int Samples { get; init; } = 1000;

    /// <summary>How they are chosen (<see cref="Data.Subset"/>).</summary>
    [SpecKey("balanced: equal classes, drawn by seed; first: the first N", ChoicesFrom = nameof(Subsets))]
    public string Subset { get; init; } = Subsets[0];

    /// <summary>
    /// Folder or file; "" for data inside the program, and for named sets where they are looked for
    /// (<see cref="DataFolder"/>).
    /// </summary>
    [SpecKey(
        "folder or file of data that is not shipped (docs/data.md), relative to the spec's file; set by "
            + "--set, to the current folder"
    )]
    public string Path { get; init; } = "";

    /// <summary>SHA-256 that the files must have (<see cref="DataChecksum"/>); "" for any.</summary>
    [SpecKey(
        "checksum of the files that data.path stands for; filled in when the run is made, so that a run is "
            + "of one data set",
        Name = "sha256"
    )]
    public string Checksum { get; init; } = "";

    /// <summary>Whether numbers that are not pixels are standardised.</summary>
    [SpecKey("whether arrays and tables are standardised, by the training subset; false takes numbers as they are")]
    public bool Standardise { get; init; } = true;

    /// <summary>Share of training labels that are replaced by another class.</summary>
    [SpecKey(
        "share of the training labels that are replaced by another class, drawn by seed; the test set "
            + "keeps its own",
        Least = 0,
        Most = 1
    )]
    public double LabelNoise { get; init; }

    /// <summary>Deviation of the noise of data made by a formula.</summary>
    [SpecKey(
        "deviation of the noise of two-moons. Default: chosen, classes just apart",
        Least = 0,
        Most = 1e6,
        UsedWhere = "data.name",
        UsedWith = ["two-moons"]
    )]
    public double Noise { get; init; } = 0.1;

    /// <summary>Characters per sequence of a text.</summary>
    [SpecKey(
        "characters a sequence of a text. Default: chosen, for CPUs",
        Least = 1,
        Most = 1e6,
        UsedWhere = "data.name",
        UsedWith = ["text"]
    )]
    public int Context { get; init; } = 64;

    /// <summary>Side that image files are resized to, in pixels.</summary>
    [SpecKey(
        "side in pixels that image files are resized to. Default: that of CIFAR",
        Least = 1,
        Most = 4096,
        UsedWhere = "data.name",
        UsedWith = ["images"]
    )]
    public int Size { get; init; } = 32;

    /// <summary>Columns of a table to be predicted, between commas.</summary>
    [SpecKey(
        "column of a table to be predicted; several between commas, a name that has a comma between "
            + "quotation marks (docs/data.md)",
        UsedWhere = "data.name",
        UsedWith = ["table"]
    )]
    public string Target { get; init; } = "";

    /// <summary>Share of rows that are held out, where files have no test set of their own.</summary>
    [SpecKey(
        "share of a table's rows that is held out as test set, drawn by seed. Default: chosen",
        Name = "holdout",
        Least = 0,
        Most = 0.99,
        UsedWhere = "data.name",
        UsedWith = ["table"]
    )]
    public double HoldOut { get; init; } = 0.2;

    /// <summary>Samples that take more stream from where they are.</summary>
    [SpecKey(
        "samples that take more are read from the disk in every step and every product, with the same "
            + "result. Default: chosen, a quarter of a small machine",
        Name = "memory_mb",
        Least = 0,
        Most = 1e7
    )]
    public int MemoryMegabytes { get; init; } = 2048;

    /// <summary>Degree of the Chebyshev polynomial.</summary>
    [SpecKey(
        "of the polynomial that chebyshev is made from. Default: the roughest of those that Cohen et al. "
            + "2021 train on",
        Least = 1,
        Most = 30,
        UsedWhere = "data.name",
        UsedWith = ["chebyshev"]
    )]
    public int Degree { get; init; } = 6;

    /// <summary>y of the data set targets.</summary>
    [SpecKey(
        "y of data.name = targets, an output each",
        Least = -1e6,
        Most = 1e6,
        UsedWhere = "data.name",
        UsedWith = ["targets"]
    )]
    public IReadOnlyList<double> Targets { get; init; } = [1.0];

    private static IReadOnlyList<string> Subsets => Data.Subset.Kinds;
}
