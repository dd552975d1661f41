using Gyre.Lab.Measuring;
using Gyre.Lab.Objectives;
using Gyre.Lab.Optimizers;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Running;

/// <summary>
/// Evaluates loss, gradient and curvature at theta(step). The curvature is measured there, or at the midpoint of
/// theta and the two before it (docs/theory.md).
/// </summary>
/// <param name="setup">The setup of the run.</param>
/// <param name="state">The tensors of the run.</param>
/// <param name="trackers">Determine what is due.</param>
/// <param name="clock">Records where the time goes.</param>
/// <param name="observer">Called after every measurement while its gradient graph exists, with the eigenvectors
/// <c>[k, n]</c>; may be null.</param>
internal sealed class PointEvaluator(
    RunSetup setup,
    RunState state,
    RunTrackers trackers,
    StepClock clock,
    Action<MeasuredPoint, CurvatureRecord, Tensor>? observer
)
{
    private readonly Objective _objective = setup.Objective;
    private readonly BatchOrder _batches = new(
        (int)setup.Objective.Samples,
        setup.Spec.Optimizer.Batch,
        ~setup.Spec.Seed
    );

    /// <summary>Evaluates loss and gradient, with their graph if the update or a measurement needs it.</summary>
    /// <param name="step">The step to evaluate.</param>
    /// <param name="rate">The learning rate eta of the step.</param>
    /// <param name="updates">The number of updates that the optimizer counts; null if it equals the step.</param>
    public StepPoint Evaluate(long step, double rate, long? updates = null)
    {
        using var time = clock.Time(StepPart.Gradient);
        var measuresHere = trackers.PlaceAt(step) is not null && state.Recent is null;
        var graph = state.Updates.NeedsGraph || measuresHere ? Linearize() : null;
        var value = graph?.Value ?? _objective.Evaluate();
        return new StepPoint(step, rate, trackers.PlaceAt(step, value.Loss), value, graph)
        {
            Updates = updates ?? step,
        };
    }

    /// <summary>
    /// Returns the measurement of a step; null if none is due, or if loss or gradient is not finite.
    /// </summary>
    public CurvatureRecord? MeasureIfDue(StepPoint point)
    {
        if (point.Place is not { } place || !point.IsFinite)
            return null;
        using var time = clock.Time(StepPart.Curvature);
        return Measure(point, place) is { } record ? WithDistances(record) : null;
    }

    private GradientGraph Linearize() => _objective.Linearize(setup.Spec.Objective.CacheBytes);

    private CurvatureRecord? Measure(StepPoint point, BurstPlace place)
    {
        // Products recompute what is not cached, and a user's own module may change its buffers then.
        using var before = new ModuleState(setup.Model);
        using var scope = NewDisposeScope();
        var threshold = setup.Optimizer.Threshold(point.Rate, point.Value.GradientNorm);
        var preconditioner = setup.Optimizer.Preconditioner(point.Updates, point.Value);
        CurvatureRecord At(GradientGraph graph)
        {
            var measured = new MeasuredPoint(_objective, graph, threshold, preconditioner, _batches);
            var record = state.Measurer.Measure(point.Step, place, measured);
            observer?.Invoke(measured, record, state.Measurer.LastVectors!);
            return record;
        }
        if (state.Recent is { } recent)
            return AtMidpoint(recent, At);
        // A follow-up triggered by this step's own loss finds no graph; the step uses the value that is there.
        using var made = point.Graph is null ? Linearize() : null;
        return At(point.Graph ?? made!);
    }

    /// <summary>Moves theta to the midpoint and back, bit for bit; null if the loss is not finite there.</summary>
    private CurvatureRecord? AtMidpoint(RecentThetas recent, Func<GradientGraph, CurvatureRecord> measure)
    {
        var (layout, parameters) = (_objective.Layout, _objective.Parameters);
        var theta = layout.Flatten(parameters).detach().clone();
        try
        {
            using (no_grad())
                layout.CopyTo(theta + recent.ToMidpoint(theta), parameters);
            using var midpoint = Linearize();
            return double.IsFinite(midpoint.Value.Loss) ? measure(midpoint) : null;
        }
        finally
        {
            using var none = no_grad();
            layout.CopyTo(theta, parameters);
        }
    }

    /// <summary>Adds how far theta(step) itself has moved, wherever around it the curvature was measured.</summary>
    private CurvatureRecord WithDistances(CurvatureRecord record)
    {
        if (state.Start is null)
            return record;
        var (norm, distance) = state.Start.Measure(_objective.Parameters);
        return record with { ParameterNorm = norm, StartDistance = state.Start.IsInitial ? distance : null };
    }
}

/// <summary>Loss and gradient at theta(step), valid until theta moves.</summary>
/// <param name="step">The step.</param>
/// <param name="rate">The learning rate eta of the update from here.</param>
/// <param name="place">Its place in a burst; null if it is not measured.</param>
/// <param name="value">Loss and gradient.</param>
/// <param name="graph">The graph of loss and gradient, if there is one; owned by this instance.</param>
internal sealed class StepPoint(long step, double rate, BurstPlace? place, LossAndGradient value, GradientGraph? graph)
    : IDisposable
{
    public long Step => step;

    /// <summary>The number of updates that the optimizer counts.</summary>
    public required long Updates { get; init; }

    public double Rate => rate;

    public BurstPlace? Place => place;

    public LossAndGradient Value => value;

    public GradientGraph? Graph { get; private set; } = graph;

    public bool IsFinite => double.IsFinite(value.Loss) && double.IsFinite(value.GradientNorm);

    /// <summary>Releases the graph; may be called repeatedly.</summary>
    public void Dispose()
    {
        Graph?.Dispose();
        Graph = null;
    }
}
