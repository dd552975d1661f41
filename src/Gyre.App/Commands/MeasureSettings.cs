using System.ComponentModel;
using Gyre.App.Terminal;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>Arguments and options of `gyre measure`.</summary>
internal sealed class MeasureSettings : GyreSettings
{
    [CommandArgument(0, "<MODEL>")]
    [Description(
        "The network: an exported program (.pt2), a TorchScript file or a spec (preset, TOML file or run folder). A "
            + "folder that `gyre measure` made goes on without more words"
    )]
    public string Model { get; init; } = "";

    [CommandArgument(1, "[CHECKPOINTS]")]
    [Description(
        "Checkpoints of the training, ordered by the step in their names: files, folders (one of checkpoint-500/ "
            + "too), patterns with * and ?"
    )]
    public string[] Checkpoints { get; init; } = [];

    [CommandOption("--learning-rate <RATE>")]
    [Description(
        "The training's step size: a number, or a CSV file of step and rate. Default: that of a spec; a module has none"
    )]
    public string? LearningRate { get; init; }

    [CommandOption("--steps <LIST>")]
    [Description("The steps of the checkpoints, in their order, such as 0,100,200, where their names do not tell")]
    public string? Steps { get; init; }

    [CommandOption("--watch")]
    [Description("Measure each new checkpoint as it appears, until Ctrl-C")]
    public bool Watch { get; init; }

    [CommandOption("--data <NAME>")]
    [Description("Data that the training was on (see `gyre data list`). Default: that of a spec; a module has none")]
    public string? Data { get; init; }

    [CommandOption("--data-path <PATH>")]
    [Description("Its files, for data sets that are not shipped")]
    public string? DataPath { get; init; }

    [CommandOption("--samples <COUNT>")]
    [Description("Number of training samples. Default: the spec's own; all for a module of a file")]
    public int? Samples { get; init; }

    [CommandOption("--loss <NAME>")]
    [Description("cross-entropy or squared-error. Default: the spec's own; cross-entropy for a module of a file")]
    public string? Loss { get; init; }

    [CommandOption("--set <KEY=VALUE>")]
    [Description("Set one key of the spec, such as optimizer.name=adam. May be given again and again")]
    public string[] Sets { get; init; } = [];

    [CommandOption("--probe <NAME>")]
    [Description("Measure more: self-stabilisation, re-solve or trace. May be given again and again")]
    public string[] Probes { get; init; } = [];

    [CommandOption("--out <DIR>")]
    [Description("Folder for run folders. Default: runs")]
    public string Out { get; init; } = RunSettings.DefaultOut;

    [CommandOption("--json <FILE>")]
    [Description(
        "Write what came of it there too as JSON; - prints it in place of the table, and progress goes to "
            + "standard error"
    )]
    public string? Json { get; init; }

    [CommandOption("--quiet")]
    [Description("Show no progress; what came of it, and errors, are still shown")]
    public bool Quiet { get; init; }
}
