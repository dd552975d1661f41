using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;

namespace Gyre.Lab.Sweeps;

/// <summary>
/// The number of libtorch threads per cell. It is part of every cell's identity, so a sweep keeps the number that its
/// first plan decided.
/// </summary>
internal static class SweepThreads
{
    /// <summary>
    /// Returns the number that was decided earlier, from the plan or, if the plan is damaged, from any cell; null for
    /// a new sweep.
    /// </summary>
    /// <exception cref="RunFolderException">The plan has a newer format.</exception>
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
                // This cell is damaged too.
            }
        }
        return null;
    }
}
