using Gyre.Lab.Figures;
using Gyre.Lab.Reports;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Spectre.Console;

namespace Gyre.App.Terminal;

/// <summary>Shows the result of a run to the user: the table and the figure.</summary>
internal static class RunResultView
{
    /// <summary>Prints the table, draws the figure, and prints where everything is.</summary>
    /// <returns>The figure's files.</returns>
    public static IReadOnlyList<string> Show(IAnsiConsole console, RunFolder folder, RunSpec spec)
    {
        var run = RunReader.Open(folder.Path);
        if (run.ReadSummary() is { } summary)
            console.Write(
                SummaryTable.From(
                    RunTable.Rows(
                        summary,
                        TimingRecord.Sum(run.EachTiming()),
                        spec.Curvature.Pairs,
                        SessionKinds.NotesOf(run.ReadSessions())
                    )
                )
            );
        else
            ConsoleLine.Write(console, Unfinished(run, spec));
        ConsoleLine.Write(console, $"run folder  {folder.Path}");
        // The table comes first, so that it can be read even if the folder is not writable.
        var files = RunFigures.Save(run, spec.Name);
        foreach (var file in files)
            ConsoleLine.Write(console, $"figure      {file}");
        return files;
    }

    private static string Unfinished(RunReader run, RunSpec spec)
    {
        var last = run.EachStep().LastOrDefault()?.Step;
        var most = spec.Training.Until.Any ? "at most " : "";
        var of = spec.Measured is null ? $" of {most}{spec.Training.Steps}" : "";
        var written = last is null ? "no step is written yet" : $"step {last}{of} is the last one written";
        return spec.Measured is null
            ? $"unfinished: {written}; `gyre run` with the same spec resumes it."
            : $"unfinished: {written}; `gyre measure {run.Folder.Path}` resumes it.";
    }
}
