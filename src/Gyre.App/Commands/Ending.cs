using Gyre.Lab.Experiments;
using Gyre.Lab.Reports;
using Gyre.Lab.Runs;
using Spectre.Console;

namespace Gyre.App.Commands;

/// <summary>What a user sees of a run: the table and the figure.</summary>
internal static class Ending
{
    /// <summary>Draws the figure, prints the table and where everything is.</summary>
    public static int Show(IAnsiConsole console, RunFolder folder, RunSpec spec)
    {
        var run = RunReader.Open(folder.Path);
        var files = RunFigure.Save(run, spec.Name);
        var summary = run.Summary;
        if (summary is not null)
            console.Write(Table(summary, run.Timings, spec.Curvature.Pairs));
        else
            console.WriteLine($"{folder.Path} is unfinished: {run.Steps.Count} of {spec.Training.Steps + 1} steps are written. `gyre run` with the same spec goes on.");
        console.WriteLine($"run folder  {folder.Path}");
        foreach (var file in files)
            console.WriteLine($"figure      {file}");
        return Exit.Done;
    }

    private static Table Table(SummaryRecord summary, IReadOnlyList<TimingRecord> timings, int pairs)
    {
        var table = new Table().RoundedBorder().HideHeaders().AddColumn(new TableColumn("").NoWrap()).AddColumn("").AddColumn("");
        foreach (var row in RunTable.Rows(summary, timings, pairs))
            table.AddRow($"[bold]{Markup.Escape(row.Name)}[/]", Markup.Escape(row.Value), $"[grey]{Markup.Escape(row.Note)}[/]");
        return table;
    }
}
