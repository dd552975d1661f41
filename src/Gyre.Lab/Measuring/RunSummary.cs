using Gyre.Lab.Dynamics;
using Gyre.Lab.Optimizers;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Lab.Statistics;

namespace Gyre.Lab.Measuring;

/// <summary>
/// Computes the headline numbers of a run from its records alone, so that a resumed run gives the same. Pure.
/// </summary>
internal static class RunSummary
{
    /// <param name="spec">The resolved spec of the run.</param>
    /// <param name="steps">Every step.</param>
    /// <param name="curvature">Every measurement.</param>
    /// <param name="divergence">The sentence of the divergence rule, or null.</param>
    /// <param name="parameters">The number of parameters n.</param>
    /// <param name="samples">The number of samples N.</param>
    public static SummaryRecord Create(
        RunSpec spec,
        IReadOnlyList<StepRecord> steps,
        IReadOnlyList<CurvatureRecord> curvature,
        string? divergence,
        long parameters,
        long samples
    )
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(steps);
        ArgumentNullException.ThrowIfNull(curvature);
        var tracker = new InstabilityTracker(spec.Instability);
        tracker.Replay(steps, curvature);
        var run = new Story(
            spec,
            steps,
            curvature,
            TrainingTime.Accumulate(steps.Select(step => (step.Step, step.LearningRate))),
            tracker
        );
        var ending = new EndTracker(spec.Training);
        ending.Replay(steps, curvature);
        var times = run.Times;
        var end = curvature.Count > 0 ? curvature[^1] : null;
        return Headline(run, Outcome.Classify(tracker.Series, tracker.Found, divergence), parameters, samples) with
        {
            EndedBy = divergence is null ? ending.Reason : null,
            FinalParameterNorm = end?.ParameterNorm,
            FinalStartDistance = end?.StartDistance,
            SelfStabilisation = Stabilization(curvature, times),
            FinalHessianSharpness = LastFifth(curvature, times, record => record.Hessian?.Sharpness),
            FinalBatchSharpness = LastFifth(curvature, times, record => record.BatchSharpness?.Value),
            Intervention = Intervened([.. steps.Select(step => step.Intervention).OfType<InterventionRecord>()]),
            FollowUps = spec.Curvature.Follow.On ? Followed(curvature) : null,
            LossRises = Rises(steps, curvature, tracker.Found),
        };
    }

    /// <summary>Returns the numbers that every run has.</summary>
    private static SummaryRecord Headline(Story run, Outcome outcome, long parameters, long samples)
    {
        var (spec, steps, curvature, times, tracker) = run;
        var peak = tracker.Series.Count > 0 ? tracker.Series.MaxBy(point => point.Sharpness) : null;
        var initial = curvature.Count > 0 && curvature[0].Step == 0 ? curvature[0].Sharpness : double.NaN;
        return new SummaryRecord
        {
            Format = RunFolder.Format,
            Outcome = outcome.Name,
            OutcomeRule = outcome.Rule,
            Steps = steps[^1].Step,
            Parameters = parameters,
            Samples = samples,
            FinalLoss = steps[^1].Loss,
            FinalAccuracy = steps[^1].Accuracy,
            FinalTestAccuracy = steps.LastOrDefault(step => step.TestAccuracy is not null)?.TestAccuracy,
            BestTestAccuracy = steps.Max(step => step.TestAccuracy),
            EdgeUnits = spec.Training.LearningRate * initial / OptimizerCatalog.EdgeRate(spec.Optimizer),
            InitialSharpness = initial,
            PeakSharpness = peak?.Sharpness ?? double.NaN,
            PeakStep = peak?.Step ?? 0,
            FinalSharpness = Outcome.FinalMean(tracker.Series, point => point.Sharpness),
            FinalThreshold = FinalThreshold(run),
            Cycles = [.. tracker.Found.Select(cycle => Instability(cycle, curvature))],
            Flattening = Flattening(tracker.Found),
            Flip = Mean(curvature, times, record => record.Flip),
            DriftPerBounce = Mean(curvature, times, record => record.DriftPerBounce),
            Drift = Mean(curvature, times, record => record.Drift),
            Resolve = Mean(curvature, times, record => record.Resolve),
            Measurements = curvature.Count,
            Converged = curvature.Count(record => StopReasons.IsResult(record.StopReason)),
            ProductsPerMeasurement = curvature.Count > 0 ? curvature.Average(record => record.Products) : double.NaN,
        };
    }

    private static double FinalThreshold(Story run) =>
        run.Curvature.Count > 0
            ? run.Curvature[^1].Threshold
            : OptimizerCatalog.Threshold(run.Spec.Optimizer, run.Steps[^1].LearningRate, run.Steps[^1].GradientNorm);

    private static FollowSummary Followed(IReadOnlyList<CurvatureRecord> curvature) =>
        new(
            curvature.Count(record => record.Follow is not null),
            curvature.Where(record => record.Follow is not null).Sum(record => (long)record.Products),
            curvature.Where(record => record.Follow is null).Sum(record => (long)record.Products)
        );

    private static LossRiseSummary? Rises(
        IReadOnlyList<StepRecord> steps,
        IReadOnlyList<CurvatureRecord> curvature,
        IReadOnlyList<Instability> found
    )
    {
        if (steps[^1].Step - steps[0].Step != steps.Count - 1)
            return null;
        var rises = LossRises.Find(steps.Select(step => (step.Step, step.Loss)));
        bool Measured(LossRise rise) =>
            curvature.Any(record =>
                record.Step > rise.Start && !(record.Step > rise.End) && double.IsFinite(record.Sharpness)
            );
        bool Inside(LossRise rise) => found.Any(cycle => rise.Peak >= cycle.Onset && !(rise.Peak > cycle.Resolution));
        return new LossRiseSummary(
            rises.Count,
            rises.Count(rise => !Measured(rise)),
            rises.Count(rise => !Inside(rise))
        );
    }

    private static double? LastFifth(
        IReadOnlyList<CurvatureRecord> curvature,
        Dictionary<long, double> times,
        Func<CurvatureRecord, double?> of
    )
    {
        CurvatureRecord[] measured = [.. curvature.Where(record => of(record) is not null)];
        return measured.Length == 0
            ? null
            : TrainingTime.Mean(
                Outcome.LastFifth(measured).Select(record => (record.Step, times[record.Step], of(record)!.Value))
            );
    }

    private static InterventionSummary? Intervened(InterventionRecord[] steps)
    {
        if (steps.Length == 0)
            return null;
        var acted = steps.Where(step => step.Removed > 0).ToArray();
        double Mean(Func<InterventionRecord, double> of) =>
            acted.Select(of).Where(double.IsFinite).DefaultIfEmpty(double.NaN).Average();
        return new InterventionSummary(
            acted.Length,
            steps.Length,
            Mean(step => step.Removed),
            Mean(step => step.FreeTurnDegrees ?? double.NaN),
            Mean(step => step.TurnDegrees ?? double.NaN),
            steps.Sum(step => (long)step.Products)
        );
    }

    private static InstabilityRecord Instability(Instability cycle, IReadOnlyList<CurvatureRecord> curvature) =>
        new(
            cycle.Number,
            cycle.Onset,
            cycle.PeakStep,
            cycle.PeakSharpness,
            cycle.PeakLoss,
            cycle.OnsetLoss,
            cycle.Resolution
        )
        {
            Across = curvature.FirstOrDefault(record => record.Step == cycle.Resolution)?.Across is { } across
                ? new InstabilityTurnRecord(across.Lag, across.Rotation, 1 - across.OverlapHigh, 1 - across.OverlapLow)
                : null,
        };

    private static FlatteningRecord? Flattening(IReadOnlyList<Instability> cycles) =>
        ProgressiveFlattening.TryMeasure(cycles) is not { } flattening
            ? null
            : new FlatteningRecord(
                flattening.Trend.Slope,
                flattening.Trend.Low,
                flattening.Trend.High,
                flattening.Rank.Tau,
                flattening.Rank.PValue,
                flattening.Cycles,
                flattening.FinalOverFirstPeak
            );

    private static StabilizationSummary? Stabilization(
        IReadOnlyList<CurvatureRecord> curvature,
        Dictionary<long, double> times
    )
    {
        var measured = curvature.Where(record => record.SelfStabilisation is not null).ToArray();
        if (measured.Length == 0)
            return null;
        var edge = measured
            .Where(record => Math.Abs(record.Sharpness / record.Threshold - 1) <= Outcome.EdgeBand)
            .ToArray();
        var changes = SelfStabilization.Changes([
            .. edge.Select(record =>
                (record.Step, record.Threshold, record.SelfStabilisation!.Distance, record.SelfStabilisation.Drive)
            ),
        ]);
        return new StabilizationSummary(
            edge.Length,
            TrainingTime.Mean(
                edge.Select(record => (record.Step, times[record.Step], record.SelfStabilisation!.Alpha > 0 ? 1.0 : 0))
            ),
            changes.Count,
            changes.Count < 3
                ? double.NaN
                : RankCorrelation.Compute(
                    RankKind.Spearman,
                    [.. changes.Select(change => change.Predicted)],
                    [.. changes.Select(change => change.Seen)]
                )
        );
    }

    private static RotationSummary? Mean(
        IReadOnlyList<CurvatureRecord> curvature,
        Dictionary<long, double> times,
        Func<CurvatureRecord, RotationRecord?> of
    )
    {
        var measured = curvature
            .Select(record => (record.Step, Of: of(record)))
            .Where(one => one.Of is not null)
            .ToArray();
        double Mean(Func<RotationRecord, double> number) =>
            TrainingTime.Mean(measured.Select(one => (one.Step, times[one.Step], number(one.Of!))));
        return measured.Length == 0
            ? null
            : new RotationSummary(
                Mean(one => one.Rotation),
                Mean(one => 1 - one.OverlapHigh),
                Mean(one => 1 - one.OverlapLow),
                measured.Length,
                measured.Count(one => one.Of is { OverlapLow: 0, OverlapHigh: 1 })
            );
    }

    /// <summary>A run's records and what follows from them.</summary>
    /// <param name="Spec">The resolved spec of the run.</param>
    /// <param name="Steps">Every step.</param>
    /// <param name="Curvature">Every measurement.</param>
    /// <param name="Times">Training time by step.</param>
    /// <param name="Tracker">A tracker that has received all of them.</param>
    private sealed record Story(
        RunSpec Spec,
        IReadOnlyList<StepRecord> Steps,
        IReadOnlyList<CurvatureRecord> Curvature,
        Dictionary<long, double> Times,
        InstabilityTracker Tracker
    );
}
