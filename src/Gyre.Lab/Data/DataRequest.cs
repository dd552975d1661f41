using static TorchSharp.torch;

namespace Gyre.Lab.Data;

/// <summary>What a run asks of a data set: its section [data], and what follows from the rest of the spec. A source
/// takes what it understands.</summary>
internal sealed record DataRequest : DataSpec
{
    /// <summary>Creates a request for all samples of a folder or file.</summary>
    public DataRequest(string path)
    {
        Path = path;
        Samples = 0;
    }

    /// <summary>Creates the request of a section [data].</summary>
    public DataRequest(DataSpec spec)
        : base(spec) { }

    /// <summary>Seed for every random draw.</summary>
    public long Seed { get; init; }

    /// <summary>Whether whole numbers in a target column are classes.</summary>
    public bool WantsClasses { get; init; } = true;

    /// <summary>How samples are laid out.</summary>
    public Layout Layout { get; init; } = new(1000, long.MaxValue, ScalarType.Float32, CPU);
}
