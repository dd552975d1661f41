using Gyre.Lab.Figures;
using Gyre.Lab.Reports;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Torch;
using Spectre.Console;

namespace Gyre.App.Terminal;

/// <summary>What a user sees of a run: the table and the figure.</summary>
internal static class Ending
{
    /// <summary>Prints the table, draws the figure, and says where everything is.</summary>
    /// <returns>The figure's files.</returns>
    public static IReadOnlyList<string> Show(IAnsiConsole console, RunFolder folder, RunSpec spec)
    {
        var run = RunReader.Open(folder.Path);
        if (run.ReadSummary() is { } summary)
            console.Write(Table(summary, TimingRecord.Sum(run.EachTiming()), spec.Curvature.Pairs));
        else
            Say(console, Unfinished(run, spec));
        Say(console, $"run folder  {folder.Path}");
        // The table first: it can be read also where the folder cannot be written.
        var files = RunFigures.Save(run, spec.Name);
        foreach (var file in files)
            Say(console, $"figure      {file}");
        return files;
    }

    /// <summary>One line as it is, but for what steers a terminal: a console would break it at its width, and a path is
    /// to be copied.</summary>
    public static void Say(IAnsiConsole console, string line) =>
        console.Profile.Out.Writer.WriteLine(PlainText.Line(line));

    /// <summary>The same to standard error.</summary>
    public static void Warn(string line) => Console.Error.WriteLine(PlainText.Line(line));

    private static string Unfinished(RunReader run, RunSpec spec)
    {
        var last = run.EachStep().LastOrDefault()?.Step;
        var most = spec.Training.Until.Any ? "at most " : "";
        var written = last is null
            ? "no step is written yet"
            : $"step {last} of {most}{spec.Training.Steps} is the last one written";
        return $"unfinished: {written}; `gyre run` with the same spec resumes it.";
    }

    private static Table Table(SummaryRecord summary, TimingRecord? spent, int pairs)
    {
        var table = new Table()
            .RoundedBorder()
            .BorderColor(Color.Grey)
            .HideHeaders()
            .AddColumn(new TableColumn("").NoWrap())
            .AddColumn("")
            .AddColumn("");
        foreach (var row in RunTable.Rows(summary, spent, pairs))
            table.AddRow(
                $"[bold]{TableText.Of(row.Name)}[/]",
                TableText.Of(row.Value),
                $"[grey]{TableText.Of(row.Note)}[/]"
            );
        return table;
    }
}
