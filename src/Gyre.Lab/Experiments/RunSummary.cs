using Gyre.Lab.Dynamics;
using Gyre.Lab.Runs;
using Gyre.Lab.Statistics;
using Gyre.Lab.Training;

namespace Gyre.Lab.Experiments;

/// <summary>The headline numbers of a run, from its records alone: a resumed run gives the same. Pure.</summary>
public static class RunSummary
{
    /// <summary>Summarises.</summary>
    /// <param name="spec">Of the run.</param>
    /// <param name="steps">Every step.</param>
    /// <param name="curvature">Every measurement.</param>
    /// <param name="divergence">The sentence of the divergence rule, or null.</param>
    /// <param name="parameters">n.</param>
    /// <param name="samples">N.</param>
    public static SummaryRecord Of(
        RunSpec spec, IReadOnlyList<StepRecord> steps, IReadOnlyList<CurvatureRecord> curvature, string? divergence, long parameters, long samples)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(steps);
        ArgumentNullException.ThrowIfNull(curvature);
        var tracker = InstabilityTracker.Replay(spec.Instability, steps, curvature);
        var outcome = Outcome.Of(tracker.Series, tracker.Found, divergence);
        var last = steps[^1];
        var peak = tracker.Series.Count > 0 ? tracker.Series.MaxBy(point => point.Sharpness) : null;
        var initial = curvature.Count > 0 && curvature[0].Step == 0 ? curvature[0].Sharpness : double.NaN;
        return new SummaryRecord
        {
            Format = RunFolder.Format,
            Outcome = outcome.Name,
            OutcomeRule = outcome.Rule,
            Steps = last.Step,
            Parameters = parameters,
            Samples = samples,
            FinalLoss = last.Loss,
            FinalAccuracy = last.Accuracy,
            FinalTestAccuracy = steps.LastOrDefault(step => step.TestAccuracy is not null)?.TestAccuracy,
            BestTestAccuracy = steps.Max(step => step.TestAccuracy),
            EdgeUnits = spec.Training.LearningRate * initial / OptimizerCatalog.EdgeRate(spec.Optimizer),
            InitialSharpness = initial,
            PeakSharpness = peak?.Sharpness ?? double.NaN,
            PeakStep = peak?.Step ?? 0,
            FinalSharpness = tracker.Series.Count > 0 ? Outcome.LastFifth(tracker.Series).Average(point => point.Sharpness) : double.NaN,
            FinalThreshold = curvature.Count > 0 ? curvature[^1].Threshold : OptimizerCatalog.Threshold(spec.Optimizer, last.LearningRate, last.GradientNorm),
            Cycles = [.. tracker.Found.Select(Cycle)],
            Flattening = Flattening(tracker.Found),
            Flip = Mean(curvature.Select(record => record.Flip)),
            DriftPerBounce = Mean(curvature.Select(record => record.DriftPerBounce)),
            Drift = Mean(curvature.Select(record => record.Drift)),
            Resolve = Mean(curvature.Select(record => record.Resolve)),
            SelfStabilisation = Stabilisation(curvature),
            FinalHessianSharpness = LastFifth(curvature.Select(record => record.Hessian?.Sharpness)),
            FinalBatchSharpness = LastFifth(curvature.Select(record => record.BatchSharpness?.Value)),
            Intervention = Intervened([.. steps.Select(step => step.Intervention).OfType<InterventionRecord>()]),
            Measurements = curvature.Count,
            Converged = curvature.Count(record => record.StopReason is "converged" or "rounding" or "invariant_subspace"),
            ProductsPerMeasurement = curvature.Count > 0 ? curvature.Average(record => record.Products) : double.NaN,
        };
    }

    private static double? LastFifth(IEnumerable<double?> values)
    {
        double[] measured = [.. values.OfType<double>()];
        return measured.Length == 0 ? null : Outcome.LastFifth(measured).Average();
    }

    private static InterventionSummary? Intervened(InterventionRecord[] steps)
    {
        if (steps.Length == 0)
            return null;
        var acted = steps.Where(step => step.Removed > 0).ToArray();
        double Mean(Func<InterventionRecord, double> of) => acted.Select(of).Where(double.IsFinite).DefaultIfEmpty(double.NaN).Average();
        return new InterventionSummary(
            acted.Length, steps.Length, Mean(step => step.Removed), Mean(step => step.FreeTurnDegrees ?? double.NaN), Mean(step => step.TurnDegrees ?? double.NaN), steps.Sum(step => (long)step.Products));
    }

    private static CycleRecord Cycle(Instability cycle) =>
        new(cycle.Number, cycle.Onset, cycle.PeakStep, cycle.PeakSharpness, cycle.PeakLoss, cycle.OnsetLoss, cycle.Resolution);

    private static FlatteningRecord? Flattening(IReadOnlyList<Instability> cycles) =>
        ProgressiveFlattening.Of(cycles) is not { } flattening ? null : new FlatteningRecord(
            flattening.Trend.Slope, flattening.Trend.Low, flattening.Trend.High, flattening.Rank.Tau, flattening.Rank.PValue, flattening.Cycles,
            flattening.FinalOverFirstPeak);

    private static StabilisationSummary? Stabilisation(IReadOnlyList<CurvatureRecord> curvature)
    {
        var measured = curvature.Where(record => record.SelfStabilisation is not null).ToArray();
        if (measured.Length == 0)
            return null;
        var edge = measured.Where(record => Math.Abs(record.Sharpness / record.Threshold - 1) <= Outcome.EdgeBand).ToArray();
        var changes = SelfStabilisation.Changes([.. edge.Select(record => (record.Step, record.Threshold, record.SelfStabilisation!.Distance, record.SelfStabilisation.Drive))]);
        return new StabilisationSummary(
            edge.Length, edge.Length == 0 ? double.NaN : edge.Average(record => record.SelfStabilisation!.Alpha > 0 ? 1.0 : 0), changes.Count,
            changes.Count < 3 ? double.NaN : RankCorrelation.Of(RankKind.Spearman, [.. changes.Select(change => change.Predicted)], [.. changes.Select(change => change.Seen)]));
    }

    private static RotationSummary? Mean(IEnumerable<RotationRecord?> rotations)
    {
        var measured = rotations.OfType<RotationRecord>().ToArray();
        return measured.Length == 0 ? null : new RotationSummary(
            measured.Average(one => one.Rotation), measured.Average(one => 1 - one.OverlapHigh), measured.Average(one => 1 - one.OverlapLow),
            measured.Length, measured.Count(one => one is { OverlapLow: 0, OverlapHigh: 1 }));
    }
}
