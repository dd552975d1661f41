using Gyre.Lab.Claims;
using Gyre.Lab.Figures;
using Gyre.Lab.RunFiles;

namespace Gyre.Lab.Reports;

/// <summary>
/// A sweep's cells and the content of their files. Each file is read and parsed once, for any number of tables and
/// figures.
/// </summary>
/// <param name="Finished">The finished cells, in the plan's order.</param>
internal sealed record SweepReading(
    SweepReader Sweep,
    IReadOnlyList<SweepCell> Cells,
    IReadOnlyList<FinishedCell> Finished
)
{
    /// <summary>The data from which claims are decided.</summary>
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

/// <summary>A finished cell and the content of its files.</summary>
/// <param name="Series">The series computed from the cell's records.</param>
internal sealed record FinishedCell(SweepCell Cell, RunFolder Folder, SummaryRecord Summary, CellSeries Series)
{
    /// <summary>Reads a cell; null if it is not finished.</summary>
    internal static FinishedCell? Read(SweepCell cell)
    {
        if (cell.Run is not { } run || run.ReadSummary() is not { } summary)
            return null;
        var series = CellSeries.FromRecords(cell.Cell, summary, run.ReadSteps(), run.ReadCurvature());
        return new FinishedCell(cell, run.Folder, summary, series);
    }
}
