using System.Globalization;

namespace Gyre.Lab.Mpi;

/// <summary>
/// The program that started this process as one of several, found in the environment variables. Pure.
/// </summary>
/// <param name="Name">The launcher's name, for messages.</param>
/// <param name="Count">The number of processes it reports to have started; 0 if it reports none.</param>
/// <param name="Rank">The rank of this process, from 0.</param>
/// <param name="OpenMpi">Whether it works with Open MPI (true) or MPICH (false); null for either.</param>
internal sealed record Launcher(string Name, int Count, int Rank, bool? OpenMpi)
{
    private const string Slurm = "srun";

    /// <summary>
    /// The environment variable with the name or path of a library, which replaces the usual names.
    /// </summary>
    public const string LibraryVariable = "GYRE_MPI";

    /// <summary>Finds the launcher from the environment; null if no known launcher started this process.</summary>
    /// <param name="variable">Returns the value of an environment variable, or null.</param>
    public static Launcher? Find(Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        // The innermost first: mpirun inside a Slurm job leaves variables of both kinds.
        return FindOpenMpi(variable)
            ?? FindPmi(variable)
            ?? FindMvapich(variable)
            ?? FindSlurm(variable)
            ?? FindPmix(variable);
    }

    private static Launcher? FindOpenMpi(Func<string, string?> variable) =>
        Number(variable, "OMPI_COMM_WORLD_SIZE") is { } count
            ? new Launcher("Open MPI's mpirun", count, Number(variable, "OMPI_COMM_WORLD_RANK") ?? 0, true)
            : null;

    private static Launcher? FindPmi(Func<string, string?> variable)
    {
        if (Number(variable, "PMI_SIZE") is not { } count)
            return null;
        var name = variable("SLURM_STEP_ID") is null ? "MPICH's mpirun" : Slurm;
        return new Launcher(name, count, Number(variable, "PMI_RANK") ?? 0, false) { Step = StepOf(variable) };
    }

    private static Launcher? FindMvapich(Func<string, string?> variable) =>
        Number(variable, "MV2_COMM_WORLD_SIZE") is { } count
            ? new Launcher("MVAPICH's mpirun", count, Number(variable, "MV2_COMM_WORLD_RANK") ?? 0, false)
            : null;

    private static Launcher? FindSlurm(Func<string, string?> variable)
    {
        if (Number(variable, "SLURM_STEP_NUM_TASKS") is not { } count || variable("SLURM_PROCID") is null)
            return null;
        bool? openMpi = variable("PMIX_RANK") is null ? null : true;
        return new Launcher(Slurm, count, Number(variable, "SLURM_PROCID") ?? 0, openMpi) { Step = StepOf(variable) };
    }

    /// <summary>
    /// A launcher that does not report how many processes it started is accepted only if the user names a library.
    /// </summary>
    private static Launcher? FindPmix(Func<string, string?> variable) =>
        Number(variable, "PMIX_RANK") is { } rank && !string.IsNullOrWhiteSpace(variable(LibraryVariable))
            ? new Launcher("The launcher", 0, rank, null)
            : null;

    private static string? StepOf(Func<string, string?> variable) =>
        variable("SLURM_JOB_ID") is { } job && variable("SLURM_STEP_ID") is { } step ? $"{job}.{step}" : null;

    private static int? Number(Func<string, string?> variable, string name) =>
        int.TryParse(variable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    /// <summary>Slurm's name of the job step if srun started it; otherwise null.</summary>
    public string? Step { get; private init; }

    /// <summary>Whether this process may be one of several; the library is queried in that case.</summary>
    public bool Several => Count != 1;

    /// <summary>
    /// Returns why the library has a different number of ranks than were started, and the remedy; null if the numbers
    /// agree or the launcher reported none.
    /// </summary>
    /// <param name="size">The size of the library's world.</param>
    /// <param name="library">The library's name, for messages.</param>
    public string? Mismatch(int size, string library) =>
        size == Count || Count == 0
            ? null
            : $"{Name} started {Count} processes, but {library} reports {size}: the launcher and the library do "
                + $"not match. {Cure}";

    /// <summary>Returns why a library cannot even find the other processes, and the remedy; null if it can.</summary>
    /// <param name="openMpi">Whether the library is Open MPI, which ends the process if it gets no answer.</param>
    public string? Unheard(bool openMpi) =>
        openMpi && Name == Slurm && OpenMpi is null
            ? $"{Name} started {Count} processes without PMIx, which Open MPI needs to find the others. {Cure}"
            : null;

    private string Cure
    {
        get
        {
            if (Name == Slurm)
                return "Choose the protocol of the library: `srun --mpi=pmix` for Open MPI, `srun --mpi=pmi2` for MPICH "
                    + $"(`srun --mpi=list` lists them), or set {LibraryVariable} to the matching library.";
            var example = OpenMpi == true ? "libmpi.so.40" : "libmpich.so.12";
            return $"Start with the mpirun of the library, or set {LibraryVariable} to the library of this mpirun, "
                + $"such as {LibraryVariable}={example}.";
        }
    }
}
