using System.ComponentModel;
using System.Globalization;
using Gyre.App.Terminal;
using Gyre.Lab.Exports;
using Gyre.Lab.Figures;
using Gyre.Lab.Reports;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Theory;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>Arguments and options of `gyre theory`.</summary>
internal sealed class TheorySettings : GyreSettings
{
    [CommandOption("--depth <D>")]
    [Description("Factors per unit, 1 to 12. Default: 2")]
    public string? Depth { get; init; }

    [CommandOption("--width <W>")]
    [Description("Units, 1 to 64, each with target 1 unless --targets is given. Default: 1")]
    public string? Width { get; init; }

    [CommandOption("--targets <NUMBERS>")]
    [Description("One target per unit, such as 1,0.5")]
    public string? Targets { get; init; }

    [CommandOption("--lr <ETA>")]
    [Description(
        "Learning rate. Default: 1.2 times 2/sharpness of the minimum that gradient flow reaches from " + "the start"
    )]
    public string? LearningRate { get; init; }

    [CommandOption("--from <NUMBERS>")]
    [Description(
        "The start, layer by layer: D·W numbers, such as 3,0.3. Default: an unbalanced point a tenth "
            + "short of a minimum"
    )]
    public string? From { get; init; }

    [CommandOption("--steps <COUNT>")]
    [Description("Steps of gradient descent, 1 to 100000. Default: 100")]
    public string? Steps { get; init; }

    [CommandOption("--out <DIR>")]
    [Description(
        "Folder for the figures (SVG and PNG) and their numbers (CSV); earlier ones are replaced. " + "Default: theory"
    )]
    public string Out { get; init; } = "theory";
}

/// <summary>`gyre theory`: diagonal linear networks, exactly.</summary>
internal sealed class TheoryCommand : Command<TheorySettings>
{
    public override int Execute(CommandContext context, TheorySettings settings, CancellationToken stop)
    {
        var request = TheoryRequest.FromSettings(settings);
        var study = ExactStudy.Run(request.Network, request.Start, request.LearningRate, request.Steps, stop);
        AnsiConsole.Write(SummaryTable.From(TheoryTable.Rows(study)));
        var source = string.Create(
            CultureInfo.InvariantCulture,
            $"gyre {GyreVersion.Short(Run.Version)} theory --depth {request.Network.Depth} --targets "
                + $"{Joined(request.Network.Targets)} --from {Joined(request.Start)} --lr "
                + $"{study.Descent.LearningRate} --steps {request.Steps}"
        );
        foreach (
            var file in TheoryFigures.Save(study, settings.Out, source).Concat(TheoryTables.Save(study, settings.Out))
        )
            ConsoleLine.Write(AnsiConsole.Console, file);
        return Exit.Done;
    }

    private static string Joined(IEnumerable<double> numbers) =>
        string.Join(',', numbers.Select(number => number.ToString(CultureInfo.InvariantCulture)));
}

/// <summary>The options of `gyre theory` as numbers; all mistakes are collected.</summary>
internal sealed record TheoryRequest(DiagonalLinearNetwork Network, double[] Start, double? LearningRate, int Steps)
{
    private const int MostParameters = 768;

    public static TheoryRequest FromSettings(TheorySettings settings)
    {
        var mistakes = new Mistakes();
        var depth = Whole("--depth", settings.Depth, 2, 12, mistakes);
        var width = Whole("--width", settings.Width, 1, 64, mistakes);
        var steps = Whole("--steps", settings.Steps, 100, 100_000, mistakes);
        var targets = Numbers("--targets", settings.Targets, mistakes);
        if (targets is not null && settings.Width is not null && targets.Length != width)
            mistakes.Add(
                "--targets",
                $"{targets.Length} numbers for --width {width}; give one per unit, or remove --width"
            );
        targets ??= [.. Enumerable.Repeat(1.0, width)];
        if (targets.Length is 0 || depth * targets.Length > MostParameters)
            mistakes.Add("--targets", $"{depth * targets.Length} parameters; there must be 1 to {MostParameters}");
        var rate = Numbers("--lr", settings.LearningRate, mistakes);
        if (rate is not null && (rate.Length != 1 || rate[0] <= 0))
            mistakes.Add("--lr", $"{settings.LearningRate} is not a number above 0");
        var start = Numbers("--from", settings.From, mistakes);
        if (start is not null && start.Length != depth * targets.Length)
            mistakes.Add(
                "--from",
                $"{start.Length} numbers; depth {depth} and width {targets.Length} need "
                    + $"{depth * targets.Length}, layer by layer"
            );
        mistakes.ThrowIfAny(help: "theory");
        return new(
            new DiagonalLinearNetwork(depth, targets),
            start ?? ExactStudy.DefaultStart(depth, targets.Length),
            rate?[0],
            steps
        );
    }

    private static int Whole(string option, string? text, int otherwise, int most, Mistakes mistakes)
    {
        if (text is null)
            return otherwise;
        if (
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= 1
            && number <= most
        )
            return number;
        mistakes.Add(option, $"{text} is not an integer from 1 to {most}");
        return otherwise;
    }

    private static double[]? Numbers(string option, string? text, Mistakes mistakes)
    {
        if (text is null)
            return null;
        var parts = text.Split(',', StringSplitOptions.TrimEntries);
        var numbers = parts
            .Select(part =>
                double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                    ? number
                    : double.NaN
            )
            .ToArray();
        if (numbers.All(number => double.IsFinite(number) && Math.Abs(number) <= 1e6))
            return numbers;
        mistakes.Add(option, $"{text} is not a list of numbers separated by commas, each from −1000000 to 1000000");
        return null;
    }
}
