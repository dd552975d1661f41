using Gyre.Lab.Data;
using Gyre.Lab.Objectives;
using Gyre.Lab.Runs;
using Gyre.Torch;

namespace Gyre.Lab.Experiments;

/// <summary>How a call of <see cref="Run.Execute"/> ended.</summary>
public enum RunEnd
{
    /// <summary>The summary is written; a diverged run is done.</summary>
    Done,

    /// <summary>Stopped from outside at a checkpoint.</summary>
    Interrupted,
}

/// <summary>One run, in this process: trains, measures, and writes the run folder; goes on by itself where an earlier process stopped.</summary>
public static class Run
{
    /// <summary>Name of a run's folder: <c>name-id</c>.</summary>
    public static string FolderName(RunSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return $"{spec.Name}-{SpecText.Id(spec)}";
    }

    /// <summary>
    /// Runs to the end, or to the next step after <paramref name="stop"/>. Whatever kills the process, the folder stays readable and the next call ends with
    /// the same bytes in steps.jsonl, curvature.jsonl, events.jsonl and summary.json as a run never stopped (same machine, same spec).
    /// </summary>
    /// <param name="spec">Resolved.</param>
    /// <param name="folder">Made if missing.</param>
    /// <param name="commandLine">For environment.json.</param>
    /// <param name="time">For time stamps, timings and the clock of checkpoints.</param>
    /// <param name="stop">Asks for a checkpoint and an end.</param>
    /// <param name="earlier">Where the folder is new: an attempt at the same run whose latest checkpoint this one goes on from.</param>
    /// <exception cref="RunFolderException">The folder cannot be used, or another process works on it.</exception>
    /// <exception cref="DataException">The data cannot be used.</exception>
    /// <exception cref="ObjectiveException">The objective cannot be trusted.</exception>
    /// <exception cref="LibTorchException">No usable libtorch.</exception>
    public static RunEnd Execute(RunSpec spec, RunFolder folder, string commandLine, TimeProvider time, CancellationToken stop, RunFolder? earlier = null)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(time);
        if (folder.Status == RunStatus.Finished)
            return RunEnd.Done;
        var engine = LibTorch.Load();
        LibTorch.SetThreads(spec.Threads);
        if (spec.Device == "cuda" && !TorchSharp.torch.cuda.is_available())
            throw new LibTorchException("device = \"cuda\", but libtorch finds no CUDA device here.", "Set device = \"cpu\"; `gyre doctor` says what there is.");
        // Data and objective first: what cannot run leaves no folder behind.
        using var setup = new RunSetup(spec);
        if (stop.IsCancellationRequested)
            return RunEnd.Interrupted;
        if (folder.Status == RunStatus.Missing)
            folder.Create(SpecText.Write(spec), EnvironmentOf(spec, engine, commandLine, time));
        folder.Check();
        using var held = RunLock.Take(folder);
        if (folder.Status == RunStatus.Finished)
            return RunEnd.Done;
        if (earlier is not null)
            AttemptFiles.TakeOver(earlier, folder, spec.Keeping.CheckpointAt, time);
        using var loop = new RunLoop(spec, folder, setup, time);
        return loop.Go(stop);
    }

    internal static EnvironmentRecord EnvironmentOf(RunSpec spec, LibTorchInfo engine, string commandLine, TimeProvider time) => new(
        RunFolder.Format, Version, Environment.Version.ToString(), System.Runtime.InteropServices.RuntimeInformation.OSDescription,
        Environment.ProcessorCount, spec.Threads, spec.Device, engine.Version, engine.Folder, engine.Patched, commandLine, spec.Seed, time.GetUtcNow());

    /// <summary>Version of the program, with the commit where the build knew it.</summary>
    public static string Version { get; } =
        typeof(Run).Assembly.GetCustomAttributes(typeof(System.Reflection.AssemblyInformationalVersionAttribute), false)
            .OfType<System.Reflection.AssemblyInformationalVersionAttribute>().FirstOrDefault()?.InformationalVersion ?? "unknown";
}
