using System.Numerics.Tensors;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;

namespace Gyre.Dashboard.Reading;

/// <summary>A run as it was when it was last looked at. It does not change.</summary>
internal sealed record RunSnapshot
{
    private const int LatestSteps = 300;

    /// <summary>Address of the run below the served folder.</summary>
    public required string Key { get; init; }

    /// <summary>Rises with every change.</summary>
    public long Version { get; init; }

    /// <summary>spec.toml as it is; empty where it cannot be read.</summary>
    public string SpecText { get; init; } = "";

    /// <summary>The spec; null where this program cannot make sense of it.</summary>
    public RunSpec? Spec { get; init; }

    /// <summary>environment.json.</summary>
    public EnvironmentRecord? Environment { get; init; }

    /// <summary>summary.json; null while the run is unfinished.</summary>
    public SummaryRecord? Summary { get; init; }

    /// <summary>steps.jsonl, with training time.</summary>
    public NumberTable Steps { get; init; } = NumberTable.Empty;

    /// <summary>curvature.jsonl.</summary>
    public NumberTable Curvature { get; init; } = NumberTable.Empty;

    /// <summary>timings.jsonl.</summary>
    public NumberTable Timings { get; init; } = NumberTable.Empty;

    /// <summary>events.jsonl.</summary>
    public IReadOnlyList<EventRecord> Events { get; init; } = [];

    /// <summary>sessions.jsonl.</summary>
    public IReadOnlyList<SessionRecord> Sessions { get; init; } = [];

    /// <summary>What cannot be shown, and why, a sentence each.</summary>
    public IReadOnlyList<string> Flaws { get; init; } = [];

    /// <summary>When its files last changed, UTC.</summary>
    public DateTime Changed { get; init; }

    /// <summary>Whether its folder is no longer there.</summary>
    public bool Gone { get; init; }

    /// <summary>The name people gave it, or that of its folder.</summary>
    public string Name => Spec?.Name is { Length: > 0 } name ? name : Key.Split('/')[^1];

    /// <summary>The last step that is written; −1 of none.</summary>
    public long LastStep => Steps.Count == 0 ? -1 : (long)Steps.Steps[^1];

    /// <summary>Wall time of a step, a mean over the latest hundreds; NaN where it is not known.</summary>
    public double SecondsPerStep
    {
        get
        {
            var totals = Timings["total"].Span;
            return totals.IsEmpty
                ? double.NaN
                : TensorPrimitives.Average(totals[^Math.Min(totals.Length, LatestSteps)..]);
        }
    }

    /// <summary>Every instability: of the summary, or of what has happened so far.</summary>
    public IReadOnlyList<InstabilityRecord> Cycles => Summary?.Cycles ?? InstabilityRecord.FromEvents(Events);
}
