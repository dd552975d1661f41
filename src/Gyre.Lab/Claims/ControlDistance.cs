using Gyre.Lab.Runs;

namespace Gyre.Lab.Claims;

/// <summary>How far a branch has come from the run that had its reduced rate throughout, at equal training
/// time.</summary>
public static class ControlDistance
{
    /// <summary>
    /// The measures with ‖theta − theta_control‖ of each branch, at the last of its bursts that has one of the control
    /// no farther in training time than half the distance of two bursts. From the displacements theta − theta_0 that
    /// both kept: whole ones exactly, of count sketches to about 1 % (one standard deviation, 1/√(2·4096)).
    /// </summary>
    /// <param name="cells">Finished cells with their measures.</param>
    /// <exception cref="RunFolderException">A file is damaged.</exception>
    public static IReadOnlyList<CellMeasures> Added(IReadOnlyList<(CellMeasures Measures, RunFolder Folder)> cells)
    {
        ArgumentNullException.ThrowIfNull(cells);
        return [.. cells.Select(cell => cells.FirstOrDefault(other => IsControl(other.Measures, cell.Measures)) is { Measures: not null } control
            ? cell.Measures with { ControlDistance = Of(cell.Measures, cell.Folder, control.Measures, control.Folder) }
            : cell.Measures)];
    }

    private static bool IsControl(CellMeasures other, CellMeasures branch) =>
        branch.Cell.ReducedTo is { } rate && other.Cell.Parent is null && other.Cell.Seed == branch.Cell.Seed
        && ClaimData.Near(other.Cell.LearningRate, rate) && Others(other.Cell).SequenceEqual(Others(branch.Cell));

    private static IEnumerable<KeyValuePair<string, string>> Others(SweepCellRecord cell) =>
        cell.Values.Where(pair => pair.Key != "training.learning_rate").OrderBy(pair => pair.Key, StringComparer.Ordinal);

    private static double Of(CellMeasures branch, RunFolder folder, CellMeasures control, RunFolder controlFolder)
    {
        if (branch.Bursts.Count < 2 || control.Bursts.Count == 0)
            return double.NaN;
        var reach = (branch.Bursts[^1].Time - branch.Bursts[0].Time) / (branch.Bursts.Count - 1) / 2;
        var pairs = branch.Bursts.Select(burst => (burst, Other: control.Bursts.MinBy(other => Math.Abs(other.Time - burst.Time)))).Where(pair => Math.Abs(pair.Other.Time - pair.burst.Time) <= reach).ToArray();
        return pairs.Length == 0 ? double.NaN : EigenvectorFile.Distance((folder, pairs[^1].burst.Step), (controlFolder, pairs[^1].Other.Step));
    }
}
