using System.Runtime.InteropServices;
using Gyre.App.Folders;
using Gyre.App.Processes;
using Gyre.App.Terminal;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Lab.Sweeps;
using Gyre.Torch;
using Spectre.Console;

namespace Gyre.App.Sweeps;

/// <summary>A sweep's command from spec to report: probes, plan, cells, conclusion.</summary>
internal sealed class SweepSession(
    IAnsiConsole output,
    CellsSettings settings,
    string source,
    IReadOnlyList<string> sets,
    TimeProvider time,
    Func<IAnsiConsole, SweepReader, int> show
)
{
    private const int MostJobs = 16;
    private const double Giga = 1e9;

    private readonly Voice _voice = Voice.Of(output, settings.Quiet, settings.Answer);
    private readonly SweepMemory _memory = SweepMemory.OfMachine((settings.Memory ?? 0) * Giga);
    private int _asked;

    /// <summary>Goes from start to end.</summary>
    /// <returns>Exit code.</returns>
    public int Go()
    {
        var (sweep, jobs) = Read();
        var folder = new SweepFolder(Path.Combine(settings.Out, sweep.Name));
        if (settings.Status)
            return Status(folder);
        if (settings.Cancel)
            return SlurmSession.Cancel(output, folder, time);
        foreach (var remark in UnusedSweepKeys.Of(sweep, source, sets))
            Ending.Say(_voice.Remarks, $"note: {remark}");
        if (settings.On == CellsSettings.Slurm)
            return new SlurmSession(_voice, settings, sweep, folder, time, show).Go();
        var threads = Threads(sweep, folder, jobs);
        var needed = SweepPlanner.SpecsToCalibrate(sweep, threads);
        using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
        using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
        using var onHangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Interrupt);
        if (!sweep.InEdgeUnits)
            // every mistake before anything is measured or written
            SweepPlanner.Plan(sweep, threads, new Dictionary<string, CalibrationRecord>(), "");
        PlanChange.CheckBefore(settings, sweep, threads, needed, folder);
        foreach (var spec in needed.DistinctBy(spec => spec.Model.File))
            ModuleCheck.Require(spec);
        using var writer = settings.DryRun ? null : SweepWriter.Open(folder);
        if (writer is not null)
            ClusterView.RefuseWhileJobsGo(folder, time);
        try
        {
            if (
                new Probes(_voice.Progress, folder, writer, settings.Verbose, sweep.Retries, _memory).Measure(
                    needed,
                    jobs,
                    () => _asked > 0
                )
                is not { } probes
            )
                return Interrupted();
            var plan = SweepPlanner.Plan(sweep, threads, probes, Environment.CommandLine);
            PlanChange.Check(_voice.Progress, settings, folder, plan);
            Show(plan, sweep, folder, jobs);
            SweepNeeds.Require(plan, folder, Math.Max(MachineMemory.Available(), (settings.Memory ?? 0) * Giga));
            return writer is null ? Exit.Done : Run(writer, plan, sweep, jobs);
        }
        catch (Exception error) when (error is SpecException or RunFolderException or ProbeException)
        {
            writer?.Withdraw();
            if (error is not ProbeException { WrongInput: false })
                throw;
            Console.Error.WriteLine(error.Message);
            return Exit.Failed;
        }
    }

    private (SweepSpec Sweep, int Jobs) Read()
    {
        var jobs = settings.Jobs ?? Math.Min(Environment.ProcessorCount, MostJobs);
        var mistakes = new List<SpecMistake>();
        if (jobs is < 1 or > 1024)
            mistakes.Add(new("--jobs", $"{jobs} is not a number of processes from 1 to 1024"));
        if (settings.Memory is { } memory && !(memory > 0 && double.IsFinite(memory)))
            mistakes.Add(
                new(
                    "--memory",
                    string.Create(
                        System.Globalization.CultureInfo.InvariantCulture,
                        $"{memory} is not a number of gigabytes above 0"
                    )
                )
            );
        if (settings.Memory is not null && settings.On == CellsSettings.Slurm)
            mistakes.Add(new("--memory", "is for cells on this machine; for a job of a cluster give --sbatch mem=4G"));
        mistakes.AddRange(ClusterWords.Mistakes(settings));
        try
        {
            var sweep = SweepSpecReader.Read(source, sets);
            return mistakes.Count > 0 ? throw new SpecException(mistakes) : (sweep, jobs);
        }
        catch (SpecException error) when (mistakes.Count > 0 && !error.Mistakes.SequenceEqual(mistakes))
        {
            throw new SpecException([.. mistakes, .. error.Mistakes]);
        }
    }

    /// <summary>How far it is, at one look.</summary>
    private int Status(SweepFolder folder)
    {
        var code = SweepStatus.Show(_voice.Result, folder, time);
        JsonAnswer.Write(settings.Answer, () => SweepAnswer.Of(SweepReader.Open(folder.Path), []));
        return code;
    }

    /// <summary>The plan is how it begins; in a dry run it is all that there is.</summary>
    private void Show(SweepPlan plan, SweepSpec sweep, SweepFolder folder, int jobs)
    {
        var console = settings.DryRun ? _voice.Result : _voice.Progress;
        console.Write(PlanTable.Of(plan, folder));
        Ending.Say(console, PlanTable.Cost(plan, folder, jobs, _memory));
        if (PlanTable.Seedless(plan, sweep.Seeds.Count) is { } seedless)
            Ending.Say(console, seedless);
        if (PlanTable.MayEndBefore(plan, folder) is { } before)
            Ending.Say(console, before);
        if (PlanTable.Orphans(plan, folder) is { } orphans)
            Ending.Say(console, orphans);
    }

    private int Run(SweepWriter writer, SweepPlan plan, SweepSpec sweep, int jobs)
    {
        var threads = plan.Record.Threads;
        using var runner = new SweepRunner(
            writer,
            plan,
            ChildProgram.Of(RunChild.Name, settings.Verbose),
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
                $"{Counted.Of(plan.Cells.Count, "cell")}, {jobs} at a time, {threads} "
                    + $"{(threads == 1 ? "thread" : "threads")} each"
            )
        );
        var end = new SweepView(_voice.Progress, time, jobs).Follow(
            runner,
            writer.Folder,
            () =>
            {
                if (_asked > 1)
                    runner.Kill();
                return _asked > 0;
            }
        );
        foreach (var cell in runner.Cells.Where(cell => cell.State == CellState.Failed))
            Console.Error.WriteLine($"{cell.Cell.Record.Folder} failed: {cell.Reason}");
        switch (end)
        {
            case SweepEnd.Interrupted:
                return Interrupted();
            case SweepEnd.FolderUnusable:
                Console.Error.WriteLine(
                    $"{runner.FolderProblem}\nThe sweep stopped; nothing that is done is lost. The same "
                        + "command goes on."
                );
                return Exit.WrongInput;
        }
        var ended = SweepReader.Open(writer.Folder.Path);
        var code = show(_voice.Result, ended);
        JsonAnswer.Write(settings.Answer, () => SweepAnswer.Of(ended, []));
        return end == SweepEnd.SomeFailed ? Exit.Failed : code;
    }

    /// <summary>
    /// Part of every cell's identity: once a plan has decided it, later commands keep it, whatever their --jobs.
    /// </summary>
    private static int Threads(SweepSpec sweep, SweepFolder folder, int jobs) =>
        sweep.Base.TryGetValue("threads", out var given) && given is long and >= 1 and <= 1024
            ? (int)(long)given
            : SweepThreads.Decided(folder) ?? Math.Max(1, Environment.ProcessorCount / jobs);

    private void Interrupt(PosixSignalContext signal)
    {
        signal.Cancel = true;
        Interlocked.Increment(ref _asked);
    }

    private static int Interrupted()
    {
        Console.Error.WriteLine(
            "Interrupted. Nothing that is done is lost: the same command goes on where it stopped."
        );
        return Exit.Interrupted;
    }
}
