using System.ComponentModel;
using Gyre.App.Sweeps;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>What commands that run many cells are told.</summary>
internal class CellsSettings : GyreSettings
{
    public const string DefaultOut = "sweeps";

    [CommandOption("--set <KEY=VALUE>")]
    [Description("Set one key of the spec, such as training.steps=200 or sweep.seeds=5. May be given again and again")]
    public string[] Sets { get; init; } = [];

    [CommandOption("--out <DIR>")]
    [Description("Folder for sweep folders. Default: sweeps")]
    public string Out { get; init; } = DefaultOut;

    [CommandOption("--jobs <COUNT>")]
    [Description("Processes at a time; the processors are divided between them. Default: one for every processor, at most 16")]
    public int? Jobs { get; init; }

    [CommandOption("--dry-run")]
    [Description("Only print the plan: cells, time, disk. Nothing is written")]
    public bool DryRun { get; init; }
}

/// <summary>What `gyre sweep` is told.</summary>
internal sealed class SweepSettings : CellsSettings
{
    public const string DefaultPreset = "rates";

    [CommandArgument(0, "[SPEC]")]
    [Description("A preset that is a sweep (see `gyre spec`) or a TOML file. Default: rates")]
    public string Spec { get; init; } = DefaultPreset;
}

/// <summary>`gyre sweep`: every combination of values and seeds.</summary>
internal sealed class SweepCommand : Command<SweepSettings>
{
    public override int Execute(CommandContext context, SweepSettings settings, CancellationToken cancellation) =>
        new SweepSession(AnsiConsole.Console, settings, settings.Spec, settings.Sets, TimeProvider.System, SweepEnding.Show).Go();
}
