using Gyre.App.Terminal;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Lab.Sweeps;
using Gyre.Torch;
using Spectre.Console;

namespace Gyre.App.Sweeps;

/// <summary>
/// Handles cells of an earlier plan when a sweep of the same name is started again: if the new plan leaves cells out,
/// it is refused, or those cells are listed.
/// </summary>
internal static class PlanChange
{
    /// <summary>Checks what is known before anything is measured, unless the plan may be replaced.</summary>
    /// <exception cref="RunFolderException">The new plan leaves out cells of the previous one.</exception>
    public static void CheckBefore(
        CellsSettings settings,
        SweepSpec sweep,
        int threads,
        IReadOnlyList<RunSpec> needed,
        SweepFolder folder
    )
    {
        if (!settings.Replace)
            OrphanedCells.RefuseBefore(sweep, threads, needed, folder);
    }

    /// <summary>
    /// Checks the whole plan in the same way; if the plan may be replaced, lists the folders it leaves behind.
    /// </summary>
    /// <exception cref="RunFolderException">The new plan leaves out cells of the previous one.</exception>
    public static void Check(IAnsiConsole console, CellsSettings settings, SweepFolder folder, SweepPlan plan)
    {
        if (!settings.Replace)
            OrphanedCells.Refuse(folder, plan);
        else if (OrphanedCells.Find(folder, plan) is { Count: > 0 } orphans)
            Tell(console, folder, orphans);
    }

    private static void Tell(IAnsiConsole console, SweepFolder folder, IReadOnlyList<string> orphans)
    {
        ConsoleLine.Write(
            console,
            $"{Counted.Format(orphans.Count, "cell")} of earlier plans, kept in {folder.Cells}:"
        );
        foreach (var line in OrphanedCells.Listed(orphans).Split('\n'))
            ConsoleLine.Write(console, line);
    }
}
