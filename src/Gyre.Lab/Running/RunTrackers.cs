using Gyre.Lab.Dynamics;
using Gyre.Lab.Measuring;
using Gyre.Lab.Optimizers;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;

namespace Gyre.Lab.Running;

/// <summary>
/// Tracks what follows from the numbers of a run so far: its next learning rate, where it measures, its
/// instabilities, and when it ends. None of it is in a checkpoint; a resumed run rebuilds it from its records.
/// </summary>
internal sealed class RunTrackers
{
    private readonly EdgeRate? _edge; // null if the spec's schedule applies
    private readonly GivenBursts? _given; // null if the program itself trains and decides which steps there are

    public RunTrackers(RunSpec spec)
    {
        var training = spec.Training;
        Rates = RunSchedules.Rates(training);
        Bursts = RunSchedules.Bursts(spec);
        Follow = new FollowTracker(spec.Curvature, Bursts);
        End = new EndTracker(training);
        Instabilities = new InstabilityTracker(spec.Instability);
        Divergence = new DivergenceRule(training.DivergenceMultiple, training.DivergenceSteps);
        if (training.Edge is { Share: > 0 } edge)
            _edge = new EdgeRate(training.LearningRate, OptimizerCatalog.EdgeRate(spec.Optimizer), edge);
        if (spec.Measured is not null)
            _given = new GivenBursts(spec.Curvature.Burst);
    }

    /// <summary>The learning rates of the spec.</summary>
    public LearningRateSchedule Rates { get; }

    /// <summary>The regular measurements of the spec.</summary>
    public BurstSchedule Bursts { get; }

    public FollowTracker Follow { get; }

    public EndTracker End { get; }

    public InstabilityTracker Instabilities { get; }

    public DivergenceRule Divergence { get; }

    /// <summary>Returns the learning rate eta of the update from a step.</summary>
    public double RateAt(long step) => _edge?.Rate ?? Rates.At(step);

    /// <summary>
    /// Passes a measurement, if there is one, to the learning rate that follows the edge; returns whether it reduced
    /// that rate for good.
    /// </summary>
    public bool NextRate(CurvatureRecord? curvature)
    {
        if (_edge is null || curvature?.StartsBurst() != true)
            return false;
        var before = _edge.Reduced;
        _edge.Next(curvature.Sharpness);
        return _edge.Reduced && !before;
    }

    /// <summary>
    /// Returns a step's place in a burst, as far as earlier steps determine it; null if it is not measured.
    /// </summary>
    public BurstPlace? PlaceAt(long step) => _given?.GetNext(step) ?? Bursts.Find(step, End.Last) ?? Follow.Due(step);

    /// <summary>
    /// Returns the same once the step's loss is known, because only then can a rise of the loss be detected.
    /// </summary>
    public BurstPlace? PlaceAt(long step, double loss) =>
        _given?.GetNext(step) ?? Bursts.Find(step, End.Last) ?? Follow.Due(step, loss);

    /// <summary>Adds a step that was written and its measurement, if there is one.</summary>
    public void Next(StepRecord step, CurvatureRecord? curvature)
    {
        _given?.Next(step.Step);
        Follow.Next(step, curvature);
    }

    /// <summary>Adds all records of a run so far.</summary>
    public void Replay(IReadOnlyList<StepRecord> steps, IReadOnlyList<CurvatureRecord> curvature)
    {
        foreach (var record in curvature)
            NextRate(record);
        Follow.Replay(steps, curvature);
        End.Replay(steps, curvature);
        Instabilities.Replay(steps, curvature);
        foreach (var step in steps)
        {
            _given?.Next(step.Step);
            Divergence.Next(step.Loss);
        }
    }
}
