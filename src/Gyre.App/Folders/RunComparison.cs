using System.Globalization;
using Gyre.App.Terminal;
using Gyre.Lab.Reports;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Lab.Statistics;
using Spectre.Console;
using Table = Spectre.Console.Table;
using TableRow = Gyre.Lab.Reports.TableRow;

namespace Gyre.App.Folders;

/// <summary>A run to compare with others.</summary>
/// <param name="Folder">The run folder.</param>
/// <param name="Spec">The resolved spec.</param>
/// <param name="Glance">The results so far.</param>
internal sealed record ComparedRun(RunFolder Folder, RunSpec Spec, RunGlance Glance)
{
    /// <summary>Reads the spec, and the summary or the ends of files.</summary>
    /// <exception cref="RunFolderException">The path is not a run folder, or cannot be read.</exception>
    /// <exception cref="SpecException">The run's spec is invalid.</exception>
    public static ComparedRun Open(string path)
    {
        if (new SweepFolder(path) is { Exists: true } sweep)
            throw new RunFolderException(
                $"{path} is a sweep, not a run. Its cells are run folders, in {sweep.Cells}; gyre report "
                    + $"{path} compares its groups."
            );
        var run = RunReader.Open(path);
        return new ComparedRun(
            run.Folder,
            SpecReader.ReadText(run.ReadSpecText(), run.Folder.Spec),
            RunGlance.Read(run.Folder)
        );
    }
}

/// <summary>
/// Compares runs side by side: the keys that differ, and the numbers of their summaries with error bars. Pure.
/// </summary>
internal static class RunComparison
{
    private const string Unknown = "—";
    private const int FirstColumn = 22;
    private const int LeastColumn = 18;

    /// <summary>A row that needs a run's timings, which are not read.</summary>
    private const string Time = "time";

    /// <summary>
    /// Returns one table, or several if the runs do not fit next to each other; the first column names each row.
    /// </summary>
    /// <param name="runs">Two or more runs.</param>
    /// <param name="width">The width of the terminal in columns.</param>
    public static IEnumerable<Table> Tables(IReadOnlyList<ComparedRun> runs, int width)
    {
        var differing = SpecComparison.Compare([.. runs.Select(run => run.Spec)]);
        var numbers = runs.Select(Numbers).ToArray();
        var names = numbers.SelectMany(rows => rows.Select(row => row.Name)).Distinct().ToArray();
        return Enumerable
            .Range(0, runs.Count)
            .Chunk(Math.Max(2, (width - FirstColumn) / LeastColumn))
            .Select(chosen => CreateTable(chosen));

        Table CreateTable(int[] chosen)
        {
            var table = SummaryTable.Empty().AddColumn(new TableColumn("").NoWrap());
            foreach (var run in chosen)
                table.AddColumn(new TableColumn(TableText.Escape(runs[run].Folder.Path)));
            foreach (var (key, values) in differing)
                table.AddRow([TableText.Escape(key), .. chosen.Select(run => TableText.Escape(values[run]))]);
            if (differing.Count == 0)
                table.AddRow("no key differs");
            table.AddEmptyRow();
            foreach (var name in names)
                table.AddRow([
                    $"[bold]{TableText.Escape(name)}[/]",
                    .. chosen.Select(run => TableText.Escape(Value(numbers[run], name))),
                ]);
            return table;
        }
    }

    private static string Planned(RunGlance glance) =>
        glance.Planned < MeasuredSpec.Unbounded ? FormattableString.Invariant($" of {glance.Planned}") : "";

    private static string Value(IReadOnlyList<TableRow> rows, string name) =>
        rows.FirstOrDefault(row => row.Name == name)?.Value ?? Unknown;

    /// <summary>Returns the rows of the table that ends a run; for an unfinished run, its progress.</summary>
    private static IReadOnlyList<TableRow> Numbers(ComparedRun run)
    {
        if (run.Glance.Summary is { } summary)
            return [.. RunTable.Rows(summary, null, run.Spec.Curvature.Pairs, []).Where(row => row.Name != Time)];
        var state = RunLock.IsHeld(run.Folder) ? "running" : "unfinished";
        return
        [
            new(
                "outcome",
                string.Create(CultureInfo.InvariantCulture, $"{state}, step {run.Glance.Steps}{Planned(run.Glance)}"),
                ""
            ),
            new("sharpness", $"now {NumberText.Format(run.Glance.Sharpness, 4)}", ""),
            new("accuracy", $"test {Percent.Format(run.Glance.TestAccuracy)}", ""),
        ];
    }
}
