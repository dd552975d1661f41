using Gyre.Lab.Measuring;
using Gyre.Lab.Objectives;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Torch;

namespace Gyre.Lab.Monitoring;

/// <summary>
/// The run folder of a monitored training. It equals that of `gyre run`, but has only the measured steps, and no
/// checkpoints, which are up to the caller.
/// </summary>
internal sealed class MonitorFolder : IDisposable
{
    private readonly RunSpec _spec;
    private readonly TimeProvider _time;
    private readonly List<StepRecord> _steps = [];
    private readonly RunLock _held;
    private readonly RunWriter _writer;

    /// <exception cref="RunFolderException">The folder already exists, or cannot be written.</exception>
    public MonitorFolder(string path, RunSpec spec, TimeProvider time)
    {
        (_spec, _time) = (spec, time);
        var folder = new RunFolder(path);
        if (folder.Status != RunStatus.Missing)
            throw new RunFolderException(
                $"{path} already contains a run. Choose another folder, or move that one away."
            );
        var text = SpecText.Write(spec);
        folder.Create(text, RunEnvironment.Describe(spec, text, LibTorch.Load(), Environment.CommandLine, time));
        _held = RunLock.Take(folder);
        _writer = new RunWriter(folder, new Dictionary<string, long>());
        Note(SessionKinds.Started, 0, "monitored by CurvatureMonitor");
    }

    public void Write(StepRecord step, CurvatureRecord? record, IReadOnlyList<EventRecord> events)
    {
        _steps.Add(step);
        _writer.Append(step);
        if (record is not null)
            _writer.Append(record);
        foreach (var happened in events)
            _writer.Append(happened);
    }

    /// <summary>Ends the run with its summary. A run without measured steps stays unfinished.</summary>
    public void Finish(InstabilityTracker instabilities, IReadOnlyList<CurvatureRecord> records, Objective objective)
    {
        if (_steps.Count == 0)
            return;
        foreach (var happened in instabilities.End())
            _writer.Append(happened);
        var diverged = double.IsFinite(_steps[^1].Loss) ? null : "the loss is not finite";
        _writer.Append(
            new EventRecord(_steps[^1].Step, EventKinds.Ended, Detail: diverged ?? "the monitor was disposed")
        );
        Note(SessionKinds.Ended, _steps[^1].Step, diverged);
        var spec = _spec with { Training = _spec.Training with { LearningRate = _steps[0].LearningRate } };
        _writer.Finish(
            RunSummary.Create(spec, _steps, records, diverged, objective.Layout.Dimension, objective.Samples)
        );
    }

    public void Dispose()
    {
        _writer.Dispose();
        _held.Dispose();
    }

    private void Note(string kind, long step, string? detail) =>
        _writer.Append(new SessionRecord(_time.GetUtcNow(), kind, step, Environment.ProcessId, detail));
}
