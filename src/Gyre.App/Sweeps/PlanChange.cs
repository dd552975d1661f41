using Gyre.App.Terminal;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Lab.Sweeps;
using Gyre.Torch;
using Spectre.Console;

namespace Gyre.App.Sweeps;

/// <summary>What becomes of the cells of an earlier plan when a sweep is started again under its name: left out, they
/// are a reason to refuse, or to list.</summary>
internal static class PlanChange
{
    /// <summary>Refuses what is known before anything is measured, unless the plan may be replaced.</summary>
    /// <exception cref="RunFolderException">Cells of the plan before have no place in this one.</exception>
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

    /// <summary>Refuses the whole plan so, or says which folders it leaves behind.</summary>
    /// <exception cref="RunFolderException">Cells of the plan before have no place in this one.</exception>
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
            $"{Counted.Format(orphans.Count, "cell")} of earlier plans, left in {folder.Cells}:"
        );
        foreach (var line in OrphanedCells.Listed(orphans).Split('\n'))
            ConsoleLine.Write(console, line);
    }
}
