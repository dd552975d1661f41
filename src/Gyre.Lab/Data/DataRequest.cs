using static TorchSharp.torch;

namespace Gyre.Lab.Data;

/// <summary>What of a data set a run asks for; a source takes what it understands.</summary>
/// <param name="Path">Folder or file; "" for data inside the program, and for named sets where they are looked for
/// (<see cref="DataFolder"/>).</param>
public sealed record DataRequest(string Path)
{
    /// <summary>SHA-256 that the files must have (<see cref="DataChecksum"/>); "" for any.</summary>
    public string Checksum { get; init; } = "";

    /// <summary>How many training samples; 0 is all.</summary>
    public int Samples { get; init; }

    /// <summary>How they are chosen (<see cref="Data.Subset"/>).</summary>
    public string Subset { get; init; } = Data.Subset.Kinds[0];

    /// <summary>Of every draw.</summary>
    public long Seed { get; init; }

    /// <summary>Whether numbers that are not pixels are standardised.</summary>
    public bool Standardise { get; init; } = true;

    /// <summary>Share of training labels that are replaced by another class.</summary>
    public double LabelNoise { get; init; }

    /// <summary>Degree of a polynomial.</summary>
    public int Degree { get; init; } = 6;

    /// <summary>Numbers to be met.</summary>
    public IReadOnlyList<double> Targets { get; init; } = [];

    /// <summary>Deviation of the noise of data made by a formula.</summary>
    public double Noise { get; init; } = 0.1;

    /// <summary>Characters a sequence.</summary>
    public int Context { get; init; } = 64;

    /// <summary>Side that image files are resized to, in pixels.</summary>
    public int Size { get; init; } = 32;

    /// <summary>Column, or columns between commas, to be predicted.</summary>
    public string Target { get; init; } = "";

    /// <summary>Share of rows that are held out, where files have no test set of their own.</summary>
    public double HoldOut { get; init; } = 0.2;

    /// <summary>Whether whole numbers in a target column are classes.</summary>
    public bool WantsClasses { get; init; } = true;

    /// <summary>How samples are laid out.</summary>
    public Layout Layout { get; init; } = new(1000, long.MaxValue, ScalarType.Float32, CPU);
}
