using System.ComponentModel;
using Gyre.App.Terminal;
using Spectre.Console.Cli;

namespace Gyre.App.Sweeps;

/// <summary>Options of commands that run many cells.</summary>
internal class CellsSettings : GyreSettings
{
    public const string DefaultOut = "sweeps";

    [CommandOption("--set <KEY=VALUE>")]
    [Description("Set one key of the spec, such as training.steps=200 or sweep.seeds=5. May be given again and again")]
    public string[] Sets { get; init; } = [];

    [CommandOption("--out <DIR>")]
    [Description("Folder for sweep folders. Default: sweeps")]
    public string Out { get; init; } = DefaultOut;

    [CommandOption("--jobs <COUNT>")]
    [Description(
        "Processes at a time; the processors are divided between them. Default: one for every processor, at "
            + "most 16. Slurm: jobs at a time. Default: as many as the cluster starts"
    )]
    public int? Jobs { get; init; }

    [CommandOption("--memory <GB>")]
    [Description(
        "Memory for all processes together, in gigabytes: fewer than --jobs run where they would not fit. "
            + "Default: what the machine has free"
    )]
    public double? Memory { get; init; }

    [CommandOption("--replace")]
    [Description(
        "Go on with a plan that leaves out cells of the one before, which is refused otherwise. Their "
            + "folders stay and are listed"
    )]
    public bool Replace { get; init; }

    [CommandOption("--dry-run")]
    [Description("Only print the plan: cells, time, disk; with --on slurm also the script. Nothing is written")]
    public bool DryRun { get; init; }

    [CommandOption("--on <WHERE>")]
    [Description("Where cells run: local, or slurm, as jobs of that cluster (docs/slurm.md). Default: local")]
    public string On { get; init; } = Local;

    [CommandOption("--partition <NAME>")]
    [Description("Slurm: the partition")]
    public string? Partition { get; init; }

    [CommandOption("--time <LIMIT>")]
    [Description("Slurm: time limit of a job, such as 2:00:00. A cell that needs longer goes on in the next")]
    public string? Time { get; init; }

    [CommandOption("--cpus <COUNT>")]
    [Description("Slurm: processors of a job, and threads of its cells. Default: the spec's threads, or 1")]
    public int? Cpus { get; init; }

    [CommandOption("--gpus <COUNT>")]
    [Description("Slurm: GPUs of a job, such as 1 or a100:1")]
    public string? Gpus { get; init; }

    [CommandOption("--pack <COUNT>")]
    [Description(
        "Slurm: cells of a job, one after another. Default: as many as take a minute together, where that "
            + "was measured; else one"
    )]
    public int? Pack { get; init; }

    [CommandOption("--setup <SCRIPT>")]
    [Description("Slurm: a shell script that every job reads first, for modules and variables")]
    public string? Setup { get; init; }

    [CommandOption("--sbatch <OPTION>")]
    [Description("Slurm: any other option of sbatch, such as account=physics or mem=4G. May be given again and again")]
    public string[] Sbatch { get; init; } = [];

    [CommandOption("--detach")]
    [Description("Slurm: submit and return; the same command follows later")]
    public bool Detach { get; init; }

    [CommandOption("--status")]
    [Description("Only say how far the sweep is, on this machine or on a cluster")]
    public bool Status { get; init; }

    [CommandOption("--cancel")]
    [Description("Slurm: end the sweep's jobs. What is done stays, what runs writes a checkpoint")]
    public bool Cancel { get; init; }

    [CommandOption("--quiet")]
    [Description("Show no progress; what came of it, and errors, are still shown")]
    public bool Quiet { get; init; }

    /// <summary>Where JSON is written; null of commands that write none.</summary>
    public virtual string? Answer => null;

    /// <summary>Cells in processes of this machine.</summary>
    public const string Local = "local";

    /// <summary>Cells as jobs of Slurm.</summary>
    public const string Slurm = "slurm";
}
