using System.ComponentModel;
using Gyre.Lab.Experiments;
using Gyre.Lab.Runs;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>What `gyre report` is told.</summary>
internal sealed class ReportSettings : CommandSettings
{
    [CommandArgument(0, "<RUN>")]
    [Description("A run folder, finished or not.")]
    public string Folder { get; init; } = "";
}

/// <summary>`gyre report`: the figure again, and the table.</summary>
internal sealed class ReportCommand : Command<ReportSettings>
{
    public override int Execute(CommandContext context, ReportSettings settings, CancellationToken cancellation)
    {
        var run = RunReader.Open(settings.Folder);
        return Ending.Show(AnsiConsole.Console, run.Folder, SpecReader.ReadText(run.SpecText));
    }
}
