using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;

namespace Gyre.Lab.Sweeps;

/// <summary>
/// Compares the needs of a plan's cells with the available resources before the first cell begins. Cells that were
/// not measured at theta_0 check this themselves.
/// </summary>
internal static class SweepNeeds
{
    private const double Program = 5e8; // the program's own part of a peak, which may already be in memory
    private const double Margin = 0.9;

    /// <summary>Refuses a plan that cannot be carried out here.</summary>
    /// <param name="plan">The plan of the sweep.</param>
    /// <param name="folder">The sweep folder.</param>
    /// <param name="memory">Bytes free per cell; infinite if cells run elsewhere.</param>
    /// <exception cref="SpecException">The memory for one cell, or the disk space for all, is insufficient; the
    /// message gives the key and a value that fits.</exception>
    public static void Require(SweepPlan plan, SweepFolder folder, double memory)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var open = Open(plan, folder);
        var written = open.Sum(cell => RunNeeds.Written(folder.Cell(cell.Record.Folder).Path));
        if (Mistakes(open, memory, RunNeeds.FreeDisk(folder.Path) + written, folder.Path) is { Count: > 0 } mistakes)
            throw new SpecException(mistakes);
    }

    /// <summary>Returns the cells that are not done.</summary>
    internal static IReadOnlyList<PlannedCell> Open(SweepPlan plan, SweepFolder folder) =>
        [.. plan.Cells.Where(cell => folder.Result(cell.Record.Folder).Status != RunStatus.Finished)];

    /// <summary>Returns a mistake for each resource that is insufficient. Pure.</summary>
    /// <param name="open">Cells that are not done.</param>
    /// <param name="memory">Bytes free for one of them.</param>
    /// <param name="disk">Bytes free for all of them, including what they have already written.</param>
    /// <param name="place">The folder in which they are written.</param>
    internal static IReadOnlyList<SpecMistake> Mistakes(
        IReadOnlyList<PlannedCell> open,
        double memory,
        double disk,
        string place
    )
    {
        DiskNeed[] runs =
        [
            .. open.Where(cell => cell.Parameters > 0).Select(cell => new DiskNeed(cell.Spec, cell.Parameters)),
        ];
        var largest = open.Where(cell => cell.Bytes - Program > memory).MaxBy(cell => cell.Bytes);
        var large = largest is null ? null : TooLarge(largest, memory);
        var full = runs.Length == 0 ? null : DiskNeed.Refusal(runs, disk, place);
        return [.. new[] { large, full }.OfType<SpecMistake>()];
    }

    private static SpecMistake TooLarge(PlannedCell cell, double memory)
    {
        var need = new MemoryNeed(cell.Spec, cell.Parameters, cell.Spec.Data.Samples, double.NaN);
        var (key, basis) = (MemoryNeed.KeyOf(MemoryPart.Basis), cell.Spec.Curvature.Basis);
        var fitting = basis - Math.Ceiling((cell.Bytes - Margin * memory) / (2 * need.Vector));
        var way =
            fitting >= need.LeastBasis
                ? FormattableString.Invariant($"its {need.Described(MemoryPart.Basis)}; {key} = {fitting} fits")
                : $"no {key} makes it fit: lower objective.cache_mb or objective.chunk, use a smaller network, "
                    + "or a machine with more memory";
        return new SpecMistake(
            key,
            $"a cell needs {ByteSize.Format(cell.Bytes)}, as its measurement at initialization did, but "
                + $"{ByteSize.Format(memory)} of memory are free; {way}"
        );
    }
}
