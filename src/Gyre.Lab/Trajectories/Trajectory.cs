using Gyre.Lab.Mpi;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Torch;

namespace Gyre.Lab.Trajectories;

/// <summary>
/// A run whose theta comes from the checkpoints of another program's training, in this process: measures, and writes
/// the run folder. It resumes if an earlier process stopped or if checkpoints have been added since.
/// </summary>
internal static class Trajectory
{
    /// <summary>
    /// Measures every checkpoint, or up to the next one after <paramref name="stop"/> is canceled. Whatever kills the
    /// process, the folder stays readable, and the next call ends with the same bytes as an uninterrupted run.
    /// </summary>
    /// <param name="spec">The resolved spec, with its section [measured].</param>
    /// <param name="folder">The run folder; created if missing.</param>
    /// <param name="watches">Whether to wait for more checkpoints until <paramref name="stop"/>, which then completes
    /// the run.</param>
    /// <param name="commandLine">The command line, for environment.json.</param>
    /// <param name="time">The clock for time stamps, timings, and how long a file has been unchanged.</param>
    /// <param name="stop">Requests a stop.</param>
    /// <exception cref="TrajectoryException">A checkpoint cannot be measured.</exception>
    /// <exception cref="RunFolderException">The folder cannot be used, or another process is working on
    /// it.</exception>
    /// <exception cref="SpecException">The run cannot be done here, for example because memory is
    /// insufficient.</exception>
    /// <exception cref="RunMemoryException">Memory ran out.</exception>
    public static RunEnd Execute(
        RunSpec spec,
        RunFolder folder,
        bool watches,
        string commandLine,
        TimeProvider time,
        CancellationToken stop
    )
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(time);
        var measured = spec.Measured ?? throw new ArgumentException("It has no section [measured].", nameof(spec));
        if (!watches && IsDone(measured, folder))
            return RunEnd.Done;
        var here = RunEngine.Begin(spec);
        var source = new TrajectorySource(measured, watches, time);
        // Data, network and the first checkpoint come first, so that a run that cannot be measured leaves no folder
        // behind.
        using var setup = Run.CreateSetup(here, folder, RankGroup.Alone);
        if (FindFirst(folder, source, setup, stop) is not { } first)
            return RunEnd.Interrupted;
        Run.Guarded(spec, folder, () => Required(setup));
        if (folder.Status == RunStatus.Missing)
            Run.Guarded(spec, folder, setup.CheckObjective);
        using var held = Run.Begin(here, SpecText.Write(spec), folder, commandLine, time, null, RankGroup.Alone);
        RunFolder.Guarded(folder.Summary, () => Reopen(folder));
        using var loop = new TrajectoryLoop(setup, folder, source, first, time);
        try
        {
            return ModelFault.Named(spec, () => loop.Run(stop));
        }
        catch (Exception error) when (MemoryFault.TryFind(error) is { } fault)
        {
            loop.NoteFault(fault);
            throw new RunMemoryException(spec, folder, fault, error);
        }
    }

    /// <summary>Returns whether a folder is finished and no later checkpoint has been added since.</summary>
    public static bool IsDone(MeasuredSpec spec, RunFolder folder) =>
        folder.ReadSummary() is { } summary && !CheckpointList.From(spec).Files.Any(file => file.Step > summary.Steps);

    /// <summary>
    /// Loads the first checkpoint of the run into the network. A resumed run no longer needs it, and it may be gone.
    /// </summary>
    /// <returns>Its step; null if a stop was requested before there was one.</returns>
    private static long? FindFirst(RunFolder folder, TrajectorySource source, RunSetup setup, CancellationToken stop)
    {
        if (folder.Status != RunStatus.Missing && Checkpoints.Steps(folder).Count > 0)
        {
            var steps = RunReader.Open(folder.Path).ReadSteps();
            source.Begin(steps);
            if (steps.Count > 0)
                return steps[0].Step;
        }
        while (source.FindNext(null, stop) is { } file)
        {
            if (IsLoaded(file, source, setup))
                return file.Step;
        }
        return null;
    }

    private static bool IsLoaded(CheckpointFile file, TrajectorySource source, RunSetup setup)
    {
        try
        {
            new CheckpointLoader(setup).Load(file, RunSchedules.Rates(setup.Spec.Training).At(file.Step));
            return true;
        }
        catch (TrajectoryException error) when (source.PassesOver(file, error.Message))
        {
            return false;
        }
    }

    private static bool Required(RunSetup setup)
    {
        RunNeeds.RequireMemory(setup);
        return true;
    }

    /// <summary>Makes a finished run with more to measure unfinished again.</summary>
    private static bool Reopen(RunFolder folder)
    {
        File.Delete(folder.Summary);
        return true;
    }
}
