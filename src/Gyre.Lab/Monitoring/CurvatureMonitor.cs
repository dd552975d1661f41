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
/// Measures the curvature of any module's loss from inside any training loop: call <see cref="Observe"/> at every step,
/// before the update. On its schedule it measures the leading eigenpairs of the loss Hessian over all given samples
/// with error bars, their rotation, and the instabilities.
/// <para>
/// Every call leaves the caller's parameters, gradients (<c>.grad</c>), buffers, modes and libtorch's random state
/// (CPU) unchanged. Call it between steps, not between a forward pass and its backward pass. Not thread-safe: call it
/// from the training thread only.
/// </para>
/// <para>Cost of a measured step: one gradient and 10 to 20 Hessian-vector products over all samples; a product costs
/// 1.2 to 2 gradients. Memory: the gradient graph of one chunk, and 2·32 vectors <c>[n]</c>.</para>
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

    /// <summary>Creates a monitor for a module on samples in memory.</summary>
    /// <param name="module">The module, which is not owned. Its trainable parameters, Float32 or Float64, are
    /// theta.</param>
    /// <param name="loss">The mean loss of outputs <c>[B, ...]</c> and targets, a scalar, as used in the training; for
    /// example <c>nn.functional.cross_entropy</c>.</param>
    /// <param name="inputs"><c>[N, ...]</c>; not owned.</param>
    /// <param name="targets"><c>[N, ...]</c>, on the same device; int64 for classes, which adds the accuracy; not
    /// owned.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <exception cref="ArgumentException">There is nothing to train, parameters are integer or of mixed types, counts
    /// differ, or an option is out of range.</exception>
    /// <exception cref="RunFolderException">The run folder already exists, or cannot be written.</exception>
    public CurvatureMonitor(
        nn.Module<Tensor, Tensor> module,
        Func<Tensor, Tensor, Tensor> loss,
        Tensor inputs,
        Tensor targets,
        MonitorOptions? options = null
    )
        : this(module, loss, new TensorSamples(inputs, targets, (options ?? new()).Chunk), options) =>
        _ownsSamples = true;

    /// <summary>Creates a monitor for samples by chunks, such as those of a data set larger than memory.</summary>
    /// <param name="module">The module, which is not owned.</param>
    /// <param name="loss">The mean loss of a chunk.</param>
    /// <param name="samples">The samples, which are not owned; the loss is the mean over all of them.</param>
    /// <param name="options">The options; null for the defaults.</param>
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
    /// Raised at the onset of an instability: sharpness is at or above the threshold after being below it, or at the
    /// first measurement.
    /// </summary>
    public event Action<InstabilityEvent>? ThresholdCrossed;

    /// <summary>
    /// Raised at the resolution of an instability: sharpness is below the threshold again, and the loss has recovered.
    /// </summary>
    public event Action<InstabilityEvent>? InstabilityResolved;

    /// <summary>All measurements so far.</summary>
    public IReadOnlyList<CurvatureRecord> Records => _records;

    /// <summary>
    /// Announces the current step of the training. Measures if the schedule requires it and, with
    /// <see cref="MonitorOptions.Follow"/>, halfway between two bursts while sharpness was last near the threshold. The
    /// monitor has no access to the loss and the updates between measurements, so it cannot follow them; call
    /// <see cref="Measure"/> when the loss rises.
    /// </summary>
    /// <param name="step">The step, from 0, increasing from call to call.</param>
    /// <param name="learningRate">eta of the next update.</param>
    /// <returns>The measurement; null if none is due, or if the loss or its gradient is not finite.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The step does not increase, or eta is not above 0.</exception>
    /// <exception cref="ObjectiveException">At the first measurement: the loss is stochastic (such as dropout), not
    /// finite, or not a scalar.</exception>
    /// <exception cref="GradientException">libtorch cannot differentiate the loss twice; the message names the
    /// place.</exception>
    /// <exception cref="RunFolderException">The run folder can no longer be written.</exception>
    public CurvatureRecord? Observe(long step, double learningRate)
    {
        Check(step, learningRate);
        return (_schedule.Find(step) ?? _follow.Due(step)) is { } place ? Measured(step, place, learningRate) : null;
    }

    /// <summary>Measures now, regardless of the schedule, as the first step of a burst.</summary>
    /// <inheritdoc cref="Observe"/>
    public CurvatureRecord? Measure(long step, double learningRate)
    {
        Check(step, learningRate);
        return Measured(step, new BurstPlace(0, 0), learningRate);
    }

    /// <summary>
    /// Writes the summary if a run folder was requested, and releases everything that the caller does not own.
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
                    + "MeasuringMode.Evaluation measures it in evaluation mode and restores its mode afterwards.",
                error
            );
        }
    }

    /// <summary>Raises the events, and returns the record that they describe.</summary>
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
