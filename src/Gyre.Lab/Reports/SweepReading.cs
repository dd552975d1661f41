using Gyre.Lab.Claims;
using Gyre.Lab.Figures;
using Gyre.Lab.RunFiles;

namespace Gyre.Lab.Reports;

/// <summary>
/// The cells of a sweep with what their files say. A cell's files are read and parsed once, however many tables and
/// figures are made of them.
/// </summary>
/// <param name="Sweep">The folder.</param>
/// <param name="Cells">Every cell of the plan.</param>
/// <param name="Finished">The finished cells, in the plan's order.</param>
internal sealed record SweepReading(
    SweepReader Sweep,
    IReadOnlyList<SweepCell> Cells,
    IReadOnlyList<FinishedCell> Finished
)
{
    /// <summary>What claims are decided from.</summary>
    public ClaimData Claims => field ??= new([.. Finished.Select(cell => cell.Series.Measures)], Sweep.Plan.Axes);

    /// <summary>Reads every finished cell.</summary>
    /// <exception cref="RunFolderException">A file cannot be read.</exception>
    public static SweepReading Read(SweepReader sweep)
    {
        ArgumentNullException.ThrowIfNull(sweep);
        var cells = sweep.ReadCells();
        return new SweepReading(sweep, cells, [.. cells.Select(FinishedCell.Read).OfType<FinishedCell>()]);
    }
}

/// <summary>A finished cell with what its files say.</summary>
/// <param name="Cell">From the plan.</param>
/// <param name="Folder">Its run folder.</param>
/// <param name="Summary">summary.json.</param>
/// <param name="Series">From its records.</param>
internal sealed record FinishedCell(SweepCell Cell, RunFolder Folder, SummaryRecord Summary, CellSeries Series)
{
    /// <summary>Reads a cell; null where it is not finished.</summary>
    internal static FinishedCell? Read(SweepCell cell)
    {
        if (cell.Run is not { } run || run.ReadSummary() is not { } summary)
            return null;
        var series = CellSeries.FromRecords(cell.Cell, summary, run.ReadSteps(), run.ReadCurvature());
        return new FinishedCell(cell, run.Folder, summary, series);
    }
}
