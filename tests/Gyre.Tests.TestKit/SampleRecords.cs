using Gyre.Lab.RunFiles;

namespace Gyre.Tests.TestKit;

/// <summary>Records with every field that a record must have: a test changes what it is about with <c>with</c>.</summary>
public static class SampleRecords
{
    /// <summary>A converged measurement of one or several pairs, without rotations.</summary>
    /// <param name="step">The step measured.</param>
    /// <param name="burst">Position in its burst.</param>
    /// <param name="sharpness">The largest eigenvalue; the others are smaller by a fixed rule.</param>
    /// <param name="pairs">How many.</param>
    public static CurvatureRecord Curvature(long step = 0, int burst = 0, double sharpness = 1, int pairs = 1) =>
        new()
        {
            Step = step,
            Burst = burst,
            Threshold = 10,
            Sharpness = sharpness,
            Eigenvalues = [.. Enumerable.Range(0, pairs).Select(index => sharpness / (1 + 0.4 * index))],
            Residuals = new double[pairs],
            Gaps = [.. Enumerable.Repeat(1.0, pairs)],
            AngleErrorsDegrees = [.. Enumerable.Repeat<double?>(0.1, pairs)],
            BlockGap = 1,
            BlockAngleErrorDegrees = 0.1,
            LambdaMin = -1,
            LambdaMinResidual = 0,
            LambdaMinConverged = true,
            Products = 17,
            StopReason = "converged",
            Warm = burst > 0,
            GradientAlignment = 0.5,
            ParticipationRatios = [.. Enumerable.Repeat(0.1, pairs)],
            LayerShares = new Dictionary<string, double[]>(),
        };
}
