using System.Security.Cryptography;
using System.Text;
using Gyre.Lab.Data;
using Gyre.Lab.Objectives;
using Gyre.Lab.Ranks;
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
    /// <param name="ranks">Processes that share the run and all call this with the same spec; the first writes, the others read. Null: this process alone.</param>
    /// <exception cref="RunFolderException">The folder cannot be used, or another process works on it.</exception>
    /// <exception cref="DataException">The data cannot be used.</exception>
    /// <exception cref="ObjectiveException">The objective cannot be trusted.</exception>
    /// <exception cref="LibTorchException">No usable libtorch.</exception>
    public static RunEnd Execute(RunSpec spec, RunFolder folder, string commandLine, TimeProvider time, CancellationToken stop, RankGroup? ranks = null)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(time);
        var group = ranks ?? RankGroup.Alone;
        if (group.Agree(folder.Status == RunStatus.Finished ? 1 : 0)[0] == 1)
            return RunEnd.Done;
        // Data and objective first: what cannot run leaves no folder behind.
        using var setup = group.Together(() => SetUp(spec, group));
        CheckSame(spec, group);
        if (group.Agree(stop.IsCancellationRequested ? 1 : 0)[0] == 1)
            return RunEnd.Interrupted;
        using var held = group.Together(() => group.Leads ? Begin(folder, spec, commandLine, time, group) : null);
        if (group.Agree(folder.Status == RunStatus.Finished ? 1 : 0)[0] == 1)
            return RunEnd.Done;
        using var loop = new RunLoop(spec, folder, setup, time, group);
        return loop.Go(stop);
    }

    private static RunSetup SetUp(RunSpec spec, RankGroup ranks)
    {
        LibTorch.Load();
        LibTorch.SetThreads(spec.Threads);
        if (spec.Device == "cuda" && !TorchSharp.torch.cuda.is_available())
            throw new LibTorchException("device = \"cuda\", but libtorch finds no CUDA device here.", "Set device = \"cpu\"; `gyre doctor` says what there is.");
        return new RunSetup(spec, ranks);
    }

    /// <summary>Makes the folder where it is missing, and takes its lock.</summary>
    private static RunLock Begin(RunFolder folder, RunSpec spec, string commandLine, TimeProvider time, RankGroup ranks)
    {
        if (folder.Status == RunStatus.Missing)
            folder.Create(SpecText.Write(spec), EnvironmentOf(spec, LibTorch.Load(), commandLine, time) with { Ranks = ranks.Count > 1 ? ranks.Count : null, Mpi = ranks.Carrier });
        folder.Check();
        return RunLock.Take(folder);
    }

    /// <summary>Every rank resolves the spec by itself: a file that differs between nodes would make two runs of one.</summary>
    private static void CheckSame(RunSpec spec, RankGroup ranks)
    {
        var id = BitConverter.ToInt64(SHA256.HashData(Encoding.UTF8.GetBytes(SpecText.Write(spec)))) >> 1; // its negative is a number, too
        var agreed = ranks.Agree(id, -id);
        if (agreed[0] != -agreed[1])
            throw new RankGroupException("The ranks were given different specs, or files of them differ between nodes. Give all the same, from a file system that all nodes share.");
    }

    internal static EnvironmentRecord EnvironmentOf(RunSpec spec, LibTorchInfo engine, string commandLine, TimeProvider time) => new(
        RunFolder.Format, Version, Environment.Version.ToString(), System.Runtime.InteropServices.RuntimeInformation.OSDescription,
        Environment.ProcessorCount, spec.Threads, spec.Device, engine.Version, engine.Folder, engine.Patched, commandLine, spec.Seed, time.GetUtcNow());

    /// <summary>Version of the program, with the commit where the build knew it.</summary>
    public static string Version { get; } =
        typeof(Run).Assembly.GetCustomAttributes(typeof(System.Reflection.AssemblyInformationalVersionAttribute), false)
            .OfType<System.Reflection.AssemblyInformationalVersionAttribute>().FirstOrDefault()?.InformationalVersion ?? "unknown";
}
