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
    /// <summary>The summary is written; a diverged run counts as done.</summary>
    Done,

    /// <summary>The run was stopped from outside at a checkpoint.</summary>
    Interrupted,
}

/// <summary>
/// Executes one run in this process: trains, measures, and writes the run folder; resumes if an earlier process
/// stopped.
/// </summary>
internal static class Run
{
    /// <summary>Returns the name of a run's folder: <c>name-id</c>.</summary>
    public static string FolderName(RunSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return $"{spec.Name}-{SpecText.Id(spec)}";
    }

    /// <summary>Returns a run of the same spec that was made from other data files; null if there is none.</summary>
    /// <param name="spec">The spec, bound to its data.</param>
    /// <param name="folder">The run's own folder; the others are next to it.</param>
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
    /// Runs to the end, or to the next step after <paramref name="stop"/> is canceled. Whatever kills the process,
    /// the folder stays readable, and the next call ends with the same bytes in steps.jsonl, curvature.jsonl,
    /// events.jsonl and summary.json as an uninterrupted run (same machine, same spec).
    /// </summary>
    /// <param name="spec">The resolved spec.</param>
    /// <param name="folder">The run folder; created if missing.</param>
    /// <param name="commandLine">The command line, for environment.json.</param>
    /// <param name="time">The clock for time stamps, timings and checkpoints.</param>
    /// <param name="stop">Requests a checkpoint and a stop.</param>
    /// <param name="earlier">If the folder is new, an attempt at the same run whose latest checkpoint this one
    /// resumes from.</param>
    /// <param name="ranks">The processes that share the run; all call this method with the same spec. The first
    /// writes, and the others read. Null for this process alone.</param>
    /// <exception cref="RunFolderException">The folder cannot be used, or another process is working on
    /// it.</exception>
    /// <exception cref="DataException">The data cannot be used.</exception>
    /// <exception cref="ObjectiveException">The objective cannot be trusted.</exception>
    /// <exception cref="LibTorchException">There is no usable libtorch.</exception>
    /// <exception cref="SpecException">The run cannot be done here, for example because memory or disk space is
    /// insufficient.</exception>
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
        // Data and objective come first, so that a run that cannot start leaves no folder behind.
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
    /// Executes a run in this process alone and passes each measurement to an observer while its gradient graph
    /// exists.
    /// </summary>
    /// <param name="spec">The resolved spec.</param>
    /// <param name="folder">The run folder; created if missing.</param>
    /// <param name="time">The clock for time stamps.</param>
    /// <param name="observer">Called with the point, its record, and the eigenvectors <c>[k, n]</c>, which are
    /// released after the call.</param>
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

    /// <summary>Reports the network or the memory as the cause if work fails before there is a folder.</summary>
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

    /// <summary>Creates the folder if it is missing, and takes its lock.</summary>
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
    /// Checks that all ranks have the same spec. Every rank resolves the spec by itself, so a file or a device that
    /// differs between nodes would make two runs of one.
    /// </summary>
    private static void CheckSame(RunSpec spec, RankGroup ranks)
    {
        // shifted so that its negative can be represented too
        var id = BitConverter.ToInt64(SHA256.HashData(Encoding.UTF8.GetBytes(SpecText.Write(spec)))) >> 1;
        var agreed = ranks.Agree(id, -id);
        if (agreed[0] != -agreed[1])
            throw new RankGroupException(
                "The ranks have different specs, or their files or devices differ between nodes. "
                    + "Give all of them the same spec, on a file system that all nodes share."
            );
    }

    /// <summary>
    /// Checks that the spec in the folder determines the same results as the requested one: an edited spec.toml would
    /// describe another run.
    /// </summary>
    /// <param name="folder">An existing run folder.</param>
    /// <param name="asWritten">The requested spec as a folder stores it: a device that is left to the machine is
    /// "auto".</param>
    /// <exception cref="RunFolderException">The specs differ.</exception>
    private static void CheckSpec(RunFolder folder, string asWritten)
    {
        var there = FolderFile.Text(folder.Spec);
        if (there == asWritten)
            return;
        var (found, asked) = (IdOf(there), SpecText.Id(SpecReader.ReadText(asWritten)));
        if (found != asked)
            throw new RunFolderException(
                $"{folder.Spec} is not the spec of this run: its ID is {found ?? "unreadable"}, and {asked} "
                    + "is expected. It was edited or replaced. "
                    + $"Restore the spec of this run, or remove {folder.Path} so that the same command repeats the run."
            );
    }

    /// <summary>Returns the id of a spec's text; null if it cannot be read.</summary>
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
    /// Checks that a run continues on the kind of device on which it began. Another kind would round differently from
    /// here on, and the run would be neither one nor the other.
    /// </summary>
    /// <exception cref="RunFolderException">The run began on another kind of device.</exception>
    private static void CheckDevice(RunFolder folder, string device)
    {
        if (RunReader.Open(folder.Path).ReadEnvironment() is { } begun && begun.Device != device)
        {
            throw new RunFolderException(
                device == DeviceNames.Cuda
                    ? $"{folder.Path} was started on the processor, but device = \"auto\" means a CUDA device here: "
                        + "its last digits would change midway. Set device = \"cpu\" or \"cuda\" for a separate "
                        + "run, or hide the device with CUDA_VISIBLE_DEVICES=\"\"."
                    : $"{folder.Path} was started on a CUDA device, but there is none here: its last digits would "
                        + "change midway. Resume it on a machine with such a device, or set device = \"cpu\" "
                        + "for a separate run."
            );
        }
    }

    /// <summary>The version of the program, with the commit if the build knew it.</summary>
    public static string Version => RunEnvironment.Version;
}
