using System.ComponentModel;
using System.Globalization;
using Gyre.App.Sweeps;
using Gyre.Lab.Experiments;
using Gyre.Lab.Experiments.Sweeps;
using Gyre.Lab.Reports;
using Gyre.Lab.Runs;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>What `gyre advise` is told.</summary>
internal sealed class AdviseSettings : CellsSettings
{
    [CommandArgument(0, "[SPEC]")]
    [Description("A preset or a TOML file of a run, or a TorchScript file. Default: fashion-mlp")]
    public string Spec { get; init; } = SpecReader.DefaultPreset;

    [CommandOption("--data <NAME>")]
    [Description("Data set (see `gyre data list`). Default: the spec's own; fashion-mnist for a TorchScript file")]
    public string? Data { get; init; }

    [CommandOption("--data-path <PATH>")]
    [Description("Its files, for data sets that are not shipped")]
    public string? DataPath { get; init; }

    [CommandOption("--samples <COUNT>")]
    [Description("So many training samples. Default: the spec's own; all for a TorchScript file")]
    public int? Samples { get; init; }

    [CommandOption("--loss <NAME>")]
    [Description("cross-entropy or squared-error. Default: the spec's own; cross-entropy for a TorchScript file")]
    public string? Loss { get; init; }

    [CommandOption("--steps <COUNT>")]
    [Description("Updates of each run: what the advice is for. Default: 200")]
    public int Steps { get; init; } = 200;

    [CommandOption("--seeds <COUNT>")]
    [Description("Seeds of each rate; one has no error bar. Default: 3")]
    public int Seeds { get; init; } = 3;
}

/// <summary>`gyre advise`: at which step size to train, and when to reduce it: a short sweep from far below to far above 2/S at the start, each run in a process of its own.</summary>
internal sealed class AdviseCommand : Command<AdviseSettings>
{
    /// <summary>In edge units: 1 is 2/S at the start. Below it, since sharpness rises in training; above it, doubling every second, to twice where a quadratic model catapults at most (4/S: Lewkowycz et al. 2020).</summary>
    private static readonly double[] Rates = [0.03, 0.06, 0.125, 0.25, 0.5, 1, 1.41, 2, 2.83, 4];

    /// <summary>Those that are reduced, to a tenth (He et al. 2016), early and half way.</summary>
    private static readonly double[] Reduced = [0.25, 0.5, 1, 1.41];

    private const int Measurements = 20;

    public override int Execute(CommandContext context, AdviseSettings settings, CancellationToken cancellation)
    {
        if (SweepSpecReader.Presets.Contains(settings.Spec))
            throw new SpecException([new(settings.Spec, "is a sweep; advice is for a run's spec, and makes a sweep of its own")]);
        var (spec, sets) = Laid(settings);
        return new SweepSession(AnsiConsole.Console, settings, spec, sets, TimeProvider.System, Show).Go();
    }

    private static (string Spec, string[] Sets) Laid(AdviseSettings settings)
    {
        string Text(IEnumerable<double> values) => string.Join(',', values.Select(value => value.ToString(CultureInfo.InvariantCulture)));
        var reductions = new[] { settings.Steps / 5, settings.Steps / 2 }.Where(step => step > 0).Select(step => string.Create(CultureInfo.InvariantCulture, $"{{step={step},factor=0.1,parents=[{Text(Reduced)}]}}"));
        var file = ModelWords.IsModule(settings.Spec);
        string[] sets =
        [
            .. file ? ModelWords.TorchScript(settings.Spec) : [], .. ModelWords.Data(settings.Data, settings.DataPath, settings.Samples, settings.Loss),
            $"name=advise-{ModelWords.NameOf(settings.Spec)}", string.Create(CultureInfo.InvariantCulture, $"training.steps={settings.Steps}"), "training.evaluate_every=0",
            "curvature.pairs=1", "curvature.burst=1", "curvature.follow=false", string.Create(CultureInfo.InvariantCulture, $"curvature.every={Math.Max(1, settings.Steps / Measurements)}"), "run.eigenvectors_mb=0", "run.keep_checkpoints=0",
            string.Create(CultureInfo.InvariantCulture, $"sweep.seeds={settings.Seeds}"), $"sweep.axes.training.learning_rate={{values=[{Text(Rates)}],unit=\"edge\"}}", $"sweep.reductions=[{string.Join(',', reductions)}]",
            .. settings.Sets,
        ];
        return (file ? SpecReader.DefaultPreset : settings.Spec, sets);
    }

    private static int Show(IAnsiConsole console, SweepReader sweep)
    {
        console.Write(SweepEnding.Groups(sweep));
        var report = AdviceReport.Save(sweep);
        foreach (var line in report.Lines)
            Ending.Say(console, line);
        foreach (var file in report.Files)
            Ending.Say(console, file);
        return Exit.Done;
    }
}
