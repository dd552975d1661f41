using System.Security.Cryptography;
using System.Text;
using Gyre.Lab.Data;
using Gyre.Lab.Measuring;
using Gyre.Lab.Mpi;
using Gyre.Lab.Objectives;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Torch;

namespace Gyre.Lab.Running;

/// <summary>How a call of <see cref="Run.Execute"/> ended.</summary>
internal enum RunEnd
{
    /// <summary>The summary is written; a diverged run is done.</summary>
    Done,

    /// <summary>Stopped from outside at a checkpoint.</summary>
    Interrupted,
}

/// <summary>
/// One run, in this process: trains, measures, and writes the run folder; goes on by itself where an earlier process
/// stopped.
/// </summary>
internal static class Run
{
    /// <summary>Name of a run's folder: <c>name-id</c>.</summary>
    public static string FolderName(RunSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return $"{spec.Name}-{SpecText.Id(spec)}";
    }

    /// <summary>A run of the same spec that was made from other data files; null where there is none.</summary>
    /// <param name="spec">Bound to its data.</param>
    /// <param name="folder">Its own folder, beside which the others lie.</param>
    public static RunFolder? FindOnOtherData(RunSpec spec, RunFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var above = Path.GetDirectoryName(Path.GetFullPath(folder.Path))!;
        if (spec.Data.Checksum.Length == 0 || !Directory.Exists(above))
            return null;
        var unbound = SpecText.Id(Unbound(spec));
        return Directory
            .EnumerateDirectories(above, $"{spec.Name}-*")
            .Order(StringComparer.Ordinal)
            .Select(path => new RunFolder(path))
            .FirstOrDefault(other =>
                Path.GetFileName(other.Path) != Path.GetFileName(folder.Path) && IdOf(other) == unbound
            );

        static RunSpec Unbound(RunSpec spec) => spec with { Data = spec.Data with { Checksum = "" } };

        static string? IdOf(RunFolder other)
        {
            try
            {
                return SpecText.Id(Unbound(SpecReader.ReadText(RunReader.Open(other.Path).ReadSpecText())));
            }
            catch (Exception error) when (error is RunFolderException or SpecException)
            {
                return null; // no run to compare with
            }
        }
    }

    /// <summary>
    /// Runs to the end, or to the next step after <paramref name="stop"/>. Whatever kills the process, the folder stays
    /// readable and the next call ends with
    /// the same bytes in steps.jsonl, curvature.jsonl, events.jsonl and summary.json as a run never stopped (same
    /// machine, same spec).
    /// </summary>
    /// <param name="spec">Resolved.</param>
    /// <param name="folder">Made if missing.</param>
    /// <param name="commandLine">For environment.json.</param>
    /// <param name="time">For time stamps, timings and the clock of checkpoints.</param>
    /// <param name="stop">Asks for a checkpoint and an end.</param>
    /// <param name="earlier">Where the folder is new: an attempt at the same run whose latest checkpoint this one goes
    /// on from.</param>
    /// <param name="ranks">Processes that share the run and all call this with the same spec; the first writes, the
    /// others read. Null: this process alone.</param>
    /// <exception cref="RunFolderException">The folder cannot be used, or another process works on it.</exception>
    /// <exception cref="DataException">The data cannot be used.</exception>
    /// <exception cref="ObjectiveException">The objective cannot be trusted.</exception>
    /// <exception cref="LibTorchException">No usable libtorch.</exception>
    /// <exception cref="SpecException">It cannot be done here, for want of memory or disk among others.</exception>
    /// <exception cref="RunMemoryException">Memory ran out.</exception>
    public static RunEnd Execute(
        RunSpec spec,
        RunFolder folder,
        string commandLine,
        TimeProvider time,
        CancellationToken stop,
        RunFolder? earlier = null,
        RankGroup? ranks = null
    )
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(time);
        var group = ranks ?? RankGroup.Alone;
        if (group.Agree(folder.Status == RunStatus.Finished ? 1 : 0)[0] == 1)
            return RunEnd.Done;
        var here = group.RunTogether(() => RunEngine.Begin(spec));
        CheckSame(here, group);
        // Data and objective first: what cannot run leaves no folder behind.
        using var setup = group.RunTogether(() => CreateSetup(here, folder, group));
        var need = group.RunTogether(() => Guarded(here, folder, () => RunNeeds.Require(setup, folder)));
        if (group.Agree(stop.IsCancellationRequested ? 1 : 0)[0] == 1)
            return RunEnd.Interrupted;
        var begins = folder.Status == RunStatus.Missing && spec.Fork is null;
        if (group.Agree(begins ? 1 : 0)[0] == 1)
            Guarded(here, folder, setup.CheckObjective);
        using var held = group.RunTogether(() =>
            group.Leads ? Begin(here, SpecText.Write(spec), folder, commandLine, time, earlier, group) : null
        );
        if (group.Agree(folder.Status == RunStatus.Finished ? 1 : 0)[0] == 1)
            return RunEnd.Done;
        if (earlier is not null && group.Leads)
            AttemptFiles.TakeOver(earlier, folder, spec.Keeping.CheckpointAt, time);
        using var loop = new RunLoop(setup, folder, time, group);
        try
        {
            return ModelFault.Named(spec, () => loop.Run(stop));
        }
        catch (Exception error) when (MemoryFault.TryFind(error) is { } fault)
        {
            loop.NoteFault(fault);
            throw new RunMemoryException(spec, folder, fault, error, need);
        }
    }

    /// <summary>
    /// A run by this process alone whose measurements are told to somebody while their gradient graphs stand.
    /// </summary>
    /// <param name="spec">Resolved.</param>
    /// <param name="folder">Made if missing.</param>
    /// <param name="time">For time stamps.</param>
    /// <param name="observer">Told the point, its record, and the vectors <c>[k, n]</c>, which are gone after the
    /// call.</param>
    internal static RunEnd Observe(
        RunSpec spec,
        RunFolder folder,
        TimeProvider time,
        Action<MeasuredPoint, CurvatureRecord, TorchSharp.torch.Tensor> observer
    )
    {
        var here = RunEngine.Begin(spec);
        using var setup = new RunSetup(here);
        using var held = Begin(here, SpecText.Write(spec), folder, "", time, null, RankGroup.Alone);
        using var loop = new RunLoop(setup, folder, time, RankGroup.Alone, observer);
        return loop.Run(CancellationToken.None);
    }

    internal static RunSetup CreateSetup(RunSpec spec, RunFolder folder, RankGroup ranks)
    {
        try
        {
            return new RunSetup(spec, ranks);
        }
        catch (Exception error) when (MemoryFault.TryFind(error) is { } fault)
        {
            throw new RunMemoryException(spec, folder, fault, error);
        }
    }

    /// <summary>Names the network or the memory, if work on them fails before there is a folder.</summary>
    internal static T Guarded<T>(RunSpec spec, RunFolder folder, Func<T> work)
    {
        try
        {
            return ModelFault.Named(spec, work);
        }
        catch (Exception error) when (MemoryFault.TryFind(error) is { } fault)
        {
            throw new RunMemoryException(spec, folder, fault, error);
        }
    }

    /// <summary>Makes the folder where it is missing, and takes its lock.</summary>
    internal static RunLock Begin(
        RunSpec spec,
        string asWritten,
        RunFolder folder,
        string commandLine,
        TimeProvider time,
        RunFolder? earlier,
        RankGroup ranks
    )
    {
        if (earlier is not null)
            CheckDevice(earlier, spec.Device);
        if (folder.Status == RunStatus.Missing)
        {
            Fork.Require(spec, folder);
            folder.Create(
                asWritten,
                RunEnvironment.Describe(spec, asWritten, LibTorch.Load(), commandLine, time) with
                {
                    Ranks = ranks.Count > 1 ? ranks.Count : null,
                    Mpi = ranks.Carrier,
                }
            );
        }
        else
            RunCheck.RequireSpec(RunReader.Open(folder.Path));
        folder.Check();
        CheckSpec(folder, asWritten);
        CheckDevice(folder, spec.Device);
        return RunLock.Take(folder);
    }

    /// <summary>
    /// Every rank resolves the spec by itself: a file that differs between nodes, or a device, would make two runs of
    /// one.
    /// </summary>
    private static void CheckSame(RunSpec spec, RankGroup ranks)
    {
        // its negative is a number, too
        var id = BitConverter.ToInt64(SHA256.HashData(Encoding.UTF8.GetBytes(SpecText.Write(spec)))) >> 1;
        var agreed = ranks.Agree(id, -id);
        if (agreed[0] != -agreed[1])
            throw new RankGroupException(
                "The ranks were given different specs, or files or devices of them differ between nodes. "
                    + "Give all the same, from a file system that all nodes share."
            );
    }

    /// <summary>
    /// The spec in the folder must decide the same results as the one asked for: an edited spec.toml would describe
    /// another run.
    /// </summary>
    /// <param name="folder">It is there already.</param>
    /// <param name="asWritten">The spec asked for, as a folder holds it: a device that is left to the machine is
    /// "auto".</param>
    /// <exception cref="RunFolderException">They differ.</exception>
    private static void CheckSpec(RunFolder folder, string asWritten)
    {
        var there = FolderFile.Text(folder.Spec);
        if (there == asWritten)
            return;
        var (found, asked) = (IdOf(there), SpecText.Id(SpecReader.ReadText(asWritten)));
        if (found != asked)
            throw new RunFolderException(
                $"{folder.Spec} is not the spec of this run: its id is {found ?? "unreadable"}, and {asked} "
                    + "is asked for. It was edited, or put there. "
                    + $"Put this run's spec back, or remove {folder.Path}, and the same command makes the run."
            );
    }

    /// <summary>The id of a spec's text; null where it cannot be read.</summary>
    private static string? IdOf(string toml)
    {
        try
        {
            return SpecText.Id(SpecReader.ReadText(toml));
        }
        catch (SpecException)
        {
            return null;
        }
    }

    /// <summary>
    /// A run goes on where it was begun: another kind of device would round otherwise from here on, and the run would
    /// be neither one nor the other.
    /// </summary>
    /// <exception cref="RunFolderException">It was begun on another kind of device.</exception>
    private static void CheckDevice(RunFolder folder, string device)
    {
        if (RunReader.Open(folder.Path).ReadEnvironment() is { } begun && begun.Device != device)
        {
            throw new RunFolderException(
                device == DeviceNames.Cuda
                    ? $"{folder.Path} was begun on the processor, and device = \"auto\" is a CUDA device here: "
                        + "its last digits would change midway. Set device = \"cpu\" or \"cuda\" for a run of its "
                        + "own, or hide the device from it with CUDA_VISIBLE_DEVICES=\"\"."
                    : $"{folder.Path} was begun on a CUDA device, and there is none here: its last digits would "
                        + "change midway. Go on with it on a machine with such a device, or set device = \"cpu\" "
                        + "for a run of its own."
            );
        }
    }

    /// <summary>Version of the program, with the commit where the build knew it.</summary>
    public static string Version => RunEnvironment.Version;
}
