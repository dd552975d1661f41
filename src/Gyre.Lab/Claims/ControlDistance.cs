using Gyre.Lab.RunFiles;

namespace Gyre.Lab.Claims;

/// <summary>
/// The distance of a branch from the run that had its reduced learning rate throughout, at equal training time.
/// </summary>
internal static class ControlDistance
{
    /// <summary>
    /// Returns the measures with ‖theta − theta_control‖ of each branch added. The distance is taken at the last
    /// burst of the branch for which the control has a burst within half the distance of two bursts in training time.
    /// It comes from the displacements theta − theta_0 kept by both runs: exact from whole ones, to about 1 % (one
    /// standard deviation, 1/√(2·4096)) from count sketches.
    /// </summary>
    /// <param name="cells">Finished cells with their measures.</param>
    /// <exception cref="RunFolderException">A file is damaged.</exception>
    public static IReadOnlyList<CellMeasures> Added(IReadOnlyList<(CellMeasures Measures, RunFolder Folder)> cells)
    {
        ArgumentNullException.ThrowIfNull(cells);
        return
        [
            .. cells.Select(cell =>
                With(cell, cells.FirstOrDefault(other => IsControl(other.Measures, cell.Measures)))
            ),
        ];
    }

    private static CellMeasures With(
        (CellMeasures Measures, RunFolder Folder) branch,
        (CellMeasures? Measures, RunFolder Folder) control
    ) =>
        control.Measures is null
            ? branch.Measures
            : branch.Measures with
            {
                ControlDistance = Measure(branch.Measures, branch.Folder, control.Measures, control.Folder),
            };

    private static bool IsControl(CellMeasures other, CellMeasures branch) =>
        branch.Cell.ReducedTo is { } rate
        && other.Cell.Parent is null
        && other.Cell.Seed == branch.Cell.Seed
        && ClaimData.Near(other.Cell.LearningRate, rate)
        && Others(other.Cell).SequenceEqual(Others(branch.Cell));

    private static IEnumerable<KeyValuePair<string, string>> Others(SweepCellRecord cell) =>
        cell.Values.Where(pair => pair.Key != ClaimData.RateKey).OrderBy(pair => pair.Key, StringComparer.Ordinal);

    private static double Measure(CellMeasures branch, RunFolder folder, CellMeasures control, RunFolder controlFolder)
    {
        if (branch.Bursts.Count < 2 || control.Bursts.Count == 0)
            return double.NaN;
        var reach = (branch.Bursts[^1].Time - branch.Bursts[0].Time) / (branch.Bursts.Count - 1) / 2;
        foreach (var (step, time) in branch.Bursts.Reverse())
        {
            var other = control.Bursts.MinBy(burst => Math.Abs(burst.Time - time));
            if (Math.Abs(other.Time - time) <= reach)
                return EigenvectorFile.Distance((folder, step), (controlFolder, other.Step));
        }
        return double.NaN;
    }
}
