using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;

namespace Gyre.Lab.Sweeps;

/// <summary>
/// How many libtorch threads the cells of a sweep have: part of every cell's identity, so a sweep keeps what its first
/// plan decided.
/// </summary>
internal static class SweepThreads
{
    /// <summary>
    /// What is decided already: by the plan, or, where that is damaged, by any cell; null for a new sweep.
    /// </summary>
    /// <exception cref="RunFolderException">The plan is of a newer format.</exception>
    public static int? Decided(SweepFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (SweepReader.PlanOf(folder) is { Threads: > 0 } plan)
            return plan.Threads;
        var cells =
            folder.Exists && Directory.Exists(folder.Cells)
                ? Directory.EnumerateDirectories(folder.Cells).Select(path => new RunFolder(path))
                : [];
        foreach (var cell in cells.Where(cell => cell.Status != RunStatus.Missing))
        {
            try
            {
                return SpecReader.ReadText(RunReader.Open(cell.Path).ReadSpecText()).Threads;
            }
            catch (SpecException)
            {
                // Damaged too.
            }
        }
        return null;
    }
}
