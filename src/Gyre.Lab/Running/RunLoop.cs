using System.Globalization;
using Gyre.Lab.Dynamics;
using Gyre.Lab.Measuring;
using Gyre.Lab.Mpi;
using Gyre.Lab.Objectives;
using Gyre.Lab.Optimizers;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Running;

/// <summary>
/// The loop of a run: loss and gradient at theta(step), what is measured there, then the update to step + 1. Where
/// several ranks share the run, all go through the same steps with the same numbers; the first alone writes, and what
/// one of them alone knows (that it was asked to stop, that a checkpoint is due by its clock, that its disk is full) is
/// agreed on between steps.
/// </summary>
internal sealed class RunLoop : IDisposable
{
    private readonly RunSpec _spec;
    private readonly RunFolder _folder;
    private readonly TimeProvider _time;
    private readonly RunSetup _setup;
    private readonly CurvatureProbe _probe;
    private readonly EigenvectorFiles _vectors;
    private readonly StepSizeSchedule _schedule;
    private readonly BurstSchedule _bursts;
    private readonly StepClock _clock;
    private readonly RecentThetas? _recent;
    private readonly StartingTheta? _start; // null where nothing is measured
    private readonly EdgeRate? _edge;
    private readonly RunUpdates _updates;
    private readonly BatchOrder _probed;
    private readonly RankGroup _ranks;
    private RunWriter? _writer;
    private RunFolderException? _unwritten;
    private readonly FollowTracker _follow;
    private readonly EndTracker _end;
    private InstabilityTracker _instabilities;
    private DivergenceRule _divergence;

    public RunLoop(RunSpec spec, RunFolder folder, RunSetup setup, TimeProvider time, RankGroup ranks)
    {
        (_spec, _folder, _setup, _time, _ranks) = (spec, folder, setup, time, ranks);
        _probe = new CurvatureProbe(spec, _setup.Objective.Layout);
        _vectors = new EigenvectorFiles(folder, spec, _setup.Objective.Layout);
        _schedule = RunSchedules.Rates(spec.Training);
        _bursts = RunSchedules.Bursts(spec);
        _follow = new FollowTracker(spec.Curvature, _bursts);
        _end = new EndTracker(spec.Training);
        _clock = new StepClock(time, ranks);
        _recent = spec.Curvature.At == CurvatureSpec.Midpoint ? new RecentThetas(_setup.Objective.Layout) : null;
        _start = MemoryNeed.MeasuresAnything(spec)
            ? new StartingTheta(_setup.Objective.Layout, _setup.Objective.Parameters)
            : null;
        _updates = new RunUpdates(setup);
        _edge = spec.Training.Edge is { Share: > 0 } edge
            ? new EdgeRate(spec.Training.LearningRate, OptimizerCatalog.EdgeRate(spec.Optimizer), edge)
            : null;
        _probed = new BatchOrder((int)_setup.Objective.Samples, spec.Optimizer.Batch, ~spec.Seed);
        _instabilities = new InstabilityTracker(spec.Instability);
        _divergence = NewDivergence();
    }

    /// <summary>Told of every measurement while its gradient graph stands; null for nobody.</summary>
    public Action<MeasuredPoint, CurvatureRecord, Tensor>? Observer { get; init; }

    /// <summary>From the latest checkpoint, or from the start, to the end.</summary>
    public RunEnd Go(CancellationToken stop)
    {
        var step = Begin();
        var saved = _time.GetTimestamp();
        while (true)
        {
            using var scope = NewDisposeScope();
            var (update, diverged) = Measure(step);
            if (diverged is not null || update is null)
                return Finish(step, diverged);
            _clock.Time(StepPart.Gradient, () => Move(update));
            step++;
            // asked once: what is wished for meanwhile is heard at the next step
            var (stopping, clock) = Agreed(saved, stop);
            var due = IsKept(step) || stopping || clock;
            if (due)
            {
                _clock.Time(StepPart.Files, () => Written(() => Save(step)));
                saved = _time.GetTimestamp();
            }
            Append(_clock.Take(step - 1));
            if (due)
                _ranks.Succeed(_unwritten);
            if (stopping)
            {
                Note("interrupted", step, "stopped from outside at a checkpoint; the same command goes on");
                return RunEnd.Interrupted;
            }
        }
    }

    /// <summary>Writes into the session's history that memory ran out. What is on the disk stays as it is.</summary>
    public void NoteFault(MemoryFault fault)
    {
        if (_writer is not null)
            Note("out_of_memory", Checkpoints.Steps(_folder) is [var latest, ..] ? latest : 0, fault.Words);
    }

    public void Dispose()
    {
        _recent?.Dispose();
        _start?.Dispose();
        _updates.Dispose();
        _writer?.Dispose();
        _vectors.Dispose();
        _probe.Dispose();
    }

    private long Begin()
    {
        using var scope = NewDisposeScope();
        var opened = _ranks.Together(() => _ranks.Leads ? Open() : null);
        var first = _ranks.Agree(opened?.Step ?? 0)[0];
        var checkpoint = _ranks.Together(() => _ranks.Leads || first == 0 ? opened : Opened(first));
        _setup.CheckShared();
        foreach (var remark in _ranks.Leads ? _setup.DataRemarks : [])
            Note(SessionRecord.DataKind, checkpoint?.Step ?? 0, remark);
        if (checkpoint is null)
        {
            using var state = new ModuleState(_setup.Model);
            var exact = _setup.Objective.SelfCheck();
            Note(
                "started",
                0,
                exact
                    ? "two evaluations of loss and gradient agree bit for bit"
                    : "two evaluations of loss and gradient agree to rounding only: a resumed run may differ "
                        + "in last digits"
            );
            return 0;
        }
        _ranks.Together(() => Restored(checkpoint));
        Note("resumed", checkpoint.Step, $"from the checkpoint of step {checkpoint.Step}");
        return checkpoint.Step;
    }

    /// <summary>Opens the run's files to write; the checkpoint they were cut to, or null.</summary>
    private Checkpoint? Open()
    {
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
        if (NativeMemory.UsedBytes(_setup.Objective.Layout.Device) is null)
            Note(
                "memory",
                checkpoint?.Step ?? 0,
                "nobody says how much of the device's memory is in use: no gradient graph is kept, and "
                    + "products take a gradient more"
            );
        return checkpoint;
    }

    /// <summary>What the first rank begins from, as this one sees it.</summary>
    private Checkpoint Opened(long step) =>
        File.Exists(Checkpoints.PathOf(_folder, step))
            ? Checkpoints.Read(_folder, step)
            : throw new RankGroupException(
                $"Rank {_ranks.Rank} on {Environment.MachineName} does not see "
                    + $"{Checkpoints.PathOf(_folder, step)}, which the first rank goes on from. The run folder must "
                    + "lie on a file system that all nodes share; name one with --out."
            );

    /// <summary>
    /// Lines behind the checkpoint are left out: on another node they may still be seen after the first rank has cut
    /// them off.
    /// </summary>
    private bool Restored(Checkpoint checkpoint)
    {
        _updates.Restore(checkpoint.Tensors);
        _recent?.Restore(checkpoint.Tensors);
        var records = RunReader.Open(_folder.Path);
        var (steps, curvature) = (
            records.Steps.Where(one => one.Step < checkpoint.Step).ToArray(),
            records.Curvature.Where(one => one.Step < checkpoint.Step).ToArray()
        );
        _probe.Restore(checkpoint.Tensors, curvature);
        foreach (var record in curvature.Where(record => record.StartsBurst()))
            _edge?.Next(record.Sharpness);
        _follow.Replay(steps, curvature);
        _end.Replay(steps, curvature);
        _instabilities = InstabilityTracker.Replay(_spec.Instability, steps, curvature);
        _divergence = NewDivergence();
        foreach (var step in steps)
            _divergence.Next(step.Loss);
        return true;
    }

    /// <summary>
    /// Whether to stop, and whether a checkpoint is due by the clock: any rank may be asked to stop; the first has the
    /// clock, and says whether its disk still takes what it writes.
    /// </summary>
    private (bool Stopping, bool Due) Agreed(long saved, CancellationToken stop)
    {
        var due =
            _spec.Keeping.CheckpointSeconds > 0
            && _time.GetElapsedTime(saved).TotalSeconds >= _spec.Keeping.CheckpointSeconds;
        var agreed = _ranks.Agree(
            stop.IsCancellationRequested ? 1 : 0,
            due && _ranks.Leads ? 1 : 0,
            _unwritten is null ? 0 : 1
        );
        if (agreed[2] > 0)
            _ranks.Succeed(_unwritten);
        return (agreed[0] > 0, agreed[1] > 0);
    }

    /// <summary>
    /// Writes, where this is the rank that does. What cannot be written ends the run: of a process alone at once; among
    /// several when they meet next, since until then the others wait for this one's sums.
    /// </summary>
    private void Written(Action write)
    {
        if (!_ranks.Leads || _unwritten is not null)
            return;
        try
        {
            write();
        }
        catch (RunFolderException error) when (_ranks.Count > 1)
        {
            _unwritten = error;
        }
    }

    private void Append<T>(T record) => Written(() => _writer!.Append(record));

    /// <summary>
    /// Everything at theta(step), written down; returns the update, null at the last step, and the sentence of
    /// divergence, if any.
    /// </summary>
    private (Tensor? Update, string? Diverged) Measure(long step)
    {
        var rate = _edge?.Rate ?? _schedule.At(step);
        var place = _bursts.Find(step, _end.Last) ?? _follow.Due(step);
        var wantsGraph = _updates.NeedsGraph || (place is not null && _recent is null);
        using var graph = wantsGraph
            ? _clock.Time(StepPart.Gradient, () => _setup.Objective.Linearise(_spec.Objective.CacheBytes))
            : null;
        var value = graph?.Value ?? _clock.Time(StepPart.Gradient, _setup.Objective.Evaluate);
        var finite = double.IsFinite(value.Loss) && double.IsFinite(value.GradientNorm);
        if (place is null or { Follow: not null })
            // whatever was due is still due, and a rise of the loss is seen only now
            place = _follow.Due(step, value.Loss);
        var curvature =
            place is not null && finite
                ? _clock.Time(StepPart.Curvature, () => WithTheta(Curvature(step, place, graph, value, rate)))
                : null;
        var decided = _end.Next(step, value.Loss, value.Accuracy, curvature);
        var heldOut = IsEvaluated(step) ? _clock.Time(StepPart.Evaluation, _setup.Evaluate) : null;
        var (update, effect) =
            step == _end.Last
                ? (null, null)
                : _clock.Time(
                    _updates.NeedsGraph ? StepPart.Curvature : StepPart.Gradient,
                    () => _updates.Next(step, graph, value, rate)
                );
        var record = new StepRecord(
            step,
            value.Loss,
            value.Accuracy,
            value.GradientNorm,
            rate,
            heldOut?.Loss,
            heldOut?.Accuracy
        )
        {
            Intervention = effect,
            UpdateNorm = Norm(update),
        };
        _clock.Time(StepPart.Files, () => Write(record, curvature));
        if (decided)
            Append(
                new EventRecord(
                    step,
                    "until",
                    Sharpness: curvature?.Sharpness,
                    Loss: value.Loss,
                    Detail: $"{_end.Words}: the next step is the last"
                )
            );
        _follow.Next(record, curvature);
        return (update, _divergence.Next(value.Loss));
    }

    /// <summary>
    /// A read of its own, right after that of the loss, when a device has only the update to finish; null where it is
    /// not finite.
    /// </summary>
    private static double? Norm(Tensor? update)
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        return update is not null && Host.Number(update.norm()) is var norm && double.IsFinite(norm) ? norm : null;
    }

    private void Move(Tensor update)
    {
        using var scope = NewDisposeScope();
        _recent?.Add(_setup.Objective.Layout.Flatten(_setup.Objective.Parameters));
        _setup.Optimizer.Apply(update);
    }

    /// <summary>
    /// Products recompute what is not cached, and a module of the user's own may change its buffers then.
    /// </summary>
    private CurvatureRecord? Curvature(
        long step,
        BurstPlace place,
        GradientGraph? graph,
        LossAndGradient value,
        double rate
    )
    {
        using var state = new ModuleState(_setup.Model);
        using var scope = NewDisposeScope();
        var threshold = _setup.Optimizer.Threshold(rate, value.GradientNorm);
        var preconditioner = _setup.Optimizer.Preconditioner(step, value);
        var objective = _setup.Objective;
        if (_recent is null)
        {
            // The step itself uses the value that is already there.
            using var made = graph is null ? objective.Linearise(_spec.Objective.CacheBytes) : null;
            return Measured(
                step,
                place,
                new MeasuredPoint(objective, graph ?? made!, threshold, preconditioner, _probed)
            );
        }
        var theta = objective.Layout.Flatten(objective.Parameters).detach().clone();
        try
        {
            using (no_grad())
                objective.Layout.CopyTo(theta + _recent.ToMidpoint(theta), objective.Parameters);
            using var midpoint = objective.Linearise(_spec.Objective.CacheBytes);
            return double.IsFinite(midpoint.Value.Loss)
                ? Measured(step, place, new MeasuredPoint(objective, midpoint, threshold, preconditioner, _probed))
                : null;
        }
        finally
        {
            using var none = no_grad();
            objective.Layout.CopyTo(theta, objective.Parameters);
        }
    }

    /// <summary>How far theta(step) itself has come, wherever around it the curvature was measured.</summary>
    private CurvatureRecord? WithTheta(CurvatureRecord? record)
    {
        if (record is null || _start is null)
            return record;
        var (norm, distance) = _start.Measure(_setup.Objective.Parameters);
        return record with { ParameterNorm = norm, StartDistance = distance };
    }

    private CurvatureRecord Measured(long step, BurstPlace place, MeasuredPoint point)
    {
        var record = _probe.Measure(step, place, point);
        Observer?.Invoke(point, record, _probe.LastVectors!);
        return record;
    }

    private void Write(StepRecord step, CurvatureRecord? curvature)
    {
        var changes = _instabilities.Next(step, curvature);
        if (curvature is not null)
            curvature = _probe.Crossed(curvature, changes);
        Append(step);
        if (_spec.Fork is { } fork && fork.Step == step.Step)
            Append(
                new EventRecord(
                    step.Step,
                    "fork",
                    Detail: "the steps before are those of "
                        + $"{fork.Parent}{(fork.OtherChunk ? ", whose sums ran over other chunks" : "")}"
                )
            );
        if (_schedule.WarmupEndsAt(step.Step))
            Append(
                new EventRecord(
                    step.Step,
                    "learning_rate",
                    Detail: FormattableString.Invariant($"the warmup ends at {step.LearningRate}")
                )
            );
        if (_schedule.ChangesAt(step.Step))
            Append(
                new EventRecord(
                    step.Step,
                    "learning_rate",
                    Detail: FormattableString.Invariant($"from {_schedule.At(step.Step - 1)} to {step.LearningRate}")
                )
            );
        if (curvature is not null)
        {
            Append(curvature);
            if (curvature.StartsBurst())
                Written(() =>
                    _vectors.Write(step.Step, _probe.LastVectors!, _start?.Displacement(_setup.Objective.Parameters))
                );
        }
        if (_edge is not null && curvature?.StartsBurst() == true)
            Follow(_edge, step.Step, curvature.Sharpness);
        foreach (var happened in changes)
            Append(InstabilityTracker.Told(happened, curvature));
    }

    private void Follow(EdgeRate edge, long step, double sharpness)
    {
        var before = edge.Reduced;
        edge.Next(sharpness);
        if (edge.Reduced && !before)
            Append(
                new EventRecord(
                    step,
                    "learning_rate",
                    Sharpness: sharpness,
                    Detail: string.Create(
                        CultureInfo.InvariantCulture,
                        $"peaks have stopped falling: from the next step on eta is "
                            + $"{_spec.Training.Edge.ReducedTo} of the edge, {edge.Rate} now"
                    )
                )
            );
    }

    private RunEnd Finish(long step, string? diverged)
    {
        foreach (var happened in _instabilities.End())
            Append(happened);
        if (diverged is not null)
            Append(new EventRecord(step, "diverged", Detail: diverged));
        var done = _end.Words is { } held ? $"training.until held: {held}" : "every step done";
        Append(new EventRecord(step, "ended", Detail: diverged is null ? done : "diverged"));
        Append(_clock.Take(step));
        Note("ended", step, diverged ?? done);
        Written(() => Summarise(diverged));
        _ranks.Succeed(_unwritten);
        return RunEnd.Done;
    }

    private void Summarise(string? diverged)
    {
        var records = RunReader.Open(_folder.Path);
        _writer!.Finish(
            RunSummary.Of(
                _spec,
                records.Steps,
                records.Curvature,
                diverged,
                _setup.Objective.Layout.Dimension,
                _setup.Objective.Samples
            )
        );
        if (_spec.Keeping.KeepCheckpoints == 0)
            Checkpoints.Clear(_folder, _spec.Keeping.CheckpointAt);
    }

    private void Save(long step)
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        var tensors = new Dictionary<string, Tensor>();
        _updates.Save(tensors);
        _recent?.Save(tensors);
        _probe.Save(tensors);
        Checkpoints.Write(_folder, _writer!, step, tensors, _spec.Keeping.KeepCheckpoints, _spec.Keeping.CheckpointAt);
        Note("checkpoint", step, null);
    }

    private void Note(string kind, long step, string? detail) =>
        Append(
            new SessionRecord(_time.GetUtcNow(), kind, step, Environment.ProcessId, detail)
            {
                Ranks = _ranks.Count > 1 ? _ranks.Count : null,
            }
        );

    private bool IsKept(long step) =>
        step % _spec.Keeping.CheckpointEvery == 0
        || _spec.Keeping.CheckpointAt.Contains((int)step)
        || step == _end.Last;

    private bool IsEvaluated(long step) =>
        step == _end.Last
        || (
            _spec.Training.EvaluateEvery > 0
                ? step % _spec.Training.EvaluateEvery == 0
                : _spec.Curvature.EveryTime > 0 && _bursts.Find(step) is { Position: 0 }
        );

    private DivergenceRule NewDivergence() => new(_spec.Training.DivergenceMultiple, _spec.Training.DivergenceSteps);
}
