using Gyre.Torch;

namespace Gyre.Lab.Clusters;

/// <summary>Reports on Slurm for <c>gyre doctor</c>.</summary>
internal static class SlurmFinding
{
    private const string Subject = "Slurm";

    /// <summary>Queries the controller once.</summary>
    /// <param name="slurm">The cluster.</param>
    /// <param name="here">Whether its commands are on this machine.</param>
    public static EngineFinding Create(Slurm slurm, bool here)
    {
        ArgumentNullException.ThrowIfNull(slurm);
        if (!here)
            return new(Subject, FindingSeverity.Ok, "no sbatch here; only --on slurm needs it (docs/slurm.md)");
        var version = slurm.Version() ?? "its commands are available";
        return slurm.Queue() is { } queue
            ? new(Subject, FindingSeverity.Ok, $"{version}; tasks of arrays of this user in the queue: {queue.Count}")
            : new(
                Subject,
                FindingSeverity.Warning,
                $"{version}, but its controller does not answer: {slurm.LastError}",
                "Sweeps with --on slurm need it: check whether `squeue` answers, and whether SLURM_CONF names "
                    + "the cluster's file."
            );
    }
}
