using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Torch;

namespace Gyre.Lab.Sweeps;

/// <summary>
/// Finds cells that have begun and that a plan does not name. A sweep leaves them behind when its settings change
/// under its name.
/// </summary>
internal static class OrphanedCells
{
    private const int MostShown = 30;
    private const int MostDifferences = 6;

    /// <summary>
    /// Returns the folders of cells that have begun, under any plan, and that this plan does not name, ordered by
    /// name.
    /// </summary>
    public static IReadOnlyList<string> Find(SweepFolder folder, SweepPlan plan)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(plan);
        var named = plan.Cells.Select(cell => cell.Record.Folder).ToHashSet();
        string[] places = [.. new[] { folder.Cells, folder.Attempts }.Where(Directory.Exists)];
        var there = places.SelectMany(Directory.EnumerateDirectories).Select(path => Path.GetFileName(path)!);
        return
        [
            .. there
                .Distinct()
                .Where(name => !named.Contains(name))
                .Where(name => Begun(folder, name))
                .Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>Refuses a plan that leaves out cells of the previous plan.</summary>
    /// <exception cref="RunFolderException">The plan leaves out cells; the message gives the two
    /// remedies.</exception>
    public static void Refuse(SweepFolder folder, SweepPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var named = plan.Cells.Select(cell => cell.Record.Folder).ToHashSet();
        Refuse(folder, [.. InEarlierPlan(folder).Where(name => !named.Contains(name))], plan.Cells);
    }

    /// <summary>
    /// Refuses as far as is possible before anything is measured. A cell whose start was already measured has its
    /// name, and a cell whose start is not among the sweep's starts has no place in it.
    /// </summary>
    /// <param name="sweep">The sweep.</param>
    /// <param name="threads">Threads per cell.</param>
    /// <param name="needed">The result of <see cref="SweepPlanner.SpecsToCalibrate"/>.</param>
    /// <param name="folder">The sweep folder.</param>
    /// <exception cref="RunFolderException">The sweep leaves out cells of the previous plan.</exception>
    public static void RefuseBefore(SweepSpec sweep, int threads, IReadOnlyList<RunSpec> needed, SweepFolder folder)
    {
        ArgumentNullException.ThrowIfNull(sweep);
        ArgumentNullException.ThrowIfNull(needed);
        var calibrations = SweepReader.ReadCalibrations(folder);
        var cells = SweepPlanner.Known(sweep, threads, calibrations);
        var named = cells.Select(cell => cell.Record.Folder).ToHashSet();
        var open = needed.Select(Calibration.Id).Where(id => !calibrations.ContainsKey(id)).ToHashSet();
        bool IsKept(string name) => named.Contains(name) || (sweep.InEdgeUnits && MayBeOf(open, folder, name));
        Refuse(folder, [.. InEarlierPlan(folder).Where(name => !IsKept(name))], cells);
    }

    /// <summary>Lists the first few names, one per line.</summary>
    public static string Listed(IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        var more = names.Count > MostShown ? [$"  … and {names.Count - MostShown} more"] : Array.Empty<string>();
        return string.Join("\n", names.Take(MostShown).Select(name => $"  {PlainText.Line(name)}").Concat(more));
    }

    private static void Refuse(SweepFolder folder, string[] orphans, IReadOnlyList<PlannedCell> cells)
    {
        if (orphans.Length == 0)
            return;
        var (one, change) = (orphans.Length == 1, Change(folder, orphans[0], cells));
        var why = change.Length > 0 ? $": {change}" : "";
        throw new RunFolderException(
            $"{folder.Path} has {(one ? "a cell" : $"{orphans.Length} cells")} that these settings leave "
                + $"out{why}.\n{Listed(orphans)}\n"
                + "Give the sweep another name (--set name=...), or add --replace: the sweep then continues with "
                + "the new plan, "
                + $"and {(one ? "this folder stays where it is" : "these folders stay where they are")}."
        );
    }

    /// <summary>The cells of the folder's current plan that have begun.</summary>
    private static IEnumerable<string> InEarlierPlan(SweepFolder folder) =>
        SweepReader.PlanOf(folder)?.Cells.Select(cell => cell.Folder).Where(name => Begun(folder, name)) ?? [];

    private static bool Begun(SweepFolder folder, string name) => folder.Cell(name).Status != RunStatus.Missing;

    /// <summary>
    /// Whether a cell starts where a measurement is still to be made, so that its present name is not known yet.
    /// </summary>
    private static bool MayBeOf(HashSet<string> open, SweepFolder folder, string name) =>
        SpecOf(folder, name) is not { } spec || open.Contains(Calibration.Id(spec));

    /// <summary>
    /// Describes how the most similar cell of the new plan differs from an orphan; empty if there is no similar cell.
    /// </summary>
    private static string Change(SweepFolder folder, string orphan, IReadOnlyList<PlannedCell> cells)
    {
        if (SpecOf(folder, orphan) is not { } before)
            return "";
        var nearest = cells
            .Select(cell => SpecText.Differences(before, cell.Spec))
            .DefaultIfEmpty([])
            .MinBy(keys => keys.Count)!;
        return nearest.Count is 0 or > MostDifferences
            ? ""
            : string.Join(
                ", ",
                nearest.Select(change => $"{change.Key} = {change.One} there, {Values(change.Key, cells)} here")
            );
    }

    /// <summary>Returns the values of a key in a plan; only the first few if there are many.</summary>
    private static string Values(string key, IReadOnlyList<PlannedCell> cells)
    {
        string[] values = [.. cells.Select(cell => SpecText.ValueOf(cell.Spec, key)).Distinct()];
        var more = values.Length > MostDifferences ? $" or {values.Length - MostDifferences} others" : "";
        return string.Join(" or ", values.Take(MostDifferences)) + more;
    }

    private static RunSpec? SpecOf(SweepFolder folder, string name)
    {
        try
        {
            return SpecReader.ReadText(RunReader.Open(folder.Cell(name).Path).ReadSpecText());
        }
        catch (Exception error) when (error is SpecException or RunFolderException)
        {
            return null; // damaged: its spec is unknown
        }
    }
}
