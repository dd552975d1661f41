using Gyre.Lab.Dynamics;

namespace Gyre.Lab.Theory;

/// <summary>The exact state at one step of gradient descent.</summary>
/// <param name="Step">0 is the start.</param>
/// <param name="Theta"><c>[n]</c></param>
/// <param name="Loss">L.</param>
/// <param name="Pairs">Every eigenpair, largest first; the leading vector's sign is carried on from the step
/// before.</param>
/// <param name="SharpestShare">Share of v_1's squared length on its sharpest parameter: the factor of v_1's unit that
/// is smallest in size.</param>
/// <param name="Flip">1 − ⟨v_1, v_1 one step before⟩²; NaN at the start.</param>
/// <param name="DriftPerBounce">The same two steps before.</param>
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
    /// <summary>S.</summary>
    public double Sharpness => Pairs[0].Value;
}

/// <summary>
/// Gradient descent on a diagonal linear network with everything that a measured run reports, exactly.
/// </summary>
/// <param name="Network">The network.</param>
/// <param name="LearningRate">eta.</param>
/// <param name="Points">One for each step, up to the last or to divergence.</param>
/// <param name="Cycles">Its instabilities, by the rules of docs/theory.md.</param>
/// <param name="Outcome">What became of it, by the same rules.</param>
internal sealed record ExactDescent(
    DiagonalLinearNetwork Network,
    double LearningRate,
    IReadOnlyList<ExactPoint> Points,
    IReadOnlyList<Instability> Cycles,
    Outcome Outcome
)
{
    private const double AtMinimum = 1e-4; // of loss and of every entry of its gradient
    private const double DivergenceMultiple = 1000;
    private const int DivergenceSteps = 20;

    /// <summary>Whether the last step lies at a minimum: loss and every entry of its gradient below 1e-4.</summary>
    public bool Settled =>
        Points[^1] is var last
        && last.Loss < AtMinimum
        && Network.Gradient(last.Theta).All(entry => Math.Abs(entry) < AtMinimum);

    /// <summary>2/eta.</summary>
    public double Threshold => StabilityThreshold.GradientDescent(LearningRate);

    /// <summary>Follows gradient descent. Cost: an eigenproblem of size D for each unit and step.</summary>
    /// <param name="network">The network.</param>
    /// <param name="start">theta of step 0, <c>[n]</c>.</param>
    /// <param name="learningRate">eta &gt; 0.</param>
    /// <param name="steps">Updates.</param>
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
