using System.ComponentModel;
using Gyre.App.Terminal;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>Arguments and options of `gyre measure`.</summary>
internal sealed class MeasureSettings : GyreSettings
{
    [CommandArgument(0, "<MODEL>")]
    [Description(
        "The network: an exported program (.pt2), a TorchScript file or a spec (preset, TOML file or run "
            + "folder). For a folder that `gyre measure` made, nothing else is needed"
    )]
    public string Model { get; init; } = "";

    [CommandArgument(1, "[CHECKPOINTS]")]
    [Description(
        "Checkpoints of the training, ordered by the step in their names: files, folders, patterns with " + "* and ?"
    )]
    public string[] Checkpoints { get; init; } = [];

    [CommandOption("--learning-rate <RATE>")]
    [Description(
        "Learning rate of the training: a number, or a CSV file of step and rate. Default: the spec's "
            + "own; required for a file of a network"
    )]
    public string? LearningRate { get; init; }

    [CommandOption("--steps <LIST>")]
    [Description("Steps of the checkpoints in their order, such as 0,100,200, if their names have none")]
    public string? Steps { get; init; }

    [CommandOption("--watch")]
    [Description("Measure each new checkpoint as it appears, until Ctrl-C")]
    public bool Watch { get; init; }

    [CommandOption("--data <NAME>")]
    [Description(
        "Data of the training (see `gyre data list`). Default: the spec's own; required for a file of a " + "network"
    )]
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

    [CommandOption("--set <KEY=VALUE>")]
    [Description("Set one key of the spec, such as optimizer.name=adam. May be repeated")]
    public string[] Sets { get; init; } = [];

    [CommandOption("--probe <NAME>")]
    [Description("Measure more: self-stabilisation, re-solve or trace. May be repeated")]
    public string[] Probes { get; init; } = [];

    [CommandOption("--out <DIR>")]
    [Description("Folder for run folders. Default: runs")]
    public string Out { get; init; } = RunSettings.DefaultOut;

    [CommandOption("--json <FILE>")]
    [Description("Also write the result to this file as JSON; - prints JSON only, and progress to standard error")]
    public string? Json { get; init; }

    [CommandOption("--quiet")]
    [Description("Show no progress, only the result and errors")]
    public bool Quiet { get; init; }
}
