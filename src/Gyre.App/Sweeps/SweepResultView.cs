using Gyre.App.Terminal;
using Gyre.Lab.Claims;
using Gyre.Lab.Reports;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Statistics;
using Spectre.Console;

namespace Gyre.App.Sweeps;

/// <summary>Shows the result of a sweep to the user.</summary>
internal static class SweepResultView
{
    /// <summary>
    /// Prints the tables of groups and verdicts and the failure signatures found, writes the report, and prints where
    /// everything is.
    /// </summary>
    public static int Show(IAnsiConsole console, SweepReading reading)
    {
        var cells = reading.Cells;
        var data = reading.Claims;
        var verdicts = ClaimCatalog.Decide(data);
        console.Write(Groups(data));
        console.Write(Verdicts(verdicts));
        foreach (var signature in Signatures.Create(data, verdicts))
            ConsoleLine.Write(console, $"observed  {signature}");
        var open = cells.Count(cell => cell.Status != RunStatus.Finished);
        var unfinished = open == 0 ? "" : $" ({open} of {cells.Count} cells are not finished)";
        ConsoleLine.Write(console, $"sweep folder  {reading.Sweep.Folder.Path}{unfinished}");
        // The tables come first, so that they can be read even if the folder is not writable.
        ConsoleLine.Write(console, $"report        {SweepReport.Save(reading)[0]} (its figures are next to it)");
        return Exit.Done;
    }

    /// <summary>Returns the groups of a sweep, one row each.</summary>
    public static Table Groups(SweepReading reading) => Groups(reading.Claims);

    private static Table Groups(ClaimData data)
    {
        var table = SummaryTable.Empty().AddColumns("group", "outcome", "test, %", "final S", "flip", "drift");
        table.Columns[1].NoWrap();
        foreach (var group in data.Groups.Concat(data.Forks))
        {
            table.AddRow(
                TableText.Escape(group.Name),
                Outcomes(group),
                Mean(group, Measure.TestPercent, Decimals(2)),
                Mean(group, Measure.FinalSharpness, value => NumberText.Format(value, 3)),
                Mean(group, Measure.Flip, Decimals(3)),
                Mean(group, Measure.Drift, Decimals(3))
            );
        }
        var over =
            data.Seeds.Count == 1
                ? "1 seed, without error bars"
                : $"mean over {data.Seeds.Count} seeds ± half its 95 % t interval";
        var copies = CellCopies.Sentence(data) is { } sentence ? $". {sentence}" : "";
        var lost = data.Groups.All(group => group.Sound) ? "" : "; —: a seed diverged";
        table.Caption = new TableTitle(
            TableText.Escape($"test accuracy, sharpness of the last fifth, rotation: {over}{lost}{copies}")
        );
        return table;
    }

    /// <summary>
    /// Returns one line per outcome; the long outcome is broken at a natural place, so that the column stays narrow.
    /// </summary>
    private static string Outcomes(ClaimGroup group) =>
        string.Join(
            '\n',
            group
                .Cells.GroupBy(cell =>
                    TableText.Escape(cell.Outcome).Replace("edge_of_", "edge of\n", StringComparison.Ordinal)
                )
                .Select(same => same.Count() == group.Cells.Count ? same.Key : $"{same.Count()} {same.Key}")
        );

    private static Table Verdicts(IReadOnlyList<Verdict> verdicts)
    {
        var table = SummaryTable.Empty().AddColumn("claim").AddColumn("verdict").AddColumn("why");
        foreach (var verdict in verdicts)
        {
            var whole = verdict.Claim.Length == 2;
            var color = verdict.Kind switch
            {
                VerdictKind.Supported => "green",
                VerdictKind.NotSupported or VerdictKind.Opposite => "red",
                _ => "yellow",
            };
            var statement = TableText.Escape($"{verdict.Claim} {verdict.Statement}");
            table.AddRow(
                whole ? $"[bold]{statement}[/]" : statement,
                $"[{color}]{verdict.Name}[/]",
                TableText.Escape(verdict.Reason)
            );
        }
        return table;
    }

    private static Func<double, string> Decimals(int count) => value => NumberText.Fixed(value, count);

    /// <summary>Returns a dash for groups with diverged networks, whose numbers are meaningless.</summary>
    private static string Mean(ClaimGroup group, Measure measure, Func<double, string> text)
    {
        if (!group.Sound)
            return "—";
        var mean = measure.Mean(group.GetValues(measure.Get));
        if (!double.IsFinite(mean.Low))
            return text(mean.Value);
        // A single number after ± means a symmetric interval; one that a bound has cut or bent is written out.
        var even = Math.Abs(mean.High + mean.Low - 2 * mean.Value) <= 0.05 * (mean.High - mean.Low);
        return even
            ? $"{text(mean.Value)} ± {text((mean.High - mean.Low) / 2)}"
            : TableText.Escape($"{text(mean.Value)} [{text(mean.Low)}, {text(mean.High)}]");
    }
}
