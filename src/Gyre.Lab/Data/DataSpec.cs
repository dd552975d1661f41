using Gyre.Lab.Keys;

namespace Gyre.Lab.Data;

/// <summary>The section [data]: the data set and its samples.</summary>
internal record DataSpec
{
    /// <summary>A name of the data catalog.</summary>
    [SpecKey("the data set", ChoicesOf = typeof(DataCatalog), OrOwn = true)]
    public string Name { get; init; } = "fashion-mnist";

    /// <summary>The number of training samples N; 0 for all.</summary>
    [SpecKey(
        "number of training samples N; each step and each product uses all of them; 0: all samples. Data sets "
            + "that the program generates (chebyshev, targets) have their own number. Default: chosen, one step in "
            + "about 10 ms",
        Least = 0,
        Most = 1e9
    )]
    public int Samples { get; init; } = 1000;

    /// <summary>How samples are chosen (<see cref="Data.Subset"/>).</summary>
    [SpecKey("balanced: equally many per class, drawn by seed; first: the first N", ChoicesFrom = nameof(Subsets))]
    public string Subset { get; init; } = Subsets[0];

    /// <summary>
    /// Folder or file; "" for built-in data, and for named data sets in their own folders (<see cref="DataFolder"/>).
    /// </summary>
    [SpecKey(
        "folder or file of data that is not built in (docs/data.md), relative to the spec file, or to the current "
            + "folder if it is given by --set"
    )]
    public string Path { get; init; } = "";

    /// <summary>The SHA-256 that the files must have (<see cref="DataChecksum"/>); "" for any.</summary>
    [SpecKey(
        "checksum of the files of data.path; filled in when the run is created, so that a run uses "
            + "one data set only",
        Name = "sha256"
    )]
    public string Checksum { get; init; } = "";

    /// <summary>
    /// Whether values that are not pixels are standardized. A network from a file was trained with its own
    /// preprocessing, so that the default is false for it.
    /// </summary>
    [SpecKey(
        "whether arrays and tables are standardized with the training subset's statistics; false leaves values "
            + "unchanged, and is the default with model.file"
    )]
    public bool Standardise { get; init; } = true;

    /// <summary>Share of training labels that are replaced by another class.</summary>
    [SpecKey(
        "share of the training labels that are replaced by another class, drawn by seed; the test set "
            + "keeps its own",
        Least = 0,
        Most = 1
    )]
    public double LabelNoise { get; init; }

    /// <summary>Standard deviation of the noise of generated data.</summary>
    [SpecKey(
        "standard deviation of the noise of two-moons. Default: chosen, so that the classes hardly overlap",
        Least = 0,
        Most = 1e6,
        UsedWhere = "data.name",
        UsedWith = ["two-moons"]
    )]
    public double Noise { get; init; } = 0.1;

    /// <summary>Characters per sequence of a text.</summary>
    [SpecKey(
        "characters per sequence of a text. Default: chosen, for CPUs",
        Least = 1,
        Most = 1e6,
        UsedWhere = "data.name",
        UsedWith = ["text"]
    )]
    public int Context { get; init; } = 64;

    /// <summary>Side that image files are resized to, in pixels.</summary>
    [SpecKey(
        "side in pixels that image files are resized to. Default: CIFAR's",
        Least = 1,
        Most = 4096,
        UsedWhere = "data.name",
        UsedWith = ["images"]
    )]
    public int Size { get; init; } = 32;

    /// <summary>The target columns of a table, separated by commas.</summary>
    [SpecKey(
        "target column of a table; separate several by commas, and put a name that contains a comma in "
            + "quotation marks (docs/data.md)",
        UsedWhere = "data.name",
        UsedWith = ["table"]
    )]
    public string Target { get; init; } = "";

    /// <summary>Share of rows that are held out if the files have no test set.</summary>
    [SpecKey(
        "share of a table's rows that are held out as the test set, drawn by seed. Default: chosen",
        Name = "holdout",
        Least = 0,
        Most = 0.99,
        UsedWhere = "data.name",
        UsedWith = ["table"]
    )]
    public double HoldOut { get; init; } = 0.2;

    /// <summary>Samples that need more memory are read from disk when they are used.</summary>
    [SpecKey(
        "samples that need more memory are read from disk in every step and every product, with the same "
            + "result. Default: chosen, a quarter of a small machine",
        Name = "memory_mb",
        Least = 0,
        Most = 1e7
    )]
    public int MemoryMegabytes { get; init; } = 2048;

    /// <summary>Degree of the Chebyshev polynomial.</summary>
    [SpecKey(
        "degree of the polynomial of chebyshev. Default: the largest degree that Cohen et al. " + "2021 train on",
        Least = 1,
        Most = 30,
        UsedWhere = "data.name",
        UsedWith = ["chebyshev"]
    )]
    public int Degree { get; init; } = 6;

    /// <summary>The y of the data set targets.</summary>
    [SpecKey(
        "y of data.name = targets, one output per value",
        Least = -1e6,
        Most = 1e6,
        UsedWhere = "data.name",
        UsedWith = ["targets"]
    )]
    public IReadOnlyList<double> Targets { get; init; } = [1.0];

    private static IReadOnlyList<string> Subsets => Data.Subset.Kinds;
}
