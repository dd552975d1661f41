using System.ComponentModel;
using Gyre.App.Terminal;
using Spectre.Console.Cli;

namespace Gyre.App.Sweeps;

/// <summary>Options of commands that run many cells.</summary>
internal class CellsSettings : GyreSettings
{
    public const string DefaultOut = "sweeps";

    [CommandOption("--set <KEY=VALUE>")]
    [Description("Set one key of the spec, such as training.steps=200 or sweep.seeds=5. May be repeated")]
    public string[] Sets { get; init; } = [];

    [CommandOption("--out <DIR>")]
    [Description("Folder for sweep folders. Default: sweeps")]
    public string Out { get; init; } = DefaultOut;

    [CommandOption("--jobs <COUNT>")]
    [Description(
        "Processes at a time, which share the processors. Default: one per processor, at most 16. Slurm: "
            + "jobs at a time. Default: as many as the cluster starts"
    )]
    public int? Jobs { get; init; }

    [CommandOption("--memory <GB>")]
    [Description(
        "Memory for all processes together, in gigabytes; fewer than --jobs run if they would not fit. "
            + "Default: the machine's free memory"
    )]
    public double? Memory { get; init; }

    [CommandOption("--replace")]
    [Description(
        "Accept a plan that leaves out cells of the previous one, which is refused otherwise. Their "
            + "folders are kept and listed"
    )]
    public bool Replace { get; init; }

    [CommandOption("--dry-run")]
    [Description("Only print the plan: cells, time, disk, and with --on slurm the script. Nothing is written")]
    public bool DryRun { get; init; }

    [CommandOption("--on <WHERE>")]
    [Description("Run cells locally (local) or as jobs of a cluster (slurm, see docs/slurm.md). Default: local")]
    public string On { get; init; } = Local;

    [CommandOption("--partition <NAME>")]
    [Description("Slurm: the partition")]
    public string? Partition { get; init; }

    [CommandOption("--time <LIMIT>")]
    [Description("Slurm: time limit of a job, such as 2:00:00. A cell that needs longer continues in the next job")]
    public string? Time { get; init; }

    [CommandOption("--cpus <COUNT>")]
    [Description("Slurm: processors of a job, and threads of its cells. Default: the spec's threads, or 1")]
    public int? Cpus { get; init; }

    [CommandOption("--gpus <COUNT>")]
    [Description("Slurm: GPUs of a job, such as 1 or a100:1")]
    public string? Gpus { get; init; }

    [CommandOption("--pack <COUNT>")]
    [Description(
        "Slurm: cells per job, one after another. Default: as many as take a minute together if that was "
            + "measured, else one"
    )]
    public int? Pack { get; init; }

    [CommandOption("--setup <SCRIPT>")]
    [Description("Slurm: a shell script that every job sources first, for modules and variables")]
    public string? Setup { get; init; }

    [CommandOption("--sbatch <OPTION>")]
    [Description("Slurm: any other option of sbatch, such as account=physics or mem=4G. May be repeated")]
    public string[] Sbatch { get; init; } = [];

    [CommandOption("--detach")]
    [Description("Slurm: submit and return; the same command follows the jobs later")]
    public bool Detach { get; init; }

    [CommandOption("--status")]
    [Description("Only print the progress of the sweep, on this machine or on a cluster")]
    public bool Status { get; init; }

    [CommandOption("--cancel")]
    [Description("Slurm: cancel the sweep's jobs. Finished cells are kept, running ones write a checkpoint")]
    public bool Cancel { get; init; }

    [CommandOption("--quiet")]
    [Description("Show no progress, only the result and errors")]
    public bool Quiet { get; init; }

    /// <summary>The target of the JSON result; null for commands that write none.</summary>
    public virtual string? Answer => null;

    /// <summary>Cells run in processes on this machine.</summary>
    public const string Local = "local";

    /// <summary>Cells run as jobs of Slurm.</summary>
    public const string Slurm = "slurm";
}
