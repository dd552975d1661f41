using Gyre.Lab.Claims;
using Gyre.Lab.Figures;
using Gyre.Lab.RunFiles;

namespace Gyre.Dashboard.Reading;

/// <summary>A cell of a sweep as it was when it was last looked at.</summary>
/// <param name="Cell">From the plan.</param>
/// <param name="Row">Its run; null while it is not begun.</param>
/// <param name="Series">What charts draw of a finished one; null of others, and of one whose summary cannot be
/// read.</param>
/// <param name="Whole">Whether its lines are read, and not its summary alone.</param>
internal sealed record SweepCellState(SweepCellRecord Cell, RunRow? Row, CellSeries? Series, bool Whole)
{
    /// <summary>Its run is not begun.</summary>
    public const string Open = "open";

    /// <summary>Outcome of a finished one; running, stopped, unreadable or open of others.</summary>
    public string Outcome => Row is { Finished: true } && Series is null ? RunRow.Unreadable : Row?.Outcome ?? Open;

    /// <summary>Whether it is finished.</summary>
    public bool Finished => Series is not null;

    /// <summary>Address of its run; null while it is not begun.</summary>
    public string? Key => Row?.Found.Key;

    /// <summary>
    /// Test accuracy in percent: at the end, or the latest; NaN where there is none, and of a run that diverged.
    /// </summary>
    public double Accuracy
    {
        get
        {
            if (Series is { } done)
                return done.Measures.Diverged ? double.NaN : 100 * done.Measures.TestAccuracy;
            return Row is { Finished: false } begun ? begun.FinalAccuracy : double.NaN;
        }
    }
}

/// <summary>
/// What is found in the finished cells of a sweep. Dear to make: tests by permutation and resampling.
/// </summary>
/// <param name="Finished">The cells it is made of.</param>
/// <param name="Summary">A paragraph.</param>
/// <param name="Verdicts">Claims, each followed by its parts.</param>
/// <param name="Signatures">Failure signatures seen, a sentence each.</param>
/// <param name="Groups">Every measure of every group.</param>
/// <param name="Correlations">With test accuracy; while they are computed those of the cells before.</param>
/// <param name="Whole">Whether the correlations are of the same cells as the rest.</param>
internal sealed record SweepFindings(
    IReadOnlyList<CellSeries> Finished,
    string Summary,
    IReadOnlyList<Verdict> Verdicts,
    IReadOnlyList<string> Signatures,
    IReadOnlyList<GroupRow> Groups,
    IReadOnlyList<CorrelationRow> Correlations,
    bool Whole
);

/// <summary>A sweep as it was when it was last looked at. It does not change.</summary>
internal sealed record SweepSnapshot
{
    /// <summary>Address of the sweep below the served folder.</summary>
    public required string Key { get; init; }

    /// <summary>Rises with every change.</summary>
    public long Version { get; init; }

    /// <summary>plan.json; null where this program cannot make sense of it.</summary>
    public SweepPlanRecord? Plan { get; init; }

    /// <summary>The cells of the plan, in its order.</summary>
    public IReadOnlyList<SweepCellState> Cells { get; init; } = [];

    /// <summary>Runs in its folder that the plan does not name.</summary>
    public IReadOnlyList<RunRow> Others { get; init; } = [];

    /// <summary>log.jsonl.</summary>
    public IReadOnlyList<SweepLogRecord> Log { get; init; } = [];

    /// <summary>sweep.toml; empty where it is gone.</summary>
    public string SpecText { get; init; } = "";

    /// <summary>What cannot be shown, and why, a sentence each.</summary>
    public IReadOnlyList<string> Flaws { get; init; } = [];

    /// <summary>
    /// What was found, of the cells that were finished then; null until it is computed for the first time.
    /// </summary>
    public SweepFindings? Findings { get; init; }

    /// <summary>Whether the lines of finished cells are still being read.</summary>
    public bool Reading => Cells.Any(cell => cell.Finished && !cell.Whole);

    /// <summary>Whether what was found is of other cells than are finished now, and is being computed.</summary>
    public bool Computing { get; init; }

    /// <summary>Whether its folder is no longer there.</summary>
    public bool Gone { get; init; }

    /// <summary>The name people gave it, or that of its folder.</summary>
    public string Name => Plan?.Name is { Length: > 0 } name ? name : Key.Split('/')[^1];

    /// <summary>Laid out for charts and tables; null without a plan.</summary>
    public SweepReportData? Data { get; init; }

    /// <summary>Cells whose last event in the log is a failure, with its last words.</summary>
    public IReadOnlyList<(SweepCellState Cell, string Detail)> Failures
    {
        get
        {
            var last = Log.Where(line => line.Cell is not null)
                .GroupBy(line => line.Cell!)
                .ToDictionary(lines => lines.Key, lines => lines.Last());
            return
            [
                .. Cells
                    .Where(cell => !cell.Finished)
                    .Select(cell => (Cell: cell, Last: last.GetValueOrDefault(cell.Cell.Folder)))
                    .Where(pair => pair.Last?.Kind == SweepLogKinds.Failed)
                    .Select(pair => (pair.Cell, pair.Last!.Detail ?? "")),
            ];
        }
    }
}
