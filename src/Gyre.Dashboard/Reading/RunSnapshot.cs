using System.Numerics.Tensors;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;

namespace Gyre.Dashboard.Reading;

/// <summary>The state of a run at its last reading. Immutable.</summary>
internal sealed record RunSnapshot
{
    private const int LatestSteps = 300;

    /// <summary>Address of the run below the served folder.</summary>
    public required string Key { get; init; }

    /// <summary>Increases with every change.</summary>
    public long Version { get; init; }

    /// <summary>The text of spec.toml; empty if it cannot be read.</summary>
    public string SpecText { get; init; } = "";

    /// <summary>The spec; null if this program cannot read it.</summary>
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

    /// <summary>Sentences on the parts that cannot be shown, with reasons.</summary>
    public IReadOnlyList<string> Flaws { get; init; } = [];

    /// <summary>Time of the last change of its files, UTC.</summary>
    public DateTime Changed { get; init; }

    /// <summary>Whether its folder no longer exists.</summary>
    public bool Gone { get; init; }

    /// <summary>Its name in the spec, or that of its folder.</summary>
    public string Name => Spec?.Name is { Length: > 0 } name ? name : Key.Split('/')[^1];

    /// <summary>The last step written, or −1 if there is none.</summary>
    public long LastStep => Steps.Count == 0 ? -1 : (long)Steps.Steps[^1];

    /// <summary>Wall-clock time per step, averaged over recent steps; NaN if it is unknown.</summary>
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

    /// <summary>All instabilities, from the summary or from the events so far.</summary>
    public IReadOnlyList<InstabilityRecord> Cycles => Summary?.Cycles ?? InstabilityRecord.FromEvents(Events);
}
