using System.ComponentModel;
using Gyre.App.Sweeps;
using Gyre.App.Terminal;
using Gyre.Lab.Claims;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>Arguments and options of `gyre reproduce`.</summary>
internal sealed class ReproduceSettings : CellsSettings
{
    [CommandOption("--quick")]
    [Description(
        "A ladder of reductions and three constant rates, three seeds: under five minutes on two cores. "
            + "This is the default"
    )]
    public bool Quick { get; init; }

    [CommandOption("--full")]
    [Description(
        "A ladder of six moments with two small rates, eight constant rates, five seeds: up to two hours "
            + "on two cores"
    )]
    public bool Full { get; init; }

    [CommandOption("--question <NAME>")]
    [Description(
        "An open question instead of the claims: rotation-causes-flattening, alternatives, stochastic, "
            + "edge-rate or long-horizon"
    )]
    public string? Question { get; init; }

    /// <summary>Returns the preset of the selected sweep.</summary>
    /// <exception cref="CommandLineException">The options exclude each other, or there is no such
    /// question.</exception>
    internal string Preset()
    {
        var asked = QuestionCatalog.Questions.FirstOrDefault(question => question.Name == Question);
        var mistakes = new Mistakes();
        if (Quick && Full)
            mistakes.Add("--quick and --full exclude each other.");
        if (Question is not null && (Quick || Full))
            mistakes.Add("--question has only one form; remove --quick and --full.");
        if (Question is not null && asked is null)
            mistakes.Add(
                $"--question {Question} is not one of "
                    + $"{string.Join(", ", QuestionCatalog.Questions.Select(question => question.Name))}."
            );
        mistakes.ThrowIfAny(help: "reproduce");
        return asked?.Preset ?? (Full ? "reproduce-full" : "reproduce-quick");
    }
}

/// <summary>
/// `gyre reproduce`: runs the sweep that decides the paper's claims. The exit code is 0 whatever the verdicts are.
/// </summary>
internal sealed class ReproduceCommand(StopSignals signals) : Command<ReproduceSettings>
{
    public override int Execute(CommandContext context, ReproduceSettings settings, CancellationToken stop) =>
        new SweepSession(
            AnsiConsole.Console,
            settings,
            settings.Preset(),
            settings.Sets,
            TimeProvider.System,
            SweepResultView.Show,
            signals
        ).Execute(stop);
}
