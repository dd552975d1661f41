using Gyre.Lab.RunFiles;

namespace Gyre.Tests.TestKit;

/// <summary>Records with every field that a record must have: a test changes what it is about with <c>with</c>.</summary>
internal static class SampleRecords
{
    /// <summary>A step without a test set, the same at every number.</summary>
    /// <param name="step">Its number.</param>
    /// <param name="loss">The loss.</param>
    public static StepRecord Step(long step = 0, double loss = 1) => new(step, loss, 0.1, 2, 0.1);

    /// <summary>A run on a processor.</summary>
    public static EnvironmentRecord Environment { get; } =
        new(1, "0", "10", "any", 1, 1, "cpu", "2.10", "here", false, "test", 0, DateTimeOffset.UnixEpoch);

    /// <summary>What a sweep measures before it is laid out, of a small and fast network.</summary>
    /// <param name="id">Of the spec without what does not matter.</param>
    /// <param name="sharpness">At the initialization.</param>
    public static CalibrationRecord Calibration(string id, double sharpness = 4) =>
        new(id, sharpness, 0, 1000, 0.01, 0.1, 0.1, 1);

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
