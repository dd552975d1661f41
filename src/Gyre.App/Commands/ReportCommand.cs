using System.ComponentModel;
using Gyre.App.Folders;
using Gyre.App.Sweeps;
using Gyre.App.Terminal;
using Gyre.Lab.Figures;
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

    [CommandOption("--format <FORMAT>")]
    [Description(
        "Also draw the figures in the sizes of a paper, as pdf or svg, into report/paper/, with their captions in "
            + "captions.md"
    )]
    public string? Format { get; init; }

    [CommandOption("--width <INCHES>")]
    [Description(
        "With --format: the width of the figures. May be repeated. Default: 3.25 and 6.75, one and two columns"
    )]
    public double[] Widths { get; init; } = [];

    [CommandOption("--figure <NAME>")]
    [Description("With --format: draw only this figure. May be repeated. Default: all")]
    public string[] Figures { get; init; } = [];

    private IReadOnlyList<double> Inches => Widths.Length > 0 ? Widths : PaperFigures.UsualInches;

    /// <summary>Draws the figures in the sizes of a paper, if that was requested.</summary>
    /// <returns>The paths of the files; empty if it was not requested.</returns>
    /// <exception cref="CommandLineException">A requested figure does not exist.</exception>
    public IReadOnlyList<string> Draw(string report, IEnumerable<PaperFigure> pages, string setting) =>
        Format is null ? [] : PaperFigures.Save(report, Chosen([.. pages]), setting, Format, Inches);

    private IEnumerable<PaperFigure> Chosen(IReadOnlyList<PaperFigure> pages)
    {
        var mistakes = new Mistakes();
        foreach (var name in Figures.Where(name => pages.All(page => page.Name != name)))
            mistakes.Add(
                "--figure",
                $"\"{name}\" is not a figure of this folder, which has {string.Join(", ", pages.Select(page => page.Name))}"
            );
        mistakes.ThrowIfAny(help: "report");
        return pages.Where(page => Figures.Length == 0 || Figures.Contains(page.Name));
    }

    /// <summary>Reports all mistakes in the options at once.</summary>
    /// <exception cref="CommandLineException">There are mistakes.</exception>
    public void Check()
    {
        var mistakes = new Mistakes();
        if (Format is { } format && !PaperFigures.Formats.Contains(format))
            mistakes.Add("--format", $"\"{format}\" is not one of {string.Join(", ", PaperFigures.Formats)}");
        if (Format is null && Widths.Length > 0)
            mistakes.Add(
                "--width",
                "there is no --format, and the report's own figures have one width; add --format pdf"
            );
        if (Format is null && Figures.Length > 0)
            mistakes.Add("--figure", "there is no --format, and the report always has every figure; add --format pdf");
        foreach (
            var width in Widths.Where(width =>
                width is not (>= PaperFigures.LeastInches and <= PaperFigures.MostInches)
            )
        )
            mistakes.Add(
                "--width",
                FormattableString.Invariant(
                    $"{width} is not a number from {PaperFigures.LeastInches} to {PaperFigures.MostInches} (inches)"
                )
            );
        mistakes.ThrowIfAny(help: "report");
    }
}

/// <summary>
/// `gyre report`: recreates the table and the figures of a run, or the tables and the page with the figures of a
/// sweep.
/// </summary>
internal sealed class ReportCommand : Command<ReportSettings>
{
    public override int Execute(CommandContext context, ReportSettings settings, CancellationToken stop)
    {
        settings.Check();
        var folder = settings.Folder ?? Latest();
        var console = Voice.Create(AnsiConsole.Console, quiet: false, settings.Json).Result;
        if (new SweepFolder(folder).Exists)
        {
            var sweep = SweepReader.Open(folder);
            var reading = SweepReading.Read(sweep);
            SweepResultView.Show(console, reading);
            Name(
                console,
                settings.Draw(sweep.Folder.Report, SweepReport.Pages(reading), PaperSetting.FromSweep(reading))
            );
            var wrong = RunCheck.Flaws(sweep);
            JsonAnswer.Write(settings.Json, () => SweepAnswer.FromSweep(reading, wrong));
            return settings.Report(wrong);
        }
        var run = RunReader.Open(folder);
        var spec = SpecReader.ReadText(run.ReadSpecText(), run.Folder.Spec);
        var files = RunResultView.Show(console, run.Folder, spec);
        var paper = settings.Draw(run.Folder.Report, RunFigures.Pages(run, spec.Name), PaperSetting.FromSpec(spec));
        Name(console, paper);
        var flaws = RunCheck.Flaws(run);
        JsonAnswer.Write(settings.Json, () => RunAnswer.FromRun(run, spec.Name, [.. files, .. paper], flaws));
        return settings.Report(flaws);
    }

    private static void Name(IAnsiConsole console, IReadOnlyList<string> files)
    {
        foreach (var file in files)
            ConsoleLine.Write(console, $"for a paper {file}");
    }

    /// <summary>Returns the run or sweep that was saved to most recently.</summary>
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
            ?? throw new RunFolderException($"{UsualFolders.Nothing} Give a folder: gyre report FOLDER.");
    }

    private static IEnumerable<string> Folders(string path) =>
        Directory.Exists(path) ? Directory.EnumerateDirectories(path) : [];
}
