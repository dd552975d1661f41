using System.ComponentModel;
using Gyre.App.Sweeps;
using Gyre.Lab.Claims;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>Arguments and options of `gyre reproduce`.</summary>
internal sealed class ReproduceSettings : CellsSettings
{
    [CommandOption("--quick")]
    [Description(
        "A ladder of reductions and three rates throughout, three seeds: under five minutes on two cores. "
            + "This is the default"
    )]
    public bool Quick { get; init; }

    [CommandOption("--full")]
    [Description(
        "A ladder of six moments with two small rates, eight rates throughout, five seeds: up to two hours on two cores"
    )]
    public bool Full { get; init; }

    [CommandOption("--question <NAME>")]
    [Description(
        "An open question in place of the claims: rotation-causes-flattening, alternatives, stochastic, "
            + "edge-rate or long-horizon"
    )]
    public string? Question { get; init; }

    public override ValidationResult Validate() =>
        Quick && Full ? ValidationResult.Error("--quick and --full exclude each other.")
        : Question is not null && (Quick || Full)
            ? ValidationResult.Error("--question has one form; leave --quick and --full out.")
        : Question is not null && QuestionCatalog.Questions.All(question => question.Name != Question)
            ? ValidationResult.Error(
                $"--question {Question} is not one of "
                    + $"{string.Join(", ", QuestionCatalog.Questions.Select(question => question.Name))}."
            )
        : ValidationResult.Success();

    /// <summary>The sweep that is meant.</summary>
    internal string Preset =>
        Question is not null ? QuestionCatalog.Questions.First(question => question.Name == Question).Preset
        : Full ? "reproduce-full"
        : "reproduce-quick";
}

/// <summary>
/// `gyre reproduce`: the sweep that the paper's claims are decided on. Exit code 0 whatever the verdicts are.
/// </summary>
internal sealed class ReproduceCommand : Command<ReproduceSettings>
{
    public override int Execute(CommandContext context, ReproduceSettings settings, CancellationToken cancellation) =>
        new SweepSession(
            AnsiConsole.Console,
            settings,
            settings.Preset,
            settings.Sets,
            TimeProvider.System,
            SweepEnding.Show
        ).Go();
}
