using Gyre.Lab.Data;
using Gyre.Lab.Measuring;
using Gyre.Lab.Objectives;
using Gyre.Lab.Optimizers;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Monitoring;

/// <summary>
/// Watches the curvature of any module's loss from inside any training loop, or beside it: call <see cref="Observe"/>
/// at every step, before the update.
/// On its schedule it measures the leading eigenpairs of the loss Hessian over all samples given, with error bars, how
/// far they turned, and the instabilities.
/// <para>
/// The caller's parameters, gradients (<c>.grad</c>), buffers, modes and libtorch's random state (CPU) are as before
/// after every call. Call it between steps, not between a forward pass and its
/// backward pass. Not thread-safe; one thread, the one that trains.
/// </para>
/// <para>Cost of a measured step: one gradient and 10 to 20 Hessian-vector products over all samples, a product 1.2 to
/// 2 gradients; memory: a chunk's gradient graph, and 2·32 vectors <c>[n]</c>.</para>
/// </summary>
public sealed class CurvatureMonitor : IDisposable
{
    private readonly nn.Module<Tensor, Tensor> _module;
    private readonly MonitorOptions _options;
    private readonly ISamples _samples;
    private readonly bool _ownsSamples;
    private readonly RunSpec _spec;
    private readonly Objective _objective;
    private readonly CurvatureMeasurer _measurer;
    private readonly StartingTheta _start;
    private readonly BurstSchedule _schedule;
    private readonly InstabilityTracker _instabilities;
    private readonly FollowTracker _follow;
    private readonly List<CurvatureRecord> _records = [];
    private readonly MonitorFolder? _folder;
    private long _last = -1;

    /// <summary>Watches a module on samples that lie in memory.</summary>
    /// <param name="module">Not owned. Its trainable parameters, Float32 or Float64, are theta.</param>
    /// <param name="loss">The mean loss of outputs <c>[B, ...]</c> and targets, one number, as the training uses it:
    /// <c>nn.functional.cross_entropy</c>, say.</param>
    /// <param name="inputs"><c>[N, ...]</c>; not owned.</param>
    /// <param name="targets"><c>[N, ...]</c>, on the same device; int64 where they are classes (accuracy is then told
    /// too); not owned.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="ArgumentException">Nothing to train, integer or mixed parameters, unequal counts, or an option
    /// out of range.</exception>
    /// <exception cref="RunFolderException">The run folder is there already, or cannot be written.</exception>
    public CurvatureMonitor(
        nn.Module<Tensor, Tensor> module,
        Func<Tensor, Tensor, Tensor> loss,
        Tensor inputs,
        Tensor targets,
        MonitorOptions? options = null
    )
        : this(module, loss, new TensorSamples(inputs, targets, (options ?? new()).Chunk), options) =>
        _ownsSamples = true;

    /// <summary>As the other, on samples chunk by chunk, such as those of a data set larger than memory.</summary>
    /// <param name="module">Not owned.</param>
    /// <param name="loss">The mean loss of a chunk.</param>
    /// <param name="samples">Not owned; the mean is over all of them.</param>
    /// <param name="options">Null for the defaults.</param>
    public CurvatureMonitor(
        nn.Module<Tensor, Tensor> module,
        Func<Tensor, Tensor, Tensor> loss,
        ISamples samples,
        MonitorOptions? options = null
    )
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(loss);
        LibTorch.Load();
        (_module, _options, _samples) = (module, options ?? new(), samples);
        _objective = new Objective(module, MeanLoss.Summed(loss), samples, _options.WeightDecay);
        _spec = MonitorSpec.FromOptions(_options, _objective);
        _measurer = new CurvatureMeasurer(_spec, _objective.Layout);
        _start = new StartingTheta(_objective.Layout, _objective.Parameters);
        _schedule = RunSchedules.Bursts(_spec);
        _instabilities = new InstabilityTracker(_spec.Instability);
        _follow = new FollowTracker(_spec.Curvature, _schedule);
        _folder = _options.RunFolder is { } path ? new MonitorFolder(path, _spec, TimeProvider.System) : null;
    }

    /// <summary>
    /// Sharpness is at or above the threshold after being below it, or at the first measurement: an instability begins.
    /// </summary>
    public event Action<InstabilityEvent>? ThresholdCrossed;

    /// <summary>
    /// Sharpness is below the threshold again and the loss back where it was: an instability is over.
    /// </summary>
    public event Action<InstabilityEvent>? InstabilityResolved;

    /// <summary>Every measurement so far.</summary>
    public IReadOnlyList<CurvatureRecord> Records => _records;

    /// <summary>
    /// Says which step the training is at; measures where the schedule says so and, with
    /// <see cref="MonitorOptions.Follow"/>, half way between two bursts while sharpness was last near the threshold.
    /// What the loss and the updates do between
    /// measurements is not known here and cannot be followed: a rise that the caller sees is measured by
    /// <see cref="Measure"/>.
    /// </summary>
    /// <param name="step">From 0, rising from call to call.</param>
    /// <param name="learningRate">eta of the update that follows.</param>
    /// <returns>The measurement; null where none is due, or where the loss or its gradient is not finite.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The step does not rise, or eta is not above 0.</exception>
    /// <exception cref="ObjectiveException">At the first measurement: the loss is stochastic (dropout, say), not
    /// finite, or not one number.</exception>
    /// <exception cref="GradientException">libtorch cannot differentiate the loss twice; the message says
    /// where.</exception>
    /// <exception cref="RunFolderException">The run folder cannot be written any more.</exception>
    public CurvatureRecord? Observe(long step, double learningRate)
    {
        Check(step, learningRate);
        return (_schedule.Find(step) ?? _follow.Due(step)) is { } place ? Measured(step, place, learningRate) : null;
    }

    /// <summary>Measures now, whatever the schedule says, as the first step of a burst.</summary>
    /// <inheritdoc cref="Observe"/>
    public CurvatureRecord? Measure(long step, double learningRate)
    {
        Check(step, learningRate);
        return Measured(step, new BurstPlace(0, 0), learningRate);
    }

    /// <summary>
    /// Writes the summary where a run folder was asked for, and releases everything that is not the caller's.
    /// </summary>
    public void Dispose()
    {
        _folder?.Finish(_instabilities, _records, _objective);
        _folder?.Dispose();
        _measurer.Dispose();
        _start.Dispose();
        _objective.Dispose();
        if (_ownsSamples)
            _samples.Dispose();
    }

    private void Check(long step, double learningRate)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(step, _last);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(learningRate);
        _last = step;
    }

    private CurvatureRecord? Measured(long step, BurstPlace place, double learningRate)
    {
        using var state = new ModuleState(_module);
        using var graphs = enable_grad();
        using var scope = NewDisposeScope();
        if (_options.Mode == MeasuringMode.Evaluation)
            _module.eval();
        if (_records.Count == 0)
            CheckFunction();
        using var graph = _objective.Linearize(_options.CacheMegabytes * 1_000_000L);
        var value = graph.Value;
        var finite = double.IsFinite(value.Loss) && double.IsFinite(value.GradientNorm);
        var (norm, distance) = finite ? _start.Measure(_objective.Parameters) : default;
        var batches = new BatchOrder((int)_objective.Samples, _spec.Optimizer.Batch, _spec.Seed);
        var point = new MeasuredPoint(_objective, graph, _options.Threshold(learningRate), null, batches);
        var record = finite
            ? _measurer.Measure(step, place, point) with
            {
                ParameterNorm = norm,
                StartDistance = distance,
            }
            : null;
        return Tell(new StepRecord(step, value.Loss, value.Accuracy, value.GradientNorm, learningRate), record);
    }

    private void CheckFunction()
    {
        try
        {
            _objective.SelfCheck();
        }
        catch (ObjectiveException error) when (_options.Mode == MeasuringMode.AsItIs && _module.training)
        {
            throw new ObjectiveException(
                $"{error.Message} The module is in training mode: MonitorOptions.Mode = "
                    + "MeasuringMode.Evaluation measures it in evaluation mode and sets it back.",
                error
            );
        }
    }

    /// <summary>Tells everyone; returns the record as it is told.</summary>
    private CurvatureRecord? Tell(StepRecord step, CurvatureRecord? record)
    {
        var changes = _instabilities.Next(step, record);
        record = record is null ? null : _measurer.WithRotationAcross(record, changes);
        var events = changes.Select(happened => InstabilityTracker.WithMeasurement(happened, record)).ToArray();
        _follow.Next(step, record);
        _folder?.Write(step, record, events);
        if (record is null)
            return null;
        _records.Add(record);
        foreach (var happened in events.Where(one => one.Kind is EventKinds.Onset or EventKinds.Resolution))
        {
            var told = new InstabilityEvent(
                step.Step,
                happened.Cycle ?? 0,
                record.Sharpness,
                record.Threshold,
                step.Loss
            );
            (happened.Kind == EventKinds.Onset ? ThresholdCrossed : InstabilityResolved)?.Invoke(told);
        }
        return record;
    }
}
