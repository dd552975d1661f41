using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;

namespace Gyre.Lab.Sweeps;

/// <summary>One cell: a resolved run and its place in the sweep.</summary>
/// <param name="Record">The cell's entry in plan.json.</param>
/// <param name="Spec">The resolved spec.</param>
/// <param name="Seconds">The estimated wall time without its parent's part; NaN if nothing was measured.</param>
/// <param name="SecondsAlone">The estimated wall time from the cell's own initialization.</param>
internal sealed record PlannedCell(SweepCellRecord Record, RunSpec Spec, double Seconds, double SecondsAlone)
{
    /// <summary>The peak memory of its calibration, as an estimate of its own; NaN if nothing was measured.</summary>
    public double Bytes { get; init; } = double.NaN;

    /// <summary>The number of parameters n; 0 if nothing was measured.</summary>
    public long Parameters { get; init; }

    /// <summary>
    /// The most seconds that measurements beyond the regular bursts can add (curvature.follow_budget); the training
    /// determines how much of them is spent.
    /// </summary>
    public double FollowSeconds { get; init; }

    /// <summary>
    /// Returns whether a fork has no checkpoint to start from: its parent is finished and kept none there, and it has
    /// none of its own. This happens when a reduction is added to a finished sweep. The fork is then trained from its
    /// initialization, with the same result.
    /// </summary>
    public bool Orphaned(SweepFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (
            Record is not { Parent: { } parent, ForkStep: { } step }
            || folder.Cell(parent).Status != RunStatus.Finished
        )
            return false;
        return !Checkpoints.Steps(folder.Cell(parent)).Contains(step)
            && Checkpoints.Steps(folder.Cell(Record.Folder)).Count == 0;
    }

    /// <summary>
    /// Returns the most seconds of work left if the whole budget for follow-ups is spent; 0 for a finished cell.
    /// </summary>
    public double MostSecondsLeft(SweepFolder folder) =>
        SecondsLeft(folder) is var left && left == 0 ? 0 : left + FollowSeconds;

    /// <summary>Returns the estimated wall time of the work left; 0 for a finished cell.</summary>
    public double SecondsLeft(SweepFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (folder.Cell(Record.Folder).Status == RunStatus.Finished)
            return 0;
        return Orphaned(folder) ? SecondsAlone : Seconds;
    }
}

/// <summary>A sweep laid out as cells: every cell is a resolved run, and parents come before their forks.</summary>
/// <param name="Record">The contents of plan.json.</param>
/// <param name="Cells">The cells, in the plan's order.</param>
/// <param name="DiskBytes">The estimated size of all finished run folders.</param>
internal sealed record SweepPlan(SweepPlanRecord Record, IReadOnlyList<PlannedCell> Cells, double DiskBytes)
{
    /// <summary>The estimated seconds of all cells, run one after another.</summary>
    public double Seconds => Cells.Sum(cell => cell.Seconds);
}
