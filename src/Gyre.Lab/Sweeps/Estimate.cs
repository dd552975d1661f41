using Gyre.Lab.Interventions;
using Gyre.Lab.Optimizers;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;

namespace Gyre.Lab.Sweeps;

/// <summary>Estimates the cost of a cell from the measurements of a calibration at theta_0.</summary>
internal static class Estimate
{
    /// <summary>
    /// The cost of a solve from a random start relative to one from the previous eigenvectors
    /// (docs/decisions/0003-warm-start.md).
    /// </summary>
    private const double ColdOverWarm = 1.3;

    private const double StepBytes = 200;
    private const double MeasurementBytes = 2600;
    private const double SketchBytes = 4096 * 4;

    /// <summary>
    /// Returns the most wall seconds that follow-ups can add: their whole budget, or every step that no regular burst
    /// measures, whichever is less; NaN without a calibration.
    /// </summary>
    public static double FollowSeconds(RunSpec spec, CalibrationRecord? calibration)
    {
        if (!spec.Curvature.Follow.On || calibration is null)
            return spec.Curvature.Follow.On ? double.NaN : 0;
        var (first, bursts) = (spec.Fork?.Step ?? 0, RunSchedules.Bursts(spec));
        var measured = Enumerable
            .Range(first, spec.Training.Steps - first + 1)
            .Count(step => bursts.Find(step) is not null);
        return Math.Min(spec.Curvature.Follow.Budget * measured, spec.Training.Steps - first + 1 - measured)
            * calibration.MeasurementSeconds;
    }

    /// <summary>
    /// Returns the wall seconds of a cell without follow-ups and without the steps before a fork, under the load that
    /// its calibration was measured under; NaN without a calibration.
    /// </summary>
    public static double Seconds(RunSpec spec, CalibrationRecord? calibration)
    {
        if (calibration is null)
            return double.NaN;
        var (first, bursts) = (spec.Fork?.Step ?? 0, RunSchedules.Bursts(spec));
        var (measured, firsts, baselines, evaluated) = (0L, 0L, 0L, 0L);
        for (var step = (long)first; step <= spec.Training.Steps; step++)
        {
            var place = bursts.Find(step);
            measured += place is null ? 0 : 1;
            firsts += place is { Position: 0 } ? 1 : 0;
            baselines += place is not null && RunSchedules.Resolves(spec.Curvature, place) ? 1 : 0;
            evaluated += RunSchedules.EvaluatesHeldOut(spec, bursts, step, spec.Training.Steps) ? 1 : 0;
        }
        var traces = (double)firsts * spec.Curvature.TraceProbes / Calibration.UsualProducts;
        return calibration.StartSeconds
            + (spec.Training.Steps - first) * StepSeconds(spec, calibration)
            + (measured + ColdOverWarm * baselines + traces) * calibration.MeasurementSeconds
            + evaluated * calibration.EvaluationSeconds;
    }

    /// <summary>
    /// The number of measurements whose eigenvectors a checkpoint contains: two bursts, one before an instability,
    /// and two follow-ups.
    /// </summary>
    private static double Vectors(CurvatureSpec spec) => 2.0 * spec.Burst + 1 + (spec.Follow.On ? 2 : 0);

    /// <summary>
    /// Returns the seconds of a step without a measurement: the optimizer's gradients and, if an intervention acts in
    /// every step, a solve and the intervention's own products.
    /// </summary>
    private static double StepSeconds(RunSpec spec, CalibrationRecord calibration)
    {
        var gradients =
            OptimizerCatalog
                .Get(spec.Optimizer.Name)
                .Gradients(
                    spec.Optimizer,
                    Math.Max(1, spec.Data.Samples),
                    spec.Training.LearningRate * calibration.Sharpness
                ) * calibration.GradientSeconds;
        return spec.Intervention.Name == InterventionCatalog.None
            ? gradients
            : gradients
                + (
                    1
                    + InterventionCatalog.Get(spec.Intervention.Name).Products(spec.Intervention)
                        / Calibration.UsualProducts
                ) * calibration.MeasurementSeconds;
    }

    /// <summary>Returns the most bytes that the finished run folder takes.</summary>
    public static double Bytes(RunSpec spec, CalibrationRecord? calibration)
    {
        var (bursts, n) = (RunSchedules.Bursts(spec).Count, calibration?.Parameters ?? 0);
        var width = spec.Dtype == DtypeNames.Float64 ? 8.0 : 4.0;
        var rows = bursts * (spec.Curvature.Pairs + 1.0); // and a displacement
        var vectors = rows * n * width;
        var kept = vectors <= spec.Keeping.EigenvectorMegabytes * 1e6 ? vectors : rows * SketchBytes;
        var checkpoints =
            (spec.Keeping.KeepCheckpoints + spec.Keeping.CheckpointAt.Count)
            * n
            * width
            * (1 + Vectors(spec.Curvature) * spec.Curvature.Pairs);
        return spec.Training.Steps * StepBytes
            + bursts * spec.Curvature.Burst * (1 + spec.Curvature.Follow.Budget) * MeasurementBytes
            + kept
            + checkpoints;
    }
}
