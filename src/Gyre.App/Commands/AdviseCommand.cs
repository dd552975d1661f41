using System.ComponentModel;
using Gyre.App.Sweeps;
using Gyre.App.Terminal;
using Gyre.Lab.Reports;
using Gyre.Lab.Specs;
using Gyre.Lab.Sweeps;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>Arguments and options of `gyre advise`.</summary>
internal sealed class AdviseSettings : CellsSettings
{
    [CommandArgument(0, "[SPEC]")]
    [Description("A preset or a TOML file of a run, or a file of a network (.pt2, .pt). Default: fashion-mlp")]
    public string Spec { get; init; } = SpecReader.DefaultPreset;

    [CommandOption("--data <NAME>")]
    [Description("Data set (see `gyre data list`). Default: the spec's own; fashion-mnist for a file of a network")]
    public string? Data { get; init; }

    [CommandOption("--data-path <PATH>")]
    [Description("Path of its files, for data sets that are not shipped")]
    public string? DataPath { get; init; }

    [CommandOption("--samples <COUNT>")]
    [Description("Number of training samples. Default: the spec's own; all for a file of a network")]
    public int? Samples { get; init; }

    [CommandOption("--loss <NAME>")]
    [Description("cross-entropy or squared-error. Default: the spec's own; cross-entropy for a file of a network")]
    public string? Loss { get; init; }

    [CommandOption("--steps <COUNT>")]
    [Description("Steps of each run, which the advice is for. Default: 200")]
    public int Steps { get; init; } = 200;

    [CommandOption("--seeds <COUNT>")]
    [Description(
        "Seeds. Every candidate gets half of them, at least two; the remaining runs go to the candidates "
            + "that may be best. A single seed has no error bar. Default: 3"
    )]
    public int Seeds { get; init; } = 3;
}

/// <summary>
/// `gyre advise`: recommends a learning rate and when to reduce it, from a short sweep from far below to far above
/// 2/S at the start, with each run in a process of its own.
/// </summary>
internal sealed class AdviseCommand(StopSignals signals) : Command<AdviseSettings>
{
    /// <summary>
    /// Learning rates in edge units: 1 is 2/S at the start. There are lower ones, since sharpness rises in training,
    /// and higher ones, doubling with every second value, up to twice the 4/S at which the catapults of a quadratic
    /// model end (Lewkowycz et al. 2020).
    /// </summary>
    private static readonly double[] Rates = [0.03, 0.06, 0.125, 0.25, 0.5, 1, 1.41, 2, 2.83, 4];

    /// <summary>The learning rates that are reduced, to a tenth (He et al. 2016), early and halfway.</summary>
    private static readonly double[] Reduced = [0.25, 0.5, 1, 1.41];

    /// <summary>The ratio of the reduced learning rate to the one before.</summary>
    internal const double Factor = 0.1;

    private const int Measurements = 20;

    // a run that still improves in the last fifth of its steps has not finished training
    private const int Evaluations = 5;

    public override int Execute(CommandContext context, AdviseSettings settings, CancellationToken stop)
    {
        RequireRunSpec(settings.Spec);
        // A user who lays out the sweep has chosen the seeds.
        var spends = !settings.Sets.Any(set => set.StartsWith("sweep.", StringComparison.Ordinal));
        var (spec, sets) = Sweep(settings, spends ? AdviseSeeds.First(settings.Seeds) : settings.Seeds);
        string[] first = [.. sets, .. settings.Sets];
        return Execute(AnsiConsole.Console, first, ShowOrGoOn);

        int ShowOrGoOn(IAnsiConsole console, SweepReading sweep)
        {
            if (
                !spends
                || AdviseSeeds.PlanFurther(sweep.Sweep, AdviceReport.Decide(sweep), settings.Seeds) is not { } more
            )
                return Show(console, sweep);
            ConsoleLine.Write(
                console,
                "The first seeds leave a few candidates that may be the best; the remaining seeds are spent on them."
            );
            // in a folder of its own next to the first
            return Execute(console, [.. first, .. more], (_, second) => Show(console, sweep, second));
        }

        int Execute(IAnsiConsole console, string[] sets, Func<IAnsiConsole, SweepReading, int> show) =>
            new SweepSession(console, settings, spec, sets, TimeProvider.System, show, signals).Execute(stop);
    }

    /// <exception cref="CommandLineException">The spec is that of a sweep.</exception>
    /// <exception cref="SpecException">There is no such spec.</exception>
    private static void RequireRunSpec(string spec)
    {
        var mistakes = new Mistakes();
        if (SweepSpecReader.Presets.Contains(spec))
            mistakes.Add(spec, "is a sweep; advice needs the spec of a run, and creates its own sweep");
        mistakes.ThrowIfAny();
        if (!Path.Exists(spec) && !SpecReader.Presets.Contains(spec))
            throw new SpecException([SpecReader.Missing(spec, SpecReader.Presets)], spec);
    }

    /// <summary>Returns the sweep that the advice is based on: a spec, and the keys set on it.</summary>
    private static (string Spec, string[] Sets) Sweep(AdviseSettings settings, int seeds)
    {
        string Set(FormattableString set) => FormattableString.Invariant(set);
        var reductions = new[] { settings.Steps / 5, settings.Steps / 2 }
            .Where(step => step > 0)
            .Select(step => Set($"{{step={step},factor={Factor},parents=[{AdviseSeeds.Text(Reduced)}]}}"));
        var file = ModelOptions.IsModule(settings.Spec);
        string[] sets =
        [
            .. file ? ModelOptions.Module(settings.Spec) : [],
            .. ModelOptions.Data(settings.Data, settings.DataPath, settings.Samples, settings.Loss),
            $"name=advise-{ModelOptions.NameOf(settings.Spec)}",
            Set($"training.steps={settings.Steps}"),
            Set($"training.evaluate_every={Math.Max(1, settings.Steps / Evaluations)}"),
            "curvature.pairs=1",
            "curvature.burst=1",
            "curvature.follow=false",
            Set($"curvature.every={Math.Max(1, settings.Steps / Measurements)}"),
            "run.eigenvectors_mb=0",
            "run.keep_checkpoints=0",
            Set($"sweep.seeds={seeds}"),
            $"sweep.axes.training.learning_rate={{values=[{AdviseSeeds.Text(Rates)}],unit=\"edge\"}}",
            $"sweep.reductions=[{string.Join(',', reductions)}]",
        ];
        return (file ? SpecReader.DefaultPreset : settings.Spec, sets);
    }

    private static int Show(IAnsiConsole console, SweepReading first, SweepReading? more = null)
    {
        console.Write(SweepResultView.Groups(first));
        if (more is not null)
            console.Write(SweepResultView.Groups(more));
        var report = AdviceReport.Save(first, more);
        foreach (var line in report.Lines)
            ConsoleLine.Write(console, line);
        foreach (var file in report.Files)
            ConsoleLine.Write(console, file);
        return Exit.Done;
    }
}
