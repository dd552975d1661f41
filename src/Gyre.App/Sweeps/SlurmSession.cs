using System.Security.Cryptography;
using System.Text;
using Gyre.App.Folders;
using Gyre.App.Processes;
using Gyre.App.Terminal;
using Gyre.Lab.Clusters;
using Gyre.Lab.Reports;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Lab.Sweeps;
using Gyre.Torch;
using Spectre.Console;

namespace Gyre.App.Sweeps;

/// <summary>
/// Executes a sweep whose cells are jobs of Slurm: calibrations, plan, jobs, conclusion. The command may end, or be
/// ended, at any time: the jobs continue, and the same command finds them.
/// </summary>
internal sealed class SlurmSession(
    Voice voice,
    CellsSettings settings,
    SweepSpec sweep,
    SweepFolder folder,
    TimeProvider time,
    Func<IAnsiConsole, SweepReading, int> show,
    StopSignals signals
)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan CancelPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CancelPatience = TimeSpan.FromMinutes(2);

    /// <summary>The plan is the result of a dry run, and otherwise part of the progress.</summary>
    private readonly IAnsiConsole _console = settings.DryRun ? voice.Result : voice.Progress;
    private readonly Slurm _slurm = new();

    /// <summary>Executes the whole command.</summary>
    /// <returns>The exit code.</returns>
    public int Execute(CancellationToken stop)
    {
        // The spec's own threads, or those chosen by an earlier plan, or the processors of a job. They are never
        // taken from this machine, since the cells do not run here.
        var threads =
            sweep.Base.TryGetValue("threads", out var given) && given is long and >= 1 and <= 1024
                ? (int)(long)given
                : SweepThreads.Decided(folder) ?? settings.Cpus ?? 1;
        var options = ClusterOptions.Options(settings, threads);
        var needed = SweepPlanner.SpecsToCalibrate(sweep, threads);
        if (!sweep.InEdgeUnits)
            // report every mistake before anything is submitted
            SweepPlanner.Plan(sweep, threads, new Dictionary<string, CalibrationRecord>(), "");
        PlanChange.CheckBefore(settings, sweep, threads, needed, folder);
        foreach (var warning in ClusterOptions.Warnings(settings, sweep, folder))
            Console.Error.WriteLine(warning);
        if (settings.DryRun)
            return DryRun(needed, threads, options);
        if (!Slurm.IsHere)
            throw new ClusterException(
                "There is no sbatch here: --on slurm needs a machine that can submit jobs. Use a "
                    + "login node of the cluster, or remove it to run here; --dry-run prints the script."
            );
        signals.Listen(StopSignals.TerminationAndHangup);
        using var writer = SweepWriter.Open(folder);
        try
        {
            if (sweep.InEdgeUnits && Calibrate(writer, needed, options, stop) is { } ended)
                return ended;
            return Run(
                writer,
                SweepPlanner.Plan(sweep, threads, SweepReader.ReadCalibrations(folder), Environment.CommandLine),
                options,
                stop
            );
        }
        catch (Exception error) when (error is SpecException or ClusterException)
        {
            writer.Withdraw();
            throw;
        }
    }

    /// <summary>Cancels a sweep's jobs.</summary>
    public static int Cancel(IAnsiConsole console, SweepFolder folder, TimeProvider time)
    {
        if (!folder.Cluster.Exists)
            throw new RunFolderException(
                $"{folder.Path} has no jobs on a cluster. Stop a sweep on this machine with Ctrl-C; for one in "
                    + "another folder, give --out."
            );
        if (!Slurm.IsHere)
            throw new ClusterException(
                "There is no scancel here: cancel jobs on a machine that can submit them, such as a login "
                    + "node of the cluster."
            );
        var works = ClusterView.Read(folder, time);
        foreach (var work in works)
        {
            if (!work.Peek())
                throw new ClusterException(
                    $"The Slurm controller does not answer, so nothing was canceled: {work.Silence}. "
                        + "Try again when `squeue` answers."
                );
        }
        var jobs = works.SelectMany(work => work.Jobs).ToArray();
        foreach (var work in works)
            work.Cancel();
        var begun = time.GetTimestamp();
        while (
            jobs.Length > 0
            && time.GetElapsedTime(begun) < CancelPatience
            && works.Any(work => work.Peek() && work.Jobs.Count > 0)
        )
            Thread.Sleep(CancelPause);
        ConsoleLine.Write(
            console,
            jobs.Length == 0
                ? "No job of this sweep is in the queue."
                : $"canceled {string.Join(", ", jobs)}. Results are kept; the same command with --on slurm resumes."
        );
        return Exit.Done;
    }

    private int DryRun(IReadOnlyList<RunSpec> needed, int threads, SlurmOptions options)
    {
        var known = SweepReader.ReadCalibrations(folder);
        var missing = needed.Count(spec => !known.ContainsKey(Calibration.Id(spec)));
        if (sweep.InEdgeUnits && missing > 0)
        {
            var reduced = sweep.Reductions.Count > 0 ? ", and their reductions" : "";
            ConsoleLine.Write(
                _console,
                $"{sweep.Combinations} {Counted.Noun(sweep.Combinations, "cell")}{reduced}. "
                    + "Learning rates in edge units need the sharpness at initialization, "
                    + $"{missing} {Counted.Noun(missing, "time")}, measured by a first array; the array of the cells "
                    + "follows, with the same script. The first:"
            );
            Print(Script(options) with { Tasks = missing, Submission = 1 });
            return Exit.Done;
        }
        var plan = SweepPlanner.Plan(sweep, threads, known, Environment.CommandLine);
        Show(plan);
        var open = plan
            .Cells.Where(cell => folder.Result(cell.Record.Folder).Status != RunStatus.Finished)
            .Select(cell => new ClusterPart(cell.Record.Folder, "", cell.Seconds, cell.Record.Parent))
            .ToArray();
        var waves = Packing.Waves(open).Select(wave => Packing.Units(wave, options.Pack).Count).ToArray();
        ConsoleLine.Write(
            _console,
            $"{Counted.Format(plan.Cells.Count, "cell")}, {plan.Cells.Count - open.Length} done; jobs: "
                + $"{(waves.Length == 0 ? "none" : string.Join(", then ", waves))}. The first array:"
        );
        if (waves.Length > 0)
            Print(
                Script(options) with
                {
                    Tasks = waves[0],
                    Submission = folder.Cluster.ReadSubmissions().Select(one => one.Number).DefaultIfEmpty(0).Max() + 1,
                }
            );
        return Exit.Done;
    }

    private void Show(SweepPlan plan)
    {
        _console.Write(PlanTable.Create(plan, folder));
        if (PlanTable.Seedless(plan, sweep.Seeds.Count) is { } seedless)
            ConsoleLine.Write(_console, seedless);
        if (PlanTable.MayEndBefore(plan, folder) is { } early)
            ConsoleLine.Write(_console, early);
    }

    private void Print(ArrayScript script)
    {
        ConsoleLine.Write(_console, "");
        foreach (
            var line in (script with { Name = $"{script.Name}-{script.Submission}" }).Text().TrimEnd('\n').Split('\n')
        )
            ConsoleLine.Write(_console, line);
    }

    /// <summary>
    /// Measures, as jobs, what the plan needs. Returns null when everything is available, otherwise the exit code.
    /// </summary>
    private int? Calibrate(
        SweepWriter writer,
        IReadOnlyList<RunSpec> needed,
        SlurmOptions options,
        CancellationToken stop
    )
    {
        var calibrations = new SlurmCalibration(writer, needed, _slurm, Script(options), sweep.Retries, time);
        if (calibrations.Count == 0)
            return null;
        calibrations.Begin();
        ConsoleLine.Write(
            _console,
            $"measuring sharpness and speed at initialization, {calibrations.Count} "
                + $"{Counted.Noun(calibrations.Count, "time")}: {ClusterOptions.Jobs(calibrations.Arrays)}"
        );
        var said = time.GetTimestamp();
        while (!calibrations.Turn())
        {
            if (settings.Detach)
                return ReportDetached("The same command submits the cells once these are measured");
            if (stop.IsCancellationRequested)
                return ReportInterruption();
            if (time.GetElapsedTime(said) > Heartbeat)
            {
                ConsoleLine.Write(
                    _console,
                    $"{calibrations.Done} of {calibrations.Count} measured{(calibrations.Remark is { } remark ? $"; {remark}" : "")}"
                );
                said = time.GetTimestamp();
            }
            stop.WaitHandle.WaitOne(Pause);
        }
        if (calibrations.Lost.Count == 0)
            return null;
        foreach (var lost in calibrations.Lost)
            Console.Error.WriteLine($"The measurement at initialization {lost.Part.Name} failed: {lost.Reason}");
        Console.Error.WriteLine("The same command tries again.");
        return Exit.Failed;
    }

    private int Run(SweepWriter writer, SweepPlan plan, SlurmOptions options, CancellationToken stop)
    {
        PlanChange.Check(_console, settings, folder, plan);
        Show(plan);
        SweepNeeds.Require(plan, folder, double.PositiveInfinity);
        writer.Write(plan.Record, sweep.Text);
        writer.Append(
            new SweepLogRecord(
                time.GetUtcNow(),
                SweepLogKinds.Planned,
                null,
                $"{Counted.Format(plan.Cells.Count, "cell")} as Slurm jobs, {plan.Record.Threads} "
                    + $"{Counted.Noun(plan.Record.Threads, "thread")} each"
            )
        );
        var engine = new SlurmSweep(writer, plan, _slurm, Script(options), sweep.Retries, time);
        var before = folder.Cluster.ReadSubmissions().Count;
        engine.Begin();
        if (engine.Work.Arrays is { Count: > 0 } arrays)
        {
            var isEarlier = folder.Cluster.ReadSubmissions().Count == before;
            var submitted = isEarlier ? ", submitted earlier with the options at the time" : "";
            var following = settings.Detach ? "" : ". Ctrl-C leaves them running; the same command follows them again";
            ConsoleLine.Write(_console, $"{ClusterOptions.Jobs(arrays)}{submitted}{following}");
        }
        if (settings.Detach && !engine.Work.Over)
            return ReportDetached("The jobs keep running. The same command follows them");
        var end = new SweepView(_console, time, options.Jobs, stopping: "").Follow(engine, folder, stop);
        foreach (var cell in engine.Cells.Where(cell => cell.State is CellState.Failed))
            Console.Error.WriteLine($"{cell.Cell.Record.Folder} failed: {cell.Reason}");
        if (stop.IsCancellationRequested)
            return ReportInterruption();
        if (end == SweepEnd.Interrupted)
            return ReportCancellation(engine);
        Tidy(plan);
        var ended = SweepReading.Read(SweepReader.Open(folder.Path));
        var code = show(voice.Result, ended);
        JsonAnswer.Write(settings.Answer, () => SweepAnswer.FromSweep(ended, []));
        return end == SweepEnd.SomeFailed ? Exit.Failed : code;
    }

    /// <summary>Deletes the attempts at finished cells that another attempt overtook.</summary>
    private void Tidy(SweepPlan plan)
    {
        foreach (
            var name in plan
                .Cells.Select(cell => cell.Record.Folder)
                .Where(name => folder.Result(name).Status == RunStatus.Finished)
        )
        {
            try
            {
                if (Directory.Exists(Path.Combine(folder.Attempts, name)))
                    Directory.Delete(Path.Combine(folder.Attempts, name), recursive: true);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // A forgotten copy still writes there, which does no harm.
            }
        }
    }

    private int ReportDetached(string how)
    {
        ConsoleLine.Write(_console, $"{how}; with --status it prints their progress.");
        return Exit.Done;
    }

    private static int ReportInterruption()
    {
        Console.Error.WriteLine(
            "The jobs keep running. The same command follows them again; with --status it prints their progress, "
                + "with --cancel it ends them."
        );
        return Exit.Interrupted;
    }

    private static int ReportCancellation(SlurmSweep engine)
    {
        var stopped = engine.Cells.Where(cell => cell.State == CellState.Interrupted).ToArray();
        Console.Error.WriteLine($"{stopped.Length} of {engine.Cells.Count} cells were stopped: {stopped[0].Reason}.");
        return Exit.Interrupted;
    }

    /// <summary>
    /// The job's name distinguishes a sweep's jobs from those of a sweep of the same name in another folder.
    /// </summary>
    private ArrayScript Script(SlurmOptions options)
    {
        var full = Path.GetFullPath(folder.Path);
        var mark = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(full)))[..6];
        return new ArrayScript(
            options,
            $"gyre-{sweep.Name}-{mark}",
            0,
            1,
            full,
            Directory.GetCurrentDirectory(),
            ChildProgram.Itself
        );
    }
}
