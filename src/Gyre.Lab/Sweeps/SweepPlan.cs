using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;

namespace Gyre.Lab.Sweeps;

/// <summary>One cell: a resolved run, and its place in the sweep.</summary>
/// <param name="Record">For plan.json.</param>
/// <param name="Spec">Resolved.</param>
/// <param name="Seconds">Estimated wall time, its parent's part left out; NaN where nothing was measured.</param>
/// <param name="SecondsAlone">The same from its initialisation.</param>
internal sealed record PlannedCell(SweepCellRecord Record, RunSpec Spec, double Seconds, double SecondsAlone)
{
    /// <summary>
    /// The most memory that its calibration took, as an estimate of its own; NaN where nothing was measured.
    /// </summary>
    public double Bytes { get; init; } = double.NaN;

    /// <summary>n; 0 where nothing was measured.</summary>
    public long Parameters { get; init; }

    /// <summary>
    /// Seconds that measurements beyond the regular bursts add at most (curvature.follow_budget): how much of them is
    /// spent, the training decides.
    /// </summary>
    public double FollowSeconds { get; init; }

    /// <summary>
    /// Whether a fork has nothing to leave from: its parent is finished and kept no checkpoint there, as it is when a
    /// reduction is added to a finished sweep.
    /// The fork is then trained from its initialisation, with the same result.
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
    /// The most that is still to do where all that may be spent on follow-ups is spent; 0 for a finished cell.
    /// </summary>
    public double MostSecondsLeft(SweepFolder folder) =>
        SecondsLeft(folder) is var left && left == 0 ? 0 : left + FollowSeconds;

    /// <summary>Estimated wall time of what is still to do; 0 for a finished cell.</summary>
    public double SecondsLeft(SweepFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (folder.Cell(Record.Folder).Status == RunStatus.Finished)
            return 0;
        return Orphaned(folder) ? SecondsAlone : Seconds;
    }
}

/// <summary>A sweep, laid out: every cell a resolved run, parents before their forks.</summary>
/// <param name="Record">For plan.json.</param>
/// <param name="Cells">In the plan's order.</param>
/// <param name="DiskBytes">Estimated size of all run folders when done.</param>
internal sealed record SweepPlan(SweepPlanRecord Record, IReadOnlyList<PlannedCell> Cells, double DiskBytes)
{
    /// <summary>Estimated seconds of all cells, one after another.</summary>
    public double Seconds => Cells.Sum(cell => cell.Seconds);
}
