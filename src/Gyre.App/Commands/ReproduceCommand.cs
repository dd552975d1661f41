using System.ComponentModel;
using Gyre.App.Sweeps;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>What `gyre reproduce` is told.</summary>
internal sealed class ReproduceSettings : CellsSettings
{
    [CommandOption("--quick")]
    [Description("Eight rates, one reduction, three seeds: under five minutes on two cores. This is the default")]
    public bool Quick { get; init; }

    [CommandOption("--full")]
    [Description("Ten rates, five reductions, five seeds, three times the training time, bursts closer: about an hour on two cores")]
    public bool Full { get; init; }

    public override ValidationResult Validate() => Quick && Full ? ValidationResult.Error("--quick and --full exclude each other.") : ValidationResult.Success();
}

/// <summary>`gyre reproduce`: the sweep that the paper's claims are decided on. Exit code 0 whatever the verdicts are.</summary>
internal sealed class ReproduceCommand : Command<ReproduceSettings>
{
    public override int Execute(CommandContext context, ReproduceSettings settings, CancellationToken cancellation) =>
        new SweepSession(AnsiConsole.Console, settings, settings.Full ? "reproduce-full" : "reproduce-quick", settings.Sets, TimeProvider.System, SweepEnding.Show).Go();
}
