using Gyre.Lab.Dynamics;
using Gyre.Lab.Objectives;
using Gyre.Lab.Runs;
using Gyre.Lab.Training;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Experiments;

/// <summary>The loop of a run: loss and gradient at theta(step), what is measured there, then the update to step + 1.</summary>
internal sealed class RunLoop : IDisposable
{
    /// <summary>Before the name of a buffer in a checkpoint.</summary>
    internal const string BufferPrefix = "buffer.";

    private readonly RunSpec _spec;
    private readonly RunFolder _folder;
    private readonly TimeProvider _time;
    private readonly RunSetup _setup;
    private readonly CurvatureProbe _probe;
    private readonly EigenvectorFiles _vectors;
    private readonly StepSizeSchedule _schedule;
    private readonly BurstSchedule _bursts;
    private readonly StepClock _clock;
    private RunWriter? _writer;
    private InstabilityTracker _instabilities;
    private DivergenceRule _divergence;

    public RunLoop(RunSpec spec, RunFolder folder, RunSetup setup, TimeProvider time)
    {
        (_spec, _folder, _setup, _time) = (spec, folder, setup, time);
        _probe = new CurvatureProbe(spec, _setup.Objective.Layout);
        _vectors = new EigenvectorFiles(folder, spec, _setup.Objective.Layout);
        _schedule = RunSchedules.Rates(spec.Training);
        _bursts = RunSchedules.Bursts(spec);
        _clock = new StepClock(time);
        _instabilities = new InstabilityTracker(spec.Instability);
        _divergence = NewDivergence();
    }

    private RunWriter Writer => _writer ?? throw new InvalidOperationException("The run's files are not open yet.");

    /// <summary>From the latest checkpoint, or from the start, to the end.</summary>
    public RunEnd Go(CancellationToken stop)
    {
        var step = Begin();
        var saved = _time.GetTimestamp();
        while (true)
        {
            using var scope = NewDisposeScope();
            var (gradient, diverged) = Measure(step);
            if (diverged is not null || step == _spec.Training.Steps)
                return Finish(step, diverged);
            _clock.Time(StepPart.Gradient, () => _setup.Descent.Step(gradient, _schedule.At(step)));
            step++;
            var due = step % _spec.Keeping.CheckpointEvery == 0 || _spec.Keeping.CheckpointAt.Contains((int)step) || step == _spec.Training.Steps || stop.IsCancellationRequested
                || (_spec.Keeping.CheckpointSeconds > 0 && _time.GetElapsedTime(saved).TotalSeconds >= _spec.Keeping.CheckpointSeconds);
            if (due)
            {
                _clock.Time(StepPart.Files, () => Save(step));
                saved = _time.GetTimestamp();
            }
            Writer.Append(_clock.Take(step - 1));
            if (stop.IsCancellationRequested)
            {
                Note("interrupted", step, "stopped from outside at a checkpoint; the same command goes on");
                return RunEnd.Interrupted;
            }
        }
    }

    public void Dispose()
    {
        _writer?.Dispose();
        _vectors.Dispose();
        _probe.Dispose();
    }

    private long Begin()
    {
        using var scope = NewDisposeScope();
        var skipped = new List<string>();
        var checkpoint = Checkpoints.ReadLatest(_folder, skipped.Add);
        var forked = _spec.Fork is not null && checkpoint is null ? Fork.Take(_spec, _folder, _vectors) : null;
        if (forked is not null)
            checkpoint = Checkpoints.ReadLatest(_folder, _ => { });
        _writer = new RunWriter(_folder, checkpoint?.Lengths ?? new Dictionary<string, long>());
        foreach (var reason in skipped)
            Note("skipped", checkpoint?.Step ?? 0, reason);
        if (forked is not null)
            Note("forked", checkpoint?.Step ?? 0, forked);
        if (checkpoint is null)
        {
            using var state = new ModuleState(_setup.Model);
            var exact = _setup.Objective.SelfCheck();
            Note("started", 0, exact ? "two evaluations of loss and gradient agree bit for bit" : "two evaluations of loss and gradient agree to rounding only: a resumed run may differ in last digits");
            return 0;
        }
        Restore(checkpoint);
        Note("resumed", checkpoint.Step, $"from the checkpoint of step {checkpoint.Step}");
        return checkpoint.Step;
    }

    private void Restore(Checkpoint checkpoint)
    {
        var objective = _setup.Objective;
        objective.Layout.CopyTo(checkpoint.Tensors["theta"].to(new Device(_spec.Device)), objective.Parameters);
        using (no_grad())
        {
            foreach (var (name, buffer) in _setup.Model.named_buffers())
                buffer.copy_(checkpoint.Tensors[BufferPrefix + name]);
        }
        var records = RunReader.Open(_folder.Path);
        var (steps, curvature) = (records.Steps, records.Curvature);
        _probe.Restore(checkpoint.Tensors, curvature);
        _instabilities = InstabilityTracker.Replay(_spec.Instability, steps, curvature);
        _divergence = NewDivergence();
        foreach (var step in steps)
            _divergence.Next(step.Loss);
    }

    /// <summary>Everything at theta(step), written down; returns the gradient for the update and the sentence of divergence, if any.</summary>
    private (Tensor Gradient, string? Diverged) Measure(long step)
    {
        var rate = _schedule.At(step);
        var place = _bursts.Find(step);
        using var graph = place is null ? null : _clock.Time(StepPart.Gradient, () => _setup.Objective.Linearise(_spec.Objective.CacheMegabytes * 1_000_000L));
        var value = graph?.Value ?? _clock.Time(StepPart.Gradient, _setup.Objective.Evaluate);
        var measurable = graph is not null && double.IsFinite(value.Loss) && double.IsFinite(value.GradientNorm);
        var curvature = measurable
            ? _clock.Time(StepPart.Curvature, () => Curvature(step, place!, graph!, rate))
            : null;
        var heldOut = IsEvaluated(step) ? _clock.Time(StepPart.Evaluation, _setup.Evaluate) : null;
        var record = new StepRecord(step, value.Loss, value.Accuracy, value.GradientNorm, rate, heldOut?.Loss, heldOut?.Accuracy);
        _clock.Time(StepPart.Files, () => Write(record, curvature));
        var gradient = graph is null ? value.Gradient : value.Gradient.clone();
        return (gradient, _divergence.Next(value.Loss));
    }

    /// <summary>Products recompute what is not cached, and a module of the user's own may change its buffers then.</summary>
    private CurvatureRecord Curvature(long step, BurstPlace place, GradientGraph graph, double rate)
    {
        using var state = new ModuleState(_setup.Model);
        return _probe.Measure(step, place, graph, StabilityThreshold.GradientDescent(rate));
    }

    private void Write(StepRecord step, CurvatureRecord? curvature)
    {
        Writer.Append(step);
        if (_spec.Fork is { } fork && fork.Step == step.Step)
            Writer.Append(new EventRecord(step.Step, "fork", Detail: $"the steps before are those of {fork.Parent}"));
        if (_schedule.WarmupEndsAt(step.Step))
            Writer.Append(new EventRecord(step.Step, "learning_rate", Detail: FormattableString.Invariant($"the warmup ends at {step.LearningRate}")));
        if (_schedule.ChangesAt(step.Step))
            Writer.Append(new EventRecord(step.Step, "learning_rate", Detail: FormattableString.Invariant($"from {_schedule.At(step.Step - 1)} to {step.LearningRate}")));
        if (curvature is not null)
        {
            Writer.Append(curvature);
            if (curvature.Burst == 0)
                _vectors.Write(step.Step, _probe.LastVectors!);
        }
        foreach (var happened in _instabilities.Next(step, curvature))
            Writer.Append(happened);
    }

    private RunEnd Finish(long step, string? diverged)
    {
        foreach (var happened in _instabilities.End())
            Writer.Append(happened);
        if (diverged is not null)
            Writer.Append(new EventRecord(step, "diverged", Detail: diverged));
        Writer.Append(new EventRecord(step, "ended", Detail: diverged is null ? "every step done" : "diverged"));
        Writer.Append(_clock.Take(step));
        var records = RunReader.Open(_folder.Path);
        Note("ended", step, diverged ?? "every step done");
        Writer.Finish(RunSummary.Of(_spec, records.Steps, records.Curvature, diverged, _setup.Objective.Layout.Dimension, _setup.Objective.Samples));
        if (_spec.Keeping.KeepCheckpoints == 0)
            Checkpoints.Clear(_folder, _spec.Keeping.CheckpointAt);
        return RunEnd.Done;
    }

    private void Save(long step)
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        var tensors = new Dictionary<string, Tensor> { ["theta"] = _setup.Objective.Layout.Flatten(_setup.Objective.Parameters) };
        foreach (var (name, buffer) in _setup.Model.named_buffers())
            tensors[BufferPrefix + name] = buffer;
        _probe.Save(tensors);
        Checkpoints.Write(_folder, Writer, step, tensors, _spec.Keeping.KeepCheckpoints, _spec.Keeping.CheckpointAt);
        Note("checkpoint", step, null);
    }

    private void Note(string kind, long step, string? detail) =>
        Writer.Append(new SessionRecord(_time.GetUtcNow(), kind, step, Environment.ProcessId, detail));

    private bool IsEvaluated(long step) =>
        step == _spec.Training.Steps || (_spec.Training.EvaluateEvery > 0
            ? step % _spec.Training.EvaluateEvery == 0
            : _spec.Curvature.EveryTime > 0 && _bursts.Find(step) is { Position: 0 });

    private DivergenceRule NewDivergence() => new(_spec.Training.DivergenceMultiple, _spec.Training.DivergenceSteps);
}
