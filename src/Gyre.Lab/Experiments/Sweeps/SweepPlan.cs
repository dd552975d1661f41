using Gyre.Lab.Runs;

namespace Gyre.Lab.Experiments.Sweeps;

/// <summary>One cell: a resolved run, and its place in the sweep.</summary>
/// <param name="Record">For plan.json.</param>
/// <param name="Spec">Resolved.</param>
/// <param name="Seconds">Estimated wall time, its parent's part left out; NaN where nothing was measured.</param>
public sealed record PlannedCell(SweepCellRecord Record, RunSpec Spec, double Seconds);

/// <summary>A sweep, laid out: every cell a resolved run, parents before their forks.</summary>
/// <param name="Record">For plan.json.</param>
/// <param name="Cells">In the plan's order.</param>
/// <param name="DiskBytes">Estimated size of all run folders when done.</param>
public sealed record SweepPlan(SweepPlanRecord Record, IReadOnlyList<PlannedCell> Cells, double DiskBytes)
{
    /// <summary>Estimated seconds of all cells, one after another.</summary>
    public double Seconds => Cells.Sum(cell => cell.Seconds);
}
