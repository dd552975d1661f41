using System.Globalization;

namespace Gyre.Lab.Theory;

/// <summary>
/// A run of gradient descent and its two comparisons: gradient flow from the same start, and the outcomes of starts
/// around it.
/// </summary>
/// <param name="Flow">End of the gradient flow, the limit of eta → 0.</param>
/// <param name="Map">Outcomes over imbalance and eta; null at depth 1, which has no imbalance.</param>
internal sealed record ExactStudy(ExactDescent Descent, FlowEnd Flow, OutcomeMap? Map)
{
    /// <summary>
    /// Default eta as a multiple of 2/S of the minimum that gradient flow reaches. Default: chosen, a fifth above the
    /// threshold: an instability occurs, is resolved, and S ends well below the threshold.
    /// </summary>
    public const double DefaultShare = 1.2;

    /// <summary>The number of columns and of rows of the map.</summary>
    public const int MapSize = 200;

    private const double MapOutput = 0.9; // a tenth short of the minimum

    /// <summary>Runs the study for one start.</summary>
    /// <param name="start">theta at step 0.</param>
    /// <param name="learningRate">eta; if null, <see cref="DefaultShare"/> times 2/S of the minimum that the flow
    /// reaches.</param>
    /// <param name="steps">The number of updates.</param>
    public static ExactStudy Run(
        DiagonalLinearNetwork network,
        IReadOnlyList<double> start,
        double? learningRate,
        int steps,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(start);
        var flow = GradientFlow.Follow(network, start);
        var descent = ExactDescent.Follow(
            network,
            start,
            learningRate ?? Rounded(DefaultShare * 2 / flow.Sharpness),
            steps
        );
        return new ExactStudy(
            descent,
            flow,
            network.Depth == 1 ? null : MapAround(network.Depth, Imbalance(network, start), cancellation)
        );
    }

    /// <summary>
    /// Returns a start for a depth: one large factor and equal others, about a tenth short of the minimum. The values
    /// have few digits, so that they are easy to retype.
    /// </summary>
    public static double[] DefaultStart(int depth, int width)
    {
        if (depth == 1)
            return [.. Enumerable.Repeat(3.0, width)];
        var (x, y) = OutcomeMap.Start(depth, MapOutput, 9);
        return [.. Enumerable.Range(0, depth * width).Select(j => Rounded(j < width ? x : y))];
    }

    /// <summary>
    /// Returns the largest difference between an imbalance after a step and its value by the identity, relative to
    /// the largest square. In a correct program only rounding remains.
    /// </summary>
    public double IdentityDeviation()
    {
        var worst = 0.0;
        foreach (var (before, after) in Descent.Points.Zip(Descent.Points.Skip(1)))
        {
            for (var unit = 0; unit < Descent.Network.Width; unit++)
                worst = Math.Max(worst, Deviation(before.Theta, after.Theta, unit));
        }
        return worst;
    }

    private double Deviation(double[] before, double[] after, int unit)
    {
        var (network, eta) = (Descent.Network, Descent.LearningRate);
        var (from, to, residual) = (
            network.Unit(before, unit),
            network.Unit(after, unit),
            network.Residual(before, unit)
        );
        var size = from.Concat(to).Max(factor => factor * factor);
        if (!double.IsFinite(size) || !double.IsFinite(residual))
            return 0;
        var worst = 0.0;
        for (var a = 0; a < from.Length; a++)
        {
            for (var b = 0; b < a; b++)
            {
                var stated =
                    (from[a] * from[a] - from[b] * from[b])
                    * (1 - Math.Pow(eta * residual * DiagonalUnit.Product(from, a, b), 2));
                worst = Math.Max(worst, Math.Abs(to[a] * to[a] - to[b] * to[b] - stated) / size);
            }
        }
        return worst;
    }

    private static double Rounded(double value) =>
        double.Parse(value.ToString("G3", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    /// <summary>Returns the largest difference of squared factors within a unit.</summary>
    private static double Imbalance(DiagonalLinearNetwork network, IReadOnlyList<double> theta) =>
        Enumerable
            .Range(0, network.Width)
            .Select(unit => network.Unit(theta, unit).Select(factor => factor * factor).ToArray())
            .Max(squares => squares.Max() - squares.Min());

    private static OutcomeMap MapAround(int depth, double imbalance, CancellationToken cancellation)
    {
        // At depth D the flattest minimum has S = D. Beyond about twice eta = 2/D everything diverges.
        var (widest, fastest) = (Math.Max(5, Math.Ceiling(1.3 * imbalance)), 2.2 * 2 / depth);
        double[] Even(double last) => [.. Enumerable.Range(0, MapSize).Select(i => (i + 0.5) / MapSize * last)];
        return OutcomeMap.Compute(depth, MapOutput, Even(widest), Even(fastest), cancellation: cancellation);
    }
}
