using Gyre.Lab.Claims;
using Gyre.Lab.Figures;
using Gyre.Lab.RunFiles;

namespace Gyre.Dashboard.Reading;

/// <summary>The state of a cell of a sweep at its last reading.</summary>
/// <param name="Cell">The cell in the plan.</param>
/// <param name="Row">Its run; null if it has not started.</param>
/// <param name="Series">The data of its charts if it is finished and its summary can be read; otherwise null.</param>
/// <param name="Whole">Whether its lines are read, and not only its summary.</param>
internal sealed record SweepCellState(SweepCellRecord Cell, RunRow? Row, CellSeries? Series, bool Whole)
{
    /// <summary>The status of a run that has not started.</summary>
    public const string Open = "open";

    /// <summary>The outcome of a finished cell; otherwise running, stopped, unreadable or open.</summary>
    public string Outcome => Row is { Finished: true } && Series is null ? RunRow.Unreadable : Row?.Outcome ?? Open;

    /// <summary>Whether it is finished.</summary>
    public bool Finished => Series is not null;

    /// <summary>Address of its run; null if it has not started.</summary>
    public string? Key => Row?.Found.Key;

    /// <summary>
    /// Test accuracy in percent, final or latest; NaN if there is none, and for a run that diverged.
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
/// The findings in the finished cells of a sweep. Expensive: tests by permutation and resampling.
/// </summary>
/// <param name="Finished">The cells that they are based on.</param>
/// <param name="Summary">A paragraph.</param>
/// <param name="Verdicts">Claims, each followed by its parts.</param>
/// <param name="Signatures">The failure signatures, one sentence each.</param>
/// <param name="Groups">Every measure of every group.</param>
/// <param name="Correlations">Correlations with test accuracy; those of the previous cells while they are computed.
/// </param>
/// <param name="Whole">Whether the correlations are based on the same cells as the rest.</param>
internal sealed record SweepFindings(
    IReadOnlyList<CellSeries> Finished,
    string Summary,
    IReadOnlyList<Verdict> Verdicts,
    IReadOnlyList<string> Signatures,
    IReadOnlyList<GroupRow> Groups,
    IReadOnlyList<CorrelationRow> Correlations,
    bool Whole
);

/// <summary>The state of a sweep at its last reading. Immutable.</summary>
internal sealed record SweepSnapshot
{
    /// <summary>Address of the sweep below the served folder.</summary>
    public required string Key { get; init; }

    /// <summary>Increases with every change.</summary>
    public long Version { get; init; }

    /// <summary>plan.json; null if this program cannot read it.</summary>
    public SweepPlanRecord? Plan { get; init; }

    /// <summary>The cells of the plan, in its order.</summary>
    public IReadOnlyList<SweepCellState> Cells { get; init; } = [];

    /// <summary>Runs in its folder that are not in the plan.</summary>
    public IReadOnlyList<RunRow> Others { get; init; } = [];

    /// <summary>log.jsonl.</summary>
    public IReadOnlyList<SweepLogRecord> Log { get; init; } = [];

    /// <summary>sweep.toml; empty if it no longer exists.</summary>
    public string SpecText { get; init; } = "";

    /// <summary>Sentences on the parts that cannot be shown, with reasons.</summary>
    public IReadOnlyList<string> Flaws { get; init; } = [];

    /// <summary>
    /// The findings, for the cells that were finished at the time; null until they are computed for the first time.
    /// </summary>
    public SweepFindings? Findings { get; init; }

    /// <summary>Whether the lines of finished cells are still being read.</summary>
    public bool Reading => Cells.Any(cell => cell.Finished && !cell.Whole);

    /// <summary>Whether the findings are outdated and being computed again.</summary>
    public bool Computing { get; init; }

    /// <summary>Whether its folder no longer exists.</summary>
    public bool Gone { get; init; }

    /// <summary>Its name in the spec, or that of its folder.</summary>
    public string Name => Plan?.Name is { Length: > 0 } name ? name : Key.Split('/')[^1];

    /// <summary>The cells as charts and tables need them; null without a plan.</summary>
    public SweepReportData? Data { get; init; }

    /// <summary>Cells whose last event in the log is a failure, with its message.</summary>
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
