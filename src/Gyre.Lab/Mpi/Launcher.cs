using System.Globalization;

namespace Gyre.Lab.Mpi;

/// <summary>What started this process as one of several, from the environment it left. Pure.</summary>
/// <param name="Name">In words.</param>
/// <param name="Count">How many processes it says it started; 0: it does not say.</param>
/// <param name="Rank">Which of them this is, from 0.</param>
/// <param name="OpenMpi">Whether it speaks to Open MPI; null: to either.</param>
public sealed record Launcher(string Name, int Count, int Rank, bool? OpenMpi)
{
    private const string Slurm = "srun";

    /// <summary>Name of a library, or its path, in place of those looked for.</summary>
    public const string LibraryVariable = "GYRE_MPI";

    /// <summary>From the environment; null where no launcher is known to have started this process.</summary>
    /// <param name="variable">Value of an environment variable, or null.</param>
    public static Launcher? Find(Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        int? Number(string name) =>
            int.TryParse(variable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
        var step =
            variable("SLURM_JOB_ID") is { } job && variable("SLURM_STEP_ID") is { } number ? $"{job}.{number}" : null;
        // The innermost first: mpirun inside a Slurm job leaves both kinds.
        if (Number("OMPI_COMM_WORLD_SIZE") is { } open)
            return new Launcher("Open MPI's mpirun", open, Number("OMPI_COMM_WORLD_RANK") ?? 0, true);
        if (Number("PMI_SIZE") is { } pmi)
            return new Launcher(
                variable("SLURM_STEP_ID") is null ? "MPICH's mpirun" : Slurm,
                pmi,
                Number("PMI_RANK") ?? 0,
                false
            )
            {
                Step = step,
            };
        if (Number("MV2_COMM_WORLD_SIZE") is { } mvapich)
            return new Launcher("MVAPICH's mpirun", mvapich, Number("MV2_COMM_WORLD_RANK") ?? 0, false);
        if (Number("SLURM_STEP_NUM_TASKS") is { } tasks && variable("SLURM_PROCID") is not null)
            return new Launcher(Slurm, tasks, Number("SLURM_PROCID") ?? 0, variable("PMIX_RANK") is null ? null : true)
            {
                Step = step,
            };
        return Number("PMIX_RANK") is { } rank && !string.IsNullOrWhiteSpace(variable(LibraryVariable))
            ? new Launcher("The launcher", 0, rank, null)
            : null;
    }

    /// <summary>Slurm's name of the job step where srun started it; else null.</summary>
    public string? Step { get; private init; }

    /// <summary>Whether this process may be one of several: the library is then asked.</summary>
    public bool Several => Count != 1;

    /// <summary>
    /// Why the library knows another number of ranks than were started, and what to do; null where it knows the same.
    /// </summary>
    /// <param name="size">Of the library's world.</param>
    /// <param name="library">In words.</param>
    public string? Mismatch(int size, string library) =>
        size == Count || Count == 0
            ? null
            : $"{Name} started {Count} processes, but {library} knows {size}: the launcher and the library do "
                + $"not belong together. {Cure}";

    /// <summary>Why a library cannot even ask for the world, and what to do; null where it can.</summary>
    /// <param name="openMpi">Whether it is Open MPI, which ends the process when nobody answers.</param>
    public string? Unheard(bool openMpi) =>
        openMpi && Name == Slurm && OpenMpi is null
            ? $"{Name} started {Count} processes and gave them no PMIx, by which Open MPI finds the others. {Cure}"
            : null;

    private string Cure =>
        Name == Slurm
            ? "Name the protocol of the library: `srun --mpi=pmix` for Open MPI, `srun --mpi=pmi2` for MPICH "
                + $"(`srun --mpi=list` says what there is); or let {LibraryVariable} name the library that suits."
            : $"Start with the mpirun of the library, or let {LibraryVariable} name the library of this mpirun, "
                + $"such as {LibraryVariable}={(OpenMpi == true ? "libmpi.so.40" : "libmpich.so.12")}.";
}
