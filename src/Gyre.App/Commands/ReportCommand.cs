using System.ComponentModel;
using Gyre.App.Folders;
using Gyre.App.Sweeps;
using Gyre.App.Terminal;
using Gyre.Lab.Reports;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>Arguments and options of `gyre report`.</summary>
internal sealed class ReportSettings : FolderSettings
{
    [CommandArgument(0, "[FOLDER]")]
    [Description("A run folder or a sweep folder, finished or not. Default: the latest in runs/ and sweeps/")]
    public string? Folder { get; init; }

    [CommandOption("--json <FILE>")]
    [Description("Also write the result to this file as JSON; - prints JSON only")]
    public string? Json { get; init; }
}

/// <summary>
/// `gyre report`: recreates the table and the figures of a run, or the tables and the page with the figures of a
/// sweep.
/// </summary>
internal sealed class ReportCommand : Command<ReportSettings>
{
    public override int Execute(CommandContext context, ReportSettings settings, CancellationToken stop)
    {
        var folder = settings.Folder ?? Latest();
        var console = Voice.Create(AnsiConsole.Console, quiet: false, settings.Json).Result;
        if (new SweepFolder(folder).Exists)
        {
            var sweep = SweepReader.Open(folder);
            var reading = SweepReading.Read(sweep);
            SweepResultView.Show(console, reading);
            var wrong = RunCheck.Flaws(sweep);
            JsonAnswer.Write(settings.Json, () => SweepAnswer.FromSweep(reading, wrong));
            return settings.Report(wrong);
        }
        var run = RunReader.Open(folder);
        var spec = SpecReader.ReadText(run.ReadSpecText(), run.Folder.Spec);
        var files = RunResultView.Show(console, run.Folder, spec);
        var flaws = RunCheck.Flaws(run);
        JsonAnswer.Write(settings.Json, () => RunAnswer.FromRun(run, spec.Name, files, flaws));
        return settings.Report(flaws);
    }

    /// <summary>Returns the run or sweep that was written to most recently.</summary>
    private static string Latest()
    {
        var runs = Folders(RunSettings.DefaultOut)
            .Select(path => new RunFolder(path))
            .Where(folder => folder.Status != RunStatus.Missing)
            .Select(folder => (folder.Path, File: folder.Steps));
        var sweeps = Folders(CellsSettings.DefaultOut)
            .Select(path => new SweepFolder(path))
            .Where(folder => folder.Exists)
            .Select(folder => (folder.Path, File: folder.Log));
        return runs.Concat(sweeps).OrderBy(found => File.GetLastWriteTimeUtc(found.File)).LastOrDefault().Path
            ?? throw new RunFolderException($"{UsualFolders.Nothing} Name a folder: gyre report FOLDER.");
    }

    private static IEnumerable<string> Folders(string path) =>
        Directory.Exists(path) ? Directory.EnumerateDirectories(path) : [];
}
