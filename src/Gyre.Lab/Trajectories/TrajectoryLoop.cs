using Gyre.Lab.Measuring;
using Gyre.Lab.Mpi;
using Gyre.Lab.Objectives;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Statistics;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Trajectories;

/// <summary>
/// The loop of a run whose theta comes from checkpoints: the components of <see cref="RunLoop"/> do at each of them
/// what they do at a step, and no update follows.
/// </summary>
internal sealed class TrajectoryLoop : IDisposable
{
    private readonly RunSetup _setup;
    private readonly RunFolder _folder;
    private readonly TrajectorySource _source;
    private readonly CheckpointLoader _loader;
    private readonly StepClock _clock;
    private readonly RunTrackers _trackers;
    private readonly RunState _state;
    private readonly EigenvectorFiles _vectors;
    private readonly RunJournal _journal;
    private readonly RunOpening _opening;
    private readonly PointEvaluator _points;
    private readonly StepRecorder _recorder;
    private readonly RunCheckpoints _saved;
    private readonly UpdateCheck _updates;
    private readonly HashSet<string> _notes = new(StringComparer.Ordinal);

    /// <param name="setup">The setup, at the theta of the first checkpoint; not owned.</param>
    /// <param name="folder">The run folder, locked by this process.</param>
    /// <param name="source">The source of checkpoints.</param>
    /// <param name="first">The step of the run's first checkpoint.</param>
    /// <param name="time">The clock for time stamps and seconds.</param>
    public TrajectoryLoop(RunSetup setup, RunFolder folder, TrajectorySource source, long first, TimeProvider time)
    {
        (_setup, _folder, _source) = (setup, folder, source);
        var ranks = RankGroup.Alone;
        _loader = new CheckpointLoader(setup);
        _updates = new UpdateCheck(setup);
        _clock = new StepClock(time, ranks);
        _trackers = new RunTrackers(setup.Spec);
        _state = new RunState(setup, isInitial: first == 0);
        _vectors = new EigenvectorFiles(folder, setup.Spec, setup.Objective.Layout);
        _journal = new RunJournal(folder, time, ranks);
        _opening = new RunOpening(setup, folder, ranks, _state, _trackers, _vectors, _journal) { HoldsDoneStep = true };
        _points = new PointEvaluator(setup, _state, _trackers, _clock, null);
        _recorder = new StepRecorder(setup, _state, _trackers, _vectors, _journal);
        _saved = new RunCheckpoints(setup, folder, time, ranks, _state, _trackers, _journal, _clock);
    }

    /// <summary>Runs from the latest measured checkpoint, or from the first, to the last.</summary>
    public RunEnd Run(CancellationToken stop)
    {
        var last = _opening.Begin();
        _source.Begin(RunReader.Open(_folder.Path).ReadSteps());
        _source.Tell((step, sentence) => Note(SessionKinds.PassedOver, step, sentence));
        _saved.StartClock();
        while (_source.FindNext(last, stop) is { } file)
        {
            if (!Measure(file, isFirst: last is null))
                continue;
            last = file.Step;
            if (_saved.SaveDone(file.Step, stop) && !_source.EndsWhenStopped)
                return RunEnd.Interrupted;
        }
        return last is null || (stop.IsCancellationRequested && !_source.EndsWhenStopped)
            ? RunEnd.Interrupted
            : Finish(last.Value);
    }

    /// <summary>Records in the session's history that memory ran out.</summary>
    public void NoteFault(MemoryFault fault) => _journal.NoteFault(fault);

    public void Dispose()
    {
        _updates.Dispose();
        _state.Dispose();
        _journal.Dispose();
        _vectors.Dispose();
    }

    /// <summary>Measures a checkpoint; false if it cannot be read and others may follow.</summary>
    private bool Measure(CheckpointFile file, bool isFirst)
    {
        using var scope = NewDisposeScope();
        LoadedCheckpoint loaded;
        try
        {
            loaded = _loader.Load(file, _trackers.RateAt(file.Step));
        }
        catch (TrajectoryException error) when (_source.PassesOver(file, error.Message))
        {
            return false;
        }
        foreach (var note in loaded.Notes.Where(_notes.Add))
            Note(SessionKinds.Remark, file.Step, note);
        using var point = _points.Evaluate(file.Step, _trackers.RateAt(file.Step), loaded.Updates);
        if (isFirst)
            Note(SessionKinds.Remark, file.Step, FirstLoss(point));
        if (_updates.Take(file.Step, point.Rate, point.Value.Gradient) is { } compared)
            Note(SessionKinds.Remark, file.Step, compared);
        var curvature = _points.MeasureIfDue(point);
        Write(point, curvature, Evaluate(), loaded.Source);
        return true;
    }

    /// <summary>
    /// Returns a remark that a user can compare with the output of the training, whatever its rule.
    /// </summary>
    private static string FirstLoss(StepPoint point) =>
        $"the loss at step {point.Step} is {NumberText.Format(point.Value.Loss, 6)}: "
        + "if your training printed another value there, its data or loss differ from those given here";

    private HeldOut? Evaluate()
    {
        using var time = _clock.Time(StepPart.Evaluation);
        return _setup.Evaluate();
    }

    private void Write(StepPoint point, CurvatureRecord? curvature, HeldOut? heldOut, CheckpointSourceRecord source)
    {
        var record = new StepRecord(
            point.Step,
            point.Value.Loss,
            point.Value.Accuracy,
            point.Value.GradientNorm,
            point.Rate,
            heldOut?.Loss,
            heldOut?.Accuracy
        )
        {
            Checkpoint = source,
        };
        using var time = _clock.Time(StepPart.Files);
        _recorder.Write(record, curvature, decidesEnd: false);
    }

    private void Note(string kind, long step, string detail) => _journal.Note(kind, step, detail);

    private RunEnd Finish(long last)
    {
        var records = RunReader.Open(_folder.Path);
        var (steps, curvature) = (records.ReadSteps(), records.ReadCurvature());
        var diverged = double.IsFinite(steps[^1].Loss) ? null : $"the loss of step {last} is not finite";
        foreach (var happened in _trackers.Instabilities.End())
            _journal.Append(happened);
        _journal.Append(new EventRecord(last, EventKinds.Ended, Detail: diverged ?? "all checkpoints measured"));
        _journal.Note(SessionKinds.Ended, last, diverged ?? "all checkpoints measured");
        var (spec, objective) = (_setup.Spec, _setup.Objective);
        var summary = RunSummary.Create(
            spec,
            steps,
            curvature,
            diverged,
            objective.Layout.Dimension,
            objective.Samples
        );
        _journal.Write(writer => writer.Finish(summary with { LeftOut = [.. LeftOut.Find(spec, steps, curvature)] }));
        return RunEnd.Done;
    }
}
