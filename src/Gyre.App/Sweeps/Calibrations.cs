using Gyre.App.Processes;
using Gyre.App.Terminal;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Lab.Sweeps;
using Gyre.Torch;
using Spectre.Console;

namespace Gyre.App.Sweeps;

/// <summary>Thrown if a measurement at initialization failed.</summary>
internal sealed class CalibrationException(string message, bool wrongInput) : GyreException(message)
{
    /// <summary>2 if the user's input is the reason; 3 if a process died.</summary>
    public override int ExitCode => wrongInput ? Exit.WrongInput : Exit.Failed;
}

/// <summary>
/// Measures what a plan needs to know about theta_0, in child processes, and only once: the results are stored in the
/// sweep folder.
/// </summary>
/// <param name="console">The console for a line of progress.</param>
/// <param name="folder">The sweep folder.</param>
/// <param name="writer">The writer of the sweep folder; null in a dry run, which writes nothing.</param>
/// <param name="verbose">Forwarded to the child processes.</param>
/// <param name="retries">The number of restarts after a child process died.</param>
/// <param name="memory">Decides how many processes fit at a time.</param>
internal sealed class Calibrations(
    IAnsiConsole console,
    SweepFolder folder,
    SweepWriter? writer,
    bool verbose,
    int retries,
    SweepMemory memory
)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan SignalPatience = TimeSpan.FromMilliseconds(200);

    private readonly Dictionary<string, CalibrationRecord> _known = new(SweepReader.ReadCalibrations(folder));
    private readonly Dictionary<ChildRun, RunSpec> _running = [];
    private readonly Dictionary<RunSpec, int> _deaths = [];

    /// <summary>Returns the measurements by id; null if stopped.</summary>
    /// <param name="needed">Specs to calibrate.</param>
    /// <param name="jobs">The number of processes at a time.</param>
    /// <param name="stop">Ends the processes.</param>
    /// <exception cref="CalibrationException">A calibration's input is wrong, or its process died too
    /// often.</exception>
    /// <exception cref="RunFolderException">The sweep folder cannot be written.</exception>
    public IReadOnlyDictionary<string, CalibrationRecord>? Measure(
        IReadOnlyList<RunSpec> needed,
        int jobs,
        CancellationToken stop
    )
    {
        var missing = new Queue<RunSpec>(needed.Where(spec => !_known.ContainsKey(Calibration.Id(spec))));
        if (missing.Count > 0)
            ConsoleLine.Write(
                console,
                $"measuring sharpness and speed at initialization, {missing.Count} "
                    + $"{Counted.Noun(missing.Count, "time")} ..."
            );
        try
        {
            while (missing.Count + _running.Count > 0)
            {
                if (stop.IsCancellationRequested)
                    return null;
                memory.Look();
                while (_running.Count < jobs && missing.Count > 0 && memory.Refuses(double.NaN) is null)
                    Begin(missing.Dequeue());
                foreach (var child in _running.Keys.Where(child => child.Wait(Pause)).ToArray())
                    Conclude(child, missing, stop);
            }
            return stop.IsCancellationRequested ? null : _known;
        }
        finally
        {
            foreach (var child in _running.Keys)
            {
                child.Kill();
                child.Dispose();
            }
        }
    }

    private void Begin(RunSpec spec)
    {
        var child = ChildRun.Start(
            ChildProgram.GetCommandLine(CalibrationChild.Name, verbose),
            spec,
            new RunFolder(folder.Path)
        );
        _running[child] = spec;
        memory.Watch(child.Id, double.NaN, () => false);
    }

    private void Conclude(ChildRun child, Queue<RunSpec> missing, CancellationToken stop)
    {
        _running.Remove(child, out var spec);
        memory.Leave(child.Id);
        var end = child.End();
        child.Dispose();
        if (Calibration.Answer(end) is { } calibration)
        {
            _known[calibration.Id] = calibration;
            writer?.Append(calibration);
            return;
        }
        // A terminal interrupts the whole group, so the child may have ended before this process gets the signal.
        if (stop.WaitHandle.WaitOne(SignalPatience))
            return;
        var words = string.Join("\n", end.LastLines);
        if (end.ExitCode == Exit.WrongInput)
            throw new CalibrationException(words, wrongInput: true);
        _deaths[spec!] = _deaths.GetValueOrDefault(spec!) + 1;
        if (_deaths[spec!] > retries)
            throw new CalibrationException(
                (
                    $"The measurement at initialization (seed {spec!.Seed}) failed {_deaths[spec]} "
                    + $"{Counted.Noun(_deaths[spec], "time")}: {end.Reason}. {words}\nThe same command tries "
                    + "again."
                ).Trim(),
                wrongInput: false
            );
        missing.Enqueue(spec!);
    }
}
