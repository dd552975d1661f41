using static TorchSharp.torch;

namespace Gyre.Lab.Data;

/// <summary>The data that a run requests: its section [data], and settings that follow from the rest of the spec. A
/// source uses those that apply to it.</summary>
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

    /// <summary>Whether integers in a target column are classes.</summary>
    public bool WantsClasses { get; init; } = true;

    /// <summary>The layout of samples.</summary>
    public Layout Layout { get; init; } = new(1000, long.MaxValue, ScalarType.Float32, CPU);
}
