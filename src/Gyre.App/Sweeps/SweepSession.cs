using System.Globalization;
using Gyre.App.Folders;
using Gyre.App.Processes;
using Gyre.App.Terminal;
using Gyre.Lab.Reports;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Lab.Sweeps;
using Gyre.Torch;
using Spectre.Console;

namespace Gyre.App.Sweeps;

/// <summary>Executes a sweep from spec to report: calibrations, plan, cells, conclusion.</summary>
internal sealed class SweepSession(
    IAnsiConsole output,
    CellsSettings settings,
    string source,
    IReadOnlyList<string> sets,
    TimeProvider time,
    Func<IAnsiConsole, SweepReading, int> show,
    StopSignals signals
)
{
    private const int MostJobs = 16;
    private const double Giga = 1e9;

    private readonly Voice _voice = Voice.Create(output, settings.Quiet, settings.Answer);
    private readonly SweepMemory _memory = SweepMemory.FromMachine((settings.Memory ?? 0) * Giga);

    /// <summary>Executes the whole command.</summary>
    /// <returns>The exit code.</returns>
    public int Execute(CancellationToken stop)
    {
        var (sweep, jobs) = Read();
        var folder = new SweepFolder(Path.Combine(settings.Out, sweep.Name));
        if (settings.Status)
            return Status(folder);
        if (settings.Cancel)
            return SlurmSession.Cancel(output, folder, time);
        foreach (var remark in UnusedSweepKeys.Find(sweep, source, sets))
            ConsoleLine.Write(_voice.Remarks, $"note: {remark}");
        try
        {
            return settings.On == CellsSettings.Slurm
                ? new SlurmSession(_voice, settings, sweep, folder, time, show, signals).Execute(stop)
                : ExecuteHere(sweep, folder, jobs, stop);
        }
        catch (SpecException error) when (error.Spec is null)
        {
            var mistakes = new Mistakes();
            mistakes.AddRange(error.Mistakes);
            mistakes.ThrowIfAny(source, sets);
            throw;
        }
    }

    /// <summary>Executes the sweep with cells in processes on this machine.</summary>
    private int ExecuteHere(SweepSpec sweep, SweepFolder folder, int jobs, CancellationToken stop)
    {
        var threads = Threads(sweep, folder, jobs);
        var needed = SweepPlanner.SpecsToCalibrate(sweep, threads);
        signals.Listen(StopSignals.TerminationAndHangup);
        if (!sweep.InEdgeUnits)
            // report every mistake before anything is measured or written
            SweepPlanner.Plan(sweep, threads, new Dictionary<string, CalibrationRecord>(), "");
        PlanChange.CheckBefore(settings, sweep, threads, needed, folder);
        if (!CheckModules(needed, stop))
            return ReportInterruption();
        using var writer = settings.DryRun ? null : SweepWriter.Open(folder);
        if (writer is not null)
            ClusterView.RefuseWhileJobsGo(folder, time);
        try
        {
            var measuring = new Calibrations(_voice.Progress, folder, writer, settings.Verbose, sweep.Retries, _memory);
            if (measuring.Measure(needed, jobs, stop) is not { } calibrations)
                return ReportInterruption();
            var plan = SweepPlanner.Plan(sweep, threads, calibrations, Environment.CommandLine);
            PlanChange.Check(_voice.Progress, settings, folder, plan);
            Show(plan, sweep, folder, jobs);
            SweepNeeds.Require(plan, folder, Math.Max(MachineMemory.Available(), (settings.Memory ?? 0) * Giga));
            return writer is null ? Exit.Done : Run(writer, plan, sweep, jobs, stop);
        }
        catch (Exception error) when (error is SpecException or RunFolderException or CalibrationException)
        {
            writer?.Withdraw();
            throw;
        }
    }

    /// <summary>Loads the files of networks in separate processes.</summary>
    /// <returns>False if interrupted.</returns>
    private static bool CheckModules(IReadOnlyList<RunSpec> specs, CancellationToken stop)
    {
        try
        {
            foreach (var spec in specs.DistinctBy(spec => spec.Model.File))
                ModuleCheck.Require(spec, stop);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private (SweepSpec Sweep, int Jobs) Read()
    {
        var jobs = settings.Jobs ?? Math.Min(Environment.ProcessorCount, MostJobs);
        var mistakes = new Mistakes();
        if (jobs is < 1 or > 1024)
            mistakes.Add("--jobs", $"{jobs} is not a number of processes from 1 to 1024");
        if (settings.Memory is { } memory && !(memory > 0 && double.IsFinite(memory)))
            mistakes.Add(
                "--memory",
                string.Create(CultureInfo.InvariantCulture, $"{memory} is not a number of gigabytes above 0")
            );
        if (settings.Memory is not null && settings.On == CellsSettings.Slurm)
            mistakes.Add("--memory", "applies to cells on this machine; for a cluster job give --sbatch mem=4G");
        mistakes.AddRange(ClusterOptions.Mistakes(settings));
        var sweep = mistakes.Collect(() => SweepSpecReader.Read(source, sets));
        mistakes.ThrowIfAny(source, sets);
        return (sweep!, jobs);
    }

    /// <summary>Shows the present progress of the sweep.</summary>
    private int Status(SweepFolder folder)
    {
        var code = SweepStatus.Show(_voice.Result, folder, time);
        JsonAnswer.Write(
            settings.Answer,
            () => SweepAnswer.FromSweep(SweepReading.Read(SweepReader.Open(folder.Path)), [])
        );
        return code;
    }

    /// <summary>The plan is the result of a dry run, and otherwise part of the progress.</summary>
    private void Show(SweepPlan plan, SweepSpec sweep, SweepFolder folder, int jobs)
    {
        var console = settings.DryRun ? _voice.Result : _voice.Progress;
        console.Write(PlanTable.Create(plan, folder));
        ConsoleLine.Write(console, PlanTable.Cost(plan, folder, jobs, _memory));
        if (PlanTable.Seedless(plan, sweep.Seeds.Count) is { } seedless)
            ConsoleLine.Write(console, seedless);
        if (PlanTable.MayEndBefore(plan, folder) is { } before)
            ConsoleLine.Write(console, before);
        if (PlanTable.Undecidable(plan) is { } undecidable)
            ConsoleLine.Write(console, undecidable);
        if (PlanTable.Orphans(plan, folder) is { } orphans)
            ConsoleLine.Write(console, orphans);
    }

    private int Run(SweepWriter writer, SweepPlan plan, SweepSpec sweep, int jobs, CancellationToken stop)
    {
        var threads = plan.Record.Threads;
        using var runner = new SweepRunner(
            writer,
            plan,
            ChildProgram.GetCommandLine(RunChild.Name, settings.Verbose),
            jobs,
            sweep.Retries,
            _memory,
            time
        );
        writer.Write(plan.Record, sweep.Text);
        writer.Append(
            new SweepLogRecord(
                time.GetUtcNow(),
                SweepLogKinds.Planned,
                null,
                $"{Counted.Format(plan.Cells.Count, "cell")}, {jobs} at a time, {threads} "
                    + $"{Counted.Noun(threads, "thread")} each"
            )
        );
        var end = new SweepView(_voice.Progress, time, jobs).Follow(runner, writer.Folder, stop, KillIfUrgent);
        foreach (var cell in runner.Cells.Where(cell => cell.State == CellState.Failed))
            Console.Error.WriteLine($"{cell.Cell.Record.Folder} failed: {cell.Reason}");
        switch (end)
        {
            case SweepEnd.Interrupted:
                return ReportInterruption();
            case SweepEnd.FolderUnusable:
                Console.Error.WriteLine(
                    $"{runner.FolderProblem}\nThe sweep stopped; finished work is kept. The same " + "command resumes."
                );
                return Exit.WrongInput;
        }
        var ended = SweepReading.Read(SweepReader.Open(writer.Folder.Path));
        var code = show(_voice.Result, ended);
        JsonAnswer.Write(settings.Answer, () => SweepAnswer.FromSweep(ended, []));
        return end == SweepEnd.SomeFailed ? Exit.Failed : code;

        void KillIfUrgent()
        {
            if (signals.Urgent.IsCancellationRequested)
                runner.Kill();
        }
    }

    /// <summary>
    /// The number of threads is part of every cell's identity: once a plan has chosen it, later commands keep it,
    /// whatever their --jobs.
    /// </summary>
    private static int Threads(SweepSpec sweep, SweepFolder folder, int jobs) =>
        sweep.Base.TryGetValue("threads", out var given) && given is long and >= 1 and <= 1024
            ? (int)(long)given
            : SweepThreads.Decided(folder) ?? Math.Max(1, Environment.ProcessorCount / jobs);

    private static int ReportInterruption()
    {
        Console.Error.WriteLine("Interrupted. Finished work is kept: the same command resumes.");
        return Exit.Interrupted;
    }
}
