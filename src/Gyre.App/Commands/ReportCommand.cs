using System.ComponentModel;
using Gyre.Lab.Experiments;
using Gyre.Lab.Runs;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>What `gyre report` is told.</summary>
internal sealed class ReportSettings : GyreSettings
{
    [CommandArgument(0, "[RUN]")]
    [Description("A run folder, finished or not. Without one: the latest in runs/")]
    public string? Folder { get; init; }
}

/// <summary>`gyre report`: the table, and the figure again.</summary>
internal sealed class ReportCommand : Command<ReportSettings>
{
    public override int Execute(CommandContext context, ReportSettings settings, CancellationToken cancellation)
    {
        var run = RunReader.Open(settings.Folder ?? Latest(RunSettings.DefaultOut));
        return Ending.Show(AnsiConsole.Console, run.Folder, SpecReader.ReadText(run.SpecText));
    }

    /// <summary>The run whose steps were written last.</summary>
    private static string Latest(string runs) =>
        (Directory.Exists(runs) ? Directory.EnumerateDirectories(runs) : [])
            .Select(path => new RunFolder(path)).Where(folder => folder.Status != RunStatus.Missing)
            .MaxBy(folder => File.GetLastWriteTimeUtc(folder.Steps))?.Path
        ?? throw new RunFolderException($"There is no run in {runs}/ here. Name a run folder: gyre report RUN.");
}
