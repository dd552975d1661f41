using System.Globalization;
using Gyre.App.Terminal;
using Gyre.Lab.Quantities;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Statistics;
using Gyre.Lab.Sweeps;
using Gyre.Torch;
using Spectre.Console;

namespace Gyre.App.Sweeps;

/// <summary>Formats a plan as a table, and its cost as a sentence. Pure.</summary>
internal static class PlanTable
{
    private const int MostRows = 40;

    /// <summary>Returns a table with one row per group.</summary>
    public static Table Create(SweepPlan plan, SweepFolder folder)
    {
        var table = SummaryTable.Empty().AddColumn("group").AddColumns("eta", "steps", "seeds", "s each", "done");
        foreach (var number in (int[])[1, 2, 3, 4, 5])
            table.Columns[number].RightAligned().NoWrap();
        var groups = plan.Cells.GroupBy(cell => cell.Record.Group).ToArray();
        foreach (var group in groups.Take(MostRows))
        {
            var done = group.Count(cell => folder.Cell(cell.Record.Folder).Status == RunStatus.Finished);
            table.AddRow(
                TableText.Escape(group.Key),
                NumberText.Range(group.Select(cell => cell.Record.LearningRate)),
                Steps([.. group]),
                Whole(group.Count()),
                Each(group, folder),
                Whole(done)
            );
        }
        if (groups.Length > MostRows)
            table.AddRow($"and {groups.Length - MostRows} more");
        return table;
    }

    /// <summary>Returns a sentence on cells, time, memory and disk space.</summary>
    public static string Cost(SweepPlan plan, SweepFolder folder, int jobs, SweepMemory memory)
    {
        var open = plan.Cells.Where(cell => folder.Cell(cell.Record.Folder).Status != RunStatus.Finished).ToArray();
        var longest = open.Length == 0 ? 0 : open.Max(cell => cell.SecondsLeft(folder));
        var sizes = open.Select(cell => cell.Bytes).Where(double.IsFinite).ToArray();
        var atOnce = sizes.Length == 0 ? jobs : memory.AtOnce(sizes.Max(), jobs);
        var seconds = Math.Max(longest, open.Sum(cell => cell.SecondsLeft(folder)) / atOnce);
        var most = Math.Max(
            open.Length == 0 ? 0 : open.Max(cell => cell.MostSecondsLeft(folder)),
            open.Sum(cell => cell.MostSecondsLeft(folder)) / atOnce
        );
        var following = most > seconds ? $", or {DurationText.Format(most)} with every follow-up," : "";
        var wanting = atOnce < jobs ? Wanting(sizes.Max(), memory) : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{plan.Cells.Count} {Counted.Noun(plan.Cells.Count, "cell")}, "
                + $"{plan.Cells.Count - open.Length} done; at the measured speed about {DurationText.Format(seconds)}{following} with "
                + $"{atOnce} at a time{wanting}{Each(sizes)}; "
                + $"{ByteSize.Format(plan.DiskBytes)} in {folder.Path}"
        );
    }

    /// <summary>Returns the number of steps that a cell makes itself, or its upper bound.</summary>
    private static string Steps(PlannedCell[] group)
    {
        var steps = NumberText.Range(
            group.Select(cell => (double)(cell.Spec.Training.Steps - (cell.Record.ForkStep ?? 0)))
        );
        return Array.Exists(group, cell => cell.Spec.Training.Until.Any) ? $"≤ {steps}" : steps;
    }

    /// <summary>
    /// Returns a sentence with the number of cells that a condition may end early; null if there are none.
    /// </summary>
    public static string? MayEndBefore(SweepPlan plan, SweepFolder folder)
    {
        var open = plan.Cells.Where(cell => folder.Cell(cell.Record.Folder).Status != RunStatus.Finished);
        return open.Count(cell => cell.Spec.Training.Until.Any) is var count and > 0
            ? $"{Counted.Format(count, "cell")} may end earlier by training.until: steps and time are upper limits"
            : null;
    }

    /// <summary>Returns a sentence on the claims that the finished sweep cannot decide; null if there are none.</summary>
    public static string? Undecidable(SweepPlan plan)
    {
        if (plan.Cells.All(cell => cell.Record.Seedless))
            return null;
        if (plan.Cells.DistinctBy(cell => cell.Record.Seed).Count() < 2)
            return "no claim can be decided with one seed; for three, add --set sweep.seeds=3";
        return plan.Cells.Any(cell => cell.Spec.Curvature.Resolve) || plan.Record.Axes is not [SweepSpec.RateKey]
            ? null
            : "C1a and C1b (rotation above and below the threshold) cannot be decided without a re-solve baseline; "
                + "add --set curvature.resolve=true";
    }

    /// <summary>Returns the seconds per cell, with the maximum including follow-ups.</summary>
    private static string Each(IEnumerable<PlannedCell> group, SweepFolder folder)
    {
        var seconds = group.Average(cell => cell.Orphaned(folder) ? cell.SecondsAlone : cell.Seconds);
        var most = seconds + group.Average(cell => cell.FollowSeconds);
        return Seconds(seconds) is var about && Seconds(most) is var bound && about == bound
            ? about
            : $"{about} to {bound}";
    }

    private static string Wanting(double largest, SweepMemory memory) =>
        memory.Holds(largest) ? ", limited by memory" : ", although one alone needs more memory than is available";

    /// <summary>Returns the memory of a cell, or of the smallest and the largest.</summary>
    private static string Each(double[] sizes)
    {
        if (sizes.Length == 0)
            return "";
        var (least, most) = (Gigabytes(sizes.Min()), Gigabytes(sizes.Max()));
        return least == most ? $", about {most} GB each" : $", about {least} to {most} GB each";
    }

    private static string Gigabytes(double bytes) => (bytes / 1e9).ToString("0.0", CultureInfo.InvariantCulture);

    /// <summary>
    /// Returns a sentence on cells in which the seed changes nothing; null if it matters in all of them.
    /// </summary>
    public static string? Seedless(SweepPlan plan, int seeds)
    {
        var count = plan.Cells.Count(cell => cell.Record.Seedless);
        if (seeds <= 1 || count == 0)
            return null;
        var cells = count == plan.Cells.Count ? "any cell" : $"{count} of {plan.Cells.Count} cells";
        return $"the seed makes no difference for {cells}: start, samples and order are the same for every seed. "
            + $"Each such setting runs once instead of {seeds} times, without an error bar over seeds";
    }

    /// <summary>
    /// Returns a sentence on the forks that must be trained from their initialization; null if there are none.
    /// </summary>
    public static string? Orphans(SweepPlan plan, SweepFolder folder)
    {
        var open = plan.Cells.Where(cell => folder.Cell(cell.Record.Folder).Status != RunStatus.Finished);
        var count = open.Count(cell => cell.Orphaned(folder));
        return count == 0
            ? null
            : $"{count} {Counted.Noun(count, "reduction begins", "reductions begin")} at the initialization: the "
                + "parents are finished and kept no checkpoint there; the results are the same";
    }

    private static string Seconds(double value)
    {
        var format = value < 10 ? "0.0" : "0";
        return double.IsFinite(value) ? value.ToString(format, CultureInfo.InvariantCulture) : "—";
    }

    private static string Whole(int value) => value.ToString(CultureInfo.InvariantCulture);
}
