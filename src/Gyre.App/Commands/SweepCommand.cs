using System.ComponentModel;
using Gyre.App.Sweeps;
using Gyre.App.Terminal;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>Arguments and options of `gyre sweep`.</summary>
internal sealed class SweepSettings : CellsSettings
{
    public const string DefaultPreset = "rates";

    [CommandArgument(0, "[SPEC]")]
    [Description(
        "A preset (see `gyre spec`) or a TOML file of a sweep, or of a run that --set sweep.… turns into "
            + "one. Default: rates"
    )]
    public string Spec { get; init; } = DefaultPreset;

    [CommandOption("--json <FILE>")]
    [Description("Also write the result to this file as JSON; - prints JSON only, and progress to standard error")]
    public string? Json { get; init; }

    /// <inheritdoc/>
    public override string? Answer => Json;
}

/// <summary>`gyre sweep`: every combination of values and seeds.</summary>
internal sealed class SweepCommand(StopSignals signals) : Command<SweepSettings>
{
    public override int Execute(CommandContext context, SweepSettings settings, CancellationToken stop)
    {
        var mistakes = new Mistakes();
        if (settings.Json is not null && (settings.DryRun || settings.Cancel || settings.Detach))
            mistakes.Add("--json writes the result of a sweep; remove --dry-run, --cancel and --detach, or --json.");
        mistakes.ThrowIfAny(help: context.Name);
        return new SweepSession(
            AnsiConsole.Console,
            settings,
            settings.Spec,
            settings.Sets,
            TimeProvider.System,
            SweepResultView.Show,
            signals
        ).Execute(stop);
    }
}
