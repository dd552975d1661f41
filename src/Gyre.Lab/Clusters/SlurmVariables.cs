namespace Gyre.Lab.Clusters;

/// <summary>
/// Environment variables that Slurm's commands read as options (their manuals, "input environment variables" and
/// "environment variables"). Users set them for their own commands.
/// </summary>
internal static class SlurmVariables
{
    /// <summary>
    /// Variables of sbatch that its command line cannot undo: --wait would block until the array has ended, separate
    /// error and input files would break the layout of the sweep's folder, and --test-only submits nothing.
    /// </summary>
    private static readonly HashSet<string> ForSubmission =
    [
        "SBATCH_WAIT",
        "SBATCH_ERROR",
        "SBATCH_INPUT",
        "SBATCH_TEST_ONLY",
    ];

    /// <summary>
    /// Prefixes of variables that filter, sort or format what squeue, scancel and scontrol report or act upon.
    /// </summary>
    private static readonly string[] ForQueries = ["SQUEUE_", "SCANCEL_", "SCONTROL_"];

    /// <summary>The choice of cluster is left to the user.</summary>
    private static readonly HashSet<string> SetByUser = ["SQUEUE_CLUSTERS", "SCANCEL_CLUSTERS", "SCONTROL_CLUSTERS"];

    /// <summary>
    /// Returns whether a variable changes the request. Options that the user left open (partition, account, memory,
    /// ...) may come from variables. Options that the user or this program decided are on sbatch's command line,
    /// which overrides its variables.
    /// </summary>
    public static bool ChangesRequest(string name) =>
        ForSubmission.Contains(name)
        || (ForQueries.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)) && !SetByUser.Contains(name));
}
