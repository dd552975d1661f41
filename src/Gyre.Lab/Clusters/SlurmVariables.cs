namespace Gyre.Lab.Clusters;

/// <summary>
/// Environment variables that Slurm's commands take for options (their manuals, "input environment variables" and
/// "environment
/// variables"). A user sets them for commands of their own.
/// </summary>
internal static class SlurmVariables
{
    /// <summary>
    /// Of sbatch, where the command line cannot take them back: --wait would block until the array has ended, separate
    /// files of errors
    /// and input are not what the sweep's folder promises, and --test-only submits nothing.
    /// </summary>
    private static readonly HashSet<string> ForSubmission =
    [
        "SBATCH_WAIT",
        "SBATCH_ERROR",
        "SBATCH_INPUT",
        "SBATCH_TEST_ONLY",
    ];

    /// <summary>Those that filter, sort or format what squeue, scancel and scontrol answer or act upon.</summary>
    private static readonly string[] ForQueries = ["SQUEUE_", "SCANCEL_", "SCONTROL_"];

    /// <summary>Which cluster is meant is the user's to say.</summary>
    private static readonly HashSet<string> SetByUser = ["SQUEUE_CLUSTERS", "SCANCEL_CLUSTERS", "SCONTROL_CLUSTERS"];

    /// <summary>
    /// Whether a variable changes what is asked. What the user left open (partition, account, memory, ...) stays; what
    /// the user or this
    /// program decided is on sbatch's command line, which is stronger than its variables.
    /// </summary>
    public static bool ChangesRequest(string name) =>
        ForSubmission.Contains(name)
        || (ForQueries.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)) && !SetByUser.Contains(name));
}
