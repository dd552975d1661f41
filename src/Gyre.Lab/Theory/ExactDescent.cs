using Gyre.Lab.Dynamics;

namespace Gyre.Lab.Theory;

/// <summary>The exact state at one step of gradient descent.</summary>
/// <param name="Step">The step, where 0 is the start.</param>
/// <param name="Theta"><c>[n]</c></param>
/// <param name="Pairs">All eigenpairs, largest eigenvalue first. The sign of the leading eigenvector is carried over
/// from the previous step.</param>
/// <param name="SharpestShare">Share of the squared length of v_1 on its sharpest parameter, which is the smallest
/// factor in absolute value of the unit of v_1.</param>
/// <param name="Flip">1 − ⟨v_1, v_1 one step before⟩²; NaN at the start.</param>
/// <param name="DriftPerBounce">1 − ⟨v_1, v_1 two steps before⟩²; NaN for the first two steps.</param>
internal sealed record ExactPoint(
    long Step,
    double[] Theta,
    double Loss,
    IReadOnlyList<ExactPair> Pairs,
    double SharpestShare,
    double Flip,
    double DriftPerBounce
)
{
    /// <summary>Sharpness S.</summary>
    public double Sharpness => Pairs[0].Value;
}

/// <summary>
/// A run of gradient descent on a diagonal linear network, with exact values of everything that a measured run
/// reports.
/// </summary>
/// <param name="Points">One point per step, up to the last step or to divergence.</param>
/// <param name="Cycles">The instabilities, by the rules of docs/theory.md.</param>
/// <param name="Outcome">The outcome, by the same rules.</param>
internal sealed record ExactDescent(
    DiagonalLinearNetwork Network,
    double LearningRate,
    IReadOnlyList<ExactPoint> Points,
    IReadOnlyList<Instability> Cycles,
    Outcome Outcome
)
{
    private const double AtMinimum = 1e-4; // bounds the loss and every entry of its gradient
    private const double DivergenceMultiple = 1000;
    private const int DivergenceSteps = 20;

    /// <summary>
    /// Whether the last step is at a minimum: the loss and every entry of its gradient are below 1e-4.
    /// </summary>
    public bool Settled =>
        Points[^1] is var last
        && last.Loss < AtMinimum
        && Network.Gradient(last.Theta).All(entry => Math.Abs(entry) < AtMinimum);

    /// <summary>The stability threshold, 2/eta.</summary>
    public double Threshold => StabilityThreshold.GradientDescent(LearningRate);

    /// <summary>Runs gradient descent. Cost: one eigenproblem of size D per unit and step.</summary>
    /// <param name="start">theta at step 0, <c>[n]</c>.</param>
    /// <param name="learningRate">eta &gt; 0.</param>
    /// <param name="steps">The number of updates.</param>
    public static ExactDescent Follow(
        DiagonalLinearNetwork network,
        IReadOnlyList<double> start,
        double learningRate,
        int steps
    )
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(start);
        var points = new List<ExactPoint>();
        var divergence = new DivergenceRule(DivergenceMultiple, DivergenceSteps);
        string? diverged = null;
        double[] theta = [.. start];
        for (var step = 0L; step <= steps && diverged is null; step++)
        {
            points.Add(Point(network, step, theta, points));
            diverged = divergence.Next(points[^1].Loss);
            theta = network.Step(theta, learningRate);
        }
        var threshold = StabilityThreshold.GradientDescent(learningRate);
        var series = points
            .Where(point => double.IsFinite(point.Sharpness) && double.IsFinite(point.Loss))
            .Select(point => new SharpnessPoint(point.Step, point.Sharpness, threshold, point.Loss, point.Loss))
            .ToArray();
        var cycles = InstabilityDetector.Find(series);
        return new ExactDescent(network, learningRate, points, cycles, Outcome.Classify(series, cycles, diverged));
    }

    private static ExactPoint Point(DiagonalLinearNetwork network, long step, double[] theta, List<ExactPoint> before)
    {
        var pairs = DiagonalSpectrum.Compute(network, theta);
        var leading = pairs[0];
        if (before.Count > 0 && Inner(before[^1].Pairs[0].Vector, leading.Vector) < 0)
            pairs = [leading with { Vector = [.. leading.Vector.Select(entry => -entry)] }, .. pairs.Skip(1)];
        return new ExactPoint(
            step,
            theta,
            network.Loss(theta),
            pairs,
            SharpestShare(network, theta, leading),
            Turned(before, 1, leading),
            Turned(before, 2, leading)
        );
    }

    private static double SharpestShare(DiagonalLinearNetwork network, double[] theta, ExactPair leading)
    {
        var sizes = network.Unit(theta, leading.Unit).Select(Math.Abs).ToArray();
        var entry = network.Unit(leading.Vector, leading.Unit)[Array.IndexOf(sizes, sizes.Min())];
        return entry * entry;
    }

    private static double Turned(List<ExactPoint> before, int lag, ExactPair leading) =>
        before.Count < lag
            ? double.NaN
            : 1 - Math.Min(1, Math.Pow(Inner(before[^lag].Pairs[0].Vector, leading.Vector), 2));

    private static double Inner(double[] a, double[] b)
    {
        var sum = 0.0;
        for (var j = 0; j < a.Length; j++)
            sum += a[j] * b[j];
        return sum;
    }
}
