using System.Text.Json.Serialization;

namespace Gyre.App.Folders;

/// <summary>
/// A row of `gyre ls`: a run, a sweep, or a cell of one. Values are NaN or null if unknown or not applicable.
/// </summary>
internal sealed record ListedFolder
{
    public const string Running = "running";
    public const string Unfinished = "unfinished";
    public const string Finished = "finished";
    public const string Damaged = "damaged";

    /// <summary>run, sweep or cell; unknown if the remaining files do not show which.</summary>
    public required string Kind { get; init; }

    /// <summary>The path, below the folder that was named.</summary>
    public required string Folder { get; init; }

    /// <summary>The name in its spec or plan.</summary>
    public required string Name { get; init; }

    /// <summary>finished, running (a process holds its lock), unfinished or damaged.</summary>
    public required string Status { get; init; }

    /// <summary>The outcome of a finished run, as in summary.json.</summary>
    public string? Outcome { get; init; }

    /// <summary>eta at the start; for a sweep, the smallest of its cells.</summary>
    public double LearningRate { get; init; } = double.NaN;

    /// <summary>The largest eta of a sweep's cells; not written for a run.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? LargestLearningRate { get; init; }

    /// <summary>The number of finished steps of a run or cells of a sweep.</summary>
    public long Done { get; init; }

    /// <summary>The total number of steps or cells; 0 if unknown.</summary>
    public long Total { get; init; }

    /// <summary>Mean sharpness of the last fifth; for an unfinished run, the latest value.</summary>
    public double Sharpness { get; init; } = double.NaN;

    /// <summary>Test accuracy at the last evaluation, 0 to 1.</summary>
    public double TestAccuracy { get; init; } = double.NaN;

    /// <summary>The flaw, in one sentence; null if there is none.</summary>
    public string? Flaw { get; init; }
}
