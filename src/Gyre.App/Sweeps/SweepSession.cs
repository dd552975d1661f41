using System.Runtime.InteropServices;
using Gyre.App.Commands;
using Gyre.Lab.Experiments;
using Gyre.Lab.Experiments.Sweeps;
using Gyre.Lab.Runs;
using Spectre.Console;

namespace Gyre.App.Sweeps;

/// <summary>A sweep's command from spec to report: probes, plan, cells, conclusion.</summary>
internal sealed class SweepSession(IAnsiConsole console, CellsSettings settings, string source, TimeProvider time)
{
    private const int MostJobs = 16;
    private int _asked;

    /// <summary>Goes from start to end.</summary>
    /// <returns>Exit code.</returns>
    public int Go()
    {
        var sweep = SweepSpecReader.Read(source, settings.Sets);
        var jobs = settings.Jobs ?? Math.Min(Environment.ProcessorCount, MostJobs);
        if (jobs < 1)
            throw new SpecException([new("--jobs", $"{jobs} is not a number of processes from 1 on")]);
        var folder = new SweepFolder(Path.Combine(settings.Out, sweep.Name));
        var threads = Threads(sweep, folder, jobs);
        var needed = SweepPlanner.Probes(sweep, threads);
        using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
        using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
        using var onHangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Interrupt);
        using var writer = settings.DryRun ? null : SweepWriter.Open(folder);
        if (Probes.Measure(console, needed, folder, writer, jobs, settings.Verbose, () => _asked > 0) is not { } probes)
            return Interrupted();
        var plan = SweepPlanner.Plan(sweep, threads, probes, Environment.CommandLine);
        console.Write(PlanTable.Of(plan, folder));
        Ending.Say(console, PlanTable.Cost(plan, folder, jobs));
        if (writer is null)
            return Exit.Done;
        writer.Write(plan.Record, sweep.Text);
        writer.Append(new SweepLogRecord(time.GetUtcNow(), "planned", null, $"{plan.Cells.Count} cells, {jobs} at a time, {threads} {(threads == 1 ? "thread" : "threads")} each"));
        return Run(writer, plan, jobs, sweep.Retries);
    }

    private int Run(SweepWriter writer, SweepPlan plan, int jobs, int retries)
    {
        var runner = new SweepRunner(writer, plan, ChildProgram.Of("run-child", settings.Verbose), jobs, retries, time);
        var end = new SweepView(console, time, jobs).Follow(runner, writer.Folder, () =>
        {
            if (_asked > 1)
                runner.Kill();
            return _asked > 0;
        });
        foreach (var cell in runner.Cells.Where(cell => cell.State == CellState.Failed))
            Console.Error.WriteLine($"{cell.Cell.Record.Folder} failed: {cell.Reason}");
        switch (end)
        {
            case SweepEnd.Interrupted:
                return Interrupted();
            case SweepEnd.FolderUnusable:
                Console.Error.WriteLine($"{runner.FolderProblem}\nThe sweep stopped; nothing that is done is lost. The same command goes on.");
                return Exit.WrongInput;
        }
        var code = SweepEnding.Show(console, SweepReader.Open(writer.Folder.Path));
        return end == SweepEnd.SomeFailed ? Exit.Failed : code;
    }

    /// <summary>Part of every cell's identity: once a plan has decided it, later commands keep it, whatever their --jobs.</summary>
    private static int Threads(SweepSpec sweep, SweepFolder folder, int jobs) => sweep.Base.TryGetValue("threads", out var given) && given is long and >= 1 and <= 1024
        ? (int)(long)given
        : folder.Exists ? SweepReader.Open(folder.Path).Plan.Threads : Math.Max(1, Environment.ProcessorCount / jobs);

    private void Interrupt(PosixSignalContext signal)
    {
        signal.Cancel = true;
        Interlocked.Increment(ref _asked);
    }

    private static int Interrupted()
    {
        Console.Error.WriteLine("Interrupted. Nothing that is done is lost: the same command goes on where it stopped.");
        return Exit.Interrupted;
    }
}
