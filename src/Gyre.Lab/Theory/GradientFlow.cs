namespace Gyre.Lab.Theory;

/// <summary>The end of gradient flow dtheta/dt = −∇L.</summary>
/// <param name="Theta">Parameters at the end.</param>
/// <param name="Time">Flow time until the end. It has the same unit as steps of gradient descent times eta.</param>
/// <param name="Sharpness">S at the end.</param>
/// <param name="GradientNorm">‖∇L‖ at the end.</param>
/// <param name="Arrived">Whether the gradient fell below the tolerance; otherwise time or steps ran out
/// first.</param>
internal sealed record FlowEnd(double[] Theta, double Time, double Sharpness, double GradientNorm, bool Arrived);

/// <summary>
/// Gradient flow by the embedded Runge–Kutta pair of Dormand and Prince (1980), order 5(4), with the integration step
/// adapted to the local error. The flow keeps every imbalance theta_a² − theta_b² of a unit, which tests check.
/// </summary>
internal static class GradientFlow
{
    private const double Tolerance = 1e-12;
    private const double Still = 1e-10;
    private const int Order = 5;
    private const int MostSteps = 1_000_000;

    /// <summary>
    /// Row i holds the weights of the earlier slopes for stage i + 1; the last row is the step itself.
    /// </summary>
    private static readonly double[][] Stages =
    [
        [1.0 / 5],
        [3.0 / 40, 9.0 / 40],
        [44.0 / 45, -56.0 / 15, 32.0 / 9],
        [19372.0 / 6561, -25360.0 / 2187, 64448.0 / 6561, -212.0 / 729],
        [9017.0 / 3168, -355.0 / 33, 46732.0 / 5247, 49.0 / 176, -5103.0 / 18656],
        [35.0 / 384, 0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84],
    ];

    /// <summary>The step's weights minus those of the fourth-order method of the pair.</summary>
    private static readonly double[] Error =
    [
        71.0 / 57600,
        0,
        -71.0 / 16695,
        71.0 / 1920,
        -17253.0 / 339200,
        22.0 / 525,
        -1.0 / 40,
    ];

    /// <summary>Follows the flow until the gradient vanishes.</summary>
    /// <param name="theta">The start, <c>[n]</c>.</param>
    /// <param name="longest">Flow time at which to give up. Default: chosen, far beyond any start of
    /// interest.</param>
    public static FlowEnd Follow(DiagonalLinearNetwork network, IReadOnlyList<double> theta, double longest = 1e6)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(theta);
        var (at, slope) = (theta.ToArray(), Slope(network, theta));
        var (time, step) = (0.0, 0.01 / (1 + Norm(slope)));
        for (var taken = 0; taken < MostSteps && time < longest && Norm(slope) > Still; taken++)
        {
            var (next, nextSlope, error) = TakeStep(network, at, slope, step);
            if (error <= 1)
                (at, slope, time) = (next, nextSlope, time + step);
            step *= Math.Clamp(0.9 * Math.Pow(Math.Max(error, 1e-8), -1.0 / Order), 0.2, 5);
        }
        return new FlowEnd(at, time, DiagonalSpectrum.Sharpness(network, at), Norm(slope), Norm(slope) <= Still);
    }

    /// <summary>Takes one step of the pair. The error is relative to the tolerance.</summary>
    private static (double[] Next, double[] Slope, double Error) TakeStep(
        DiagonalLinearNetwork network,
        double[] at,
        double[] first,
        double step
    )
    {
        List<double[]> slopes = [first];
        var next = at;
        foreach (var weights in Stages)
        {
            next = Moved(at, step, weights, slopes);
            slopes.Add(Slope(network, next));
        }
        var apart = Moved(new double[at.Length], step, Error, slopes);
        var error = apart
            .Zip(next, (off, reached) => Math.Abs(off) / (Tolerance * Math.Max(1, Math.Abs(reached))))
            .Max();
        return (next, slopes[^1], double.IsNaN(error) ? double.PositiveInfinity : error);
    }

    private static double[] Slope(DiagonalLinearNetwork network, IReadOnlyList<double> theta) =>
        [.. network.Gradient(theta).Select(entry => -entry)];

    private static double[] Moved(double[] at, double step, double[] weights, List<double[]> slopes)
    {
        var moved = (double[])at.Clone();
        for (var stage = 0; stage < weights.Length; stage++)
        {
            for (var j = 0; j < moved.Length; j++)
                moved[j] += step * weights[stage] * slopes[stage][j];
        }
        return moved;
    }

    private static double Norm(double[] vector) => Math.Sqrt(vector.Sum(entry => entry * entry));
}
