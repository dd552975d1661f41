using Gyre.Lab.Measuring;
using Gyre.Lab.Mpi;
using Gyre.Lab.Objectives;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Running;

/// <summary>
/// The loop of a run: evaluates loss and gradient at theta(step), measures there, then updates to step + 1. If
/// several ranks share the run, all go through the same steps with the same numbers, and only the first writes. The
/// ranks agree between steps on what only one of them knows: that it received a stop request, that a checkpoint is
/// due by its clock, or that its disk is full.
/// </summary>
internal sealed class RunLoop : IDisposable
{
    private readonly RunSetup _setup;
    private readonly RunFolder _folder;
    private readonly StepClock _clock;
    private readonly RunTrackers _trackers;
    private readonly RunState _state;
    private readonly EigenvectorFiles _vectors;
    private readonly RunJournal _journal;
    private readonly RunOpening _opening;
    private readonly PointEvaluator _points;
    private readonly StepRecorder _recorder;
    private readonly RunCheckpoints _checkpoints;

    /// <param name="setup">The setup of the run's resolved spec; not owned.</param>
    /// <param name="folder">The run folder, locked by this process if it is the first rank.</param>
    /// <param name="time">The clock for time stamps and seconds.</param>
    /// <param name="ranks">The processes that share the run.</param>
    /// <param name="observer">Called after every measurement while its gradient graph exists; may be null.</param>
    public RunLoop(
        RunSetup setup,
        RunFolder folder,
        TimeProvider time,
        RankGroup ranks,
        Action<MeasuredPoint, CurvatureRecord, Tensor>? observer = null
    )
    {
        (_setup, _folder) = (setup, folder);
        _clock = new StepClock(time, ranks);
        _trackers = new RunTrackers(setup.Spec);
        _state = new RunState(setup);
        _vectors = new EigenvectorFiles(folder, setup.Spec, setup.Objective.Layout);
        _journal = new RunJournal(folder, time, ranks);
        _opening = new RunOpening(setup, folder, ranks, _state, _trackers, _vectors, _journal);
        _points = new PointEvaluator(setup, _state, _trackers, _clock, observer);
        _recorder = new StepRecorder(setup, _state, _trackers, _vectors, _journal);
        _checkpoints = new RunCheckpoints(setup, folder, time, ranks, _state, _trackers, _journal, _clock);
    }

    /// <summary>Runs from the latest checkpoint, or from the start, to the end.</summary>
    public RunEnd Run(CancellationToken stop)
    {
        var first = _opening.Begin() ?? 0;
        _checkpoints.StartClock();
        for (var step = first; ; step++)
        {
            using var scope = NewDisposeScope();
            var rate = _trackers.RateAt(step);
            using var point = _points.Evaluate(step, rate);
            var curvature = _points.MeasureIfDue(point);
            var decidesEnd = _trackers.End.Next(step, point.Value.Loss, point.Value.Accuracy, curvature);
            var heldOut = EvaluateHeldOutIfDue(step);
            var update = step == _trackers.End.Last ? null : NextUpdate(point);
            Write(point, curvature, heldOut, update, decidesEnd);
            var diverged = _trackers.Divergence.Next(point.Value.Loss);
            point.Dispose(); // releases its graph before theta moves
            if (update is null || diverged is not null)
                return Finish(step, diverged);
            Apply(update);
            if (_checkpoints.SaveIfDue(step + 1, stop))
                return RunEnd.Interrupted;
        }
    }

    /// <summary>Records in the session's history that memory ran out.</summary>
    public void NoteFault(MemoryFault fault) => _journal.NoteFault(fault);

    public void Dispose()
    {
        _state.Dispose();
        _journal.Dispose();
        _vectors.Dispose();
    }

    private HeldOut? EvaluateHeldOutIfDue(long step)
    {
        if (!RunSchedules.EvaluatesHeldOut(_setup.Spec, _trackers.Bursts, step, _trackers.End.Last))
            return null;
        using var time = _clock.Time(StepPart.Evaluation);
        return _setup.Evaluate();
    }

    private StepUpdate NextUpdate(StepPoint point)
    {
        using var time = _clock.Time(_state.Updates.NeedsGraph ? StepPart.Curvature : StepPart.Gradient);
        return _state.Updates.Next(point.Step, point.Graph, point.Value, point.Rate);
    }

    private void Write(
        StepPoint point,
        CurvatureRecord? curvature,
        HeldOut? heldOut,
        StepUpdate? update,
        bool decidesEnd
    )
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
            Intervention = update?.Effect,
            UpdateNorm = update?.FiniteNorm(),
        };
        using var time = _clock.Time(StepPart.Files);
        _recorder.Write(record, curvature, decidesEnd);
    }

    private void Apply(StepUpdate update)
    {
        using var time = _clock.Time(StepPart.Gradient);
        _state.Apply(update.Vector);
    }

    private RunEnd Finish(long step, string? diverged)
    {
        foreach (var happened in _trackers.Instabilities.End())
            _journal.Append(happened);
        if (diverged is not null)
            _journal.Append(new EventRecord(step, EventKinds.Diverged, Detail: diverged));
        var done = _trackers.End.Reason is { } held ? $"training.until was met: {held}" : "all steps done";
        _journal.Append(new EventRecord(step, EventKinds.Ended, Detail: diverged is null ? done : EventKinds.Diverged));
        _journal.Append(_clock.Take(step));
        _journal.Note(SessionKinds.Ended, step, diverged ?? done);
        _journal.Write(writer => Summarize(writer, diverged));
        _journal.RequireWritten();
        return RunEnd.Done;
    }

    private void Summarize(RunWriter writer, string? diverged)
    {
        var (spec, objective, records) = (_setup.Spec, _setup.Objective, RunReader.Open(_folder.Path));
        writer.Finish(
            RunSummary.Create(
                spec,
                records.ReadSteps(),
                records.ReadCurvature(),
                diverged,
                objective.Layout.Dimension,
                objective.Samples
            )
        );
        if (spec.Keeping.KeepCheckpoints == 0)
            Checkpoints.Clear(_folder, spec.Keeping.CheckpointAt);
    }
}
