using System.ComponentModel;
using Gyre.App.Sweeps;
using Gyre.Lab.Experiments;
using Gyre.Lab.Runs;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>What `gyre report` is told.</summary>
internal sealed class ReportSettings : GyreSettings
{
    [CommandArgument(0, "[FOLDER]")]
    [Description("A run folder or a sweep folder, finished or not. Without one: the latest in runs/ and sweeps/")]
    public string? Folder { get; init; }
}

/// <summary>`gyre report`: of a run the table and the figures again, of a sweep the tables and the page with its figures.</summary>
internal sealed class ReportCommand : Command<ReportSettings>
{
    public override int Execute(CommandContext context, ReportSettings settings, CancellationToken cancellation)
    {
        var folder = settings.Folder ?? Latest();
        if (new SweepFolder(folder).Exists)
            return SweepEnding.Show(AnsiConsole.Console, SweepReader.Open(folder));
        var run = RunReader.Open(folder);
        return Ending.Show(AnsiConsole.Console, run.Folder, SpecReader.ReadText(run.SpecText, run.Folder.Spec));
    }

    /// <summary>The run or sweep that was written to last.</summary>
    private static string Latest()
    {
        var runs = Folders(RunSettings.DefaultOut).Select(path => new RunFolder(path)).Where(folder => folder.Status != RunStatus.Missing).Select(folder => (folder.Path, File: folder.Steps));
        var sweeps = Folders(CellsSettings.DefaultOut).Select(path => new SweepFolder(path)).Where(folder => folder.Exists).Select(folder => (folder.Path, File: folder.Log));
        return runs.Concat(sweeps).OrderBy(found => File.GetLastWriteTimeUtc(found.File)).LastOrDefault().Path
            ?? throw new RunFolderException($"There is no run in {RunSettings.DefaultOut}/ and no sweep in {CellsSettings.DefaultOut}/ here. Name a folder: gyre report FOLDER.");
    }

    private static IEnumerable<string> Folders(string path) => Directory.Exists(path) ? Directory.EnumerateDirectories(path) : [];
}
