using System.Text.Json.Serialization;

namespace Gyre.App.Folders;

/// <summary>A row of `gyre ls`: a run, a sweep, or a cell of one. NaN and null where it is not known or does not
/// apply.</summary>
internal sealed record ListedFolder
{
    public const string Running = "running";
    public const string Unfinished = "unfinished";
    public const string Finished = "finished";
    public const string Damaged = "damaged";

    /// <summary>run, sweep or cell; unknown where what is left does not say.</summary>
    public required string Kind { get; init; }

    /// <summary>Where it is, below the folder that was named.</summary>
    public required string Folder { get; init; }

    /// <summary>The name that its spec or plan gives it.</summary>
    public required string Name { get; init; }

    /// <summary>finished, running (a process holds its lock), unfinished or damaged.</summary>
    public required string Status { get; init; }

    /// <summary>Of a finished run, as in summary.json.</summary>
    public string? Outcome { get; init; }

    /// <summary>eta at the start; of a sweep the smallest of its cells'.</summary>
    public double LearningRate { get; init; } = double.NaN;

    /// <summary>Of a sweep the largest; not written of a run.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? LargestLearningRate { get; init; }

    /// <summary>Steps of a run, or cells of a sweep, that are done.</summary>
    public long Done { get; init; }

    /// <summary>How many it is to do; 0 where that is not known.</summary>
    public long Total { get; init; }

    /// <summary>Mean sharpness of the last fifth; of an unfinished run the latest.</summary>
    public double Sharpness { get; init; } = double.NaN;

    /// <summary>At the last evaluation, 0 to 1.</summary>
    public double TestAccuracy { get; init; } = double.NaN;

    /// <summary>What is wrong, a sentence; null of a sound one.</summary>
    public string? Flaw { get; init; }
}
