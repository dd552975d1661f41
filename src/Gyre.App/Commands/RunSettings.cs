using System.ComponentModel;
using Gyre.App.Terminal;
using Gyre.Lab.Specs;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>Arguments and options of `gyre run`.</summary>
internal sealed class RunSettings : GyreSettings
{
    public const string DefaultOut = "runs";

    [CommandArgument(0, "[SPEC]")]
    [Description(
        "A preset (see `gyre spec`), a TOML file, a file of a network (.pt2, .pt), or a run folder to resume. Default: fashion-mlp"
    )]
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

    [CommandOption("--set <KEY=VALUE>")]
    [Description("Set one key of the spec, such as training.learning_rate=0.3. May be repeated")]
    public string[] Sets { get; init; } = [];

    [CommandOption("--probe <NAME>")]
    [Description("Measure more: self-stabilisation, re-solve or trace. May be repeated")]
    public string[] Probes { get; init; } = [];

    [CommandOption("--out <DIR>")]
    [Description("Folder for run folders. Default: runs")]
    public string Out { get; init; } = DefaultOut;

    [CommandOption("--json <FILE>")]
    [Description("Also write the result to this file as JSON; - prints JSON only, and progress to standard error")]
    public string? Json { get; init; }

    [CommandOption("--quiet")]
    [Description("Show no progress, only the result and errors")]
    public bool Quiet { get; init; }
}
