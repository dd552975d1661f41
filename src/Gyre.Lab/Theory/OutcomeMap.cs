namespace Gyre.Lab.Theory;

/// <summary>The outcome of one start under gradient descent with the exact map.</summary>
internal enum ExactOutcome
{
    /// <summary>The run reaches a minimum, and S was never above 2/eta.</summary>
    Stable,

    /// <summary>The run reaches a minimum, and S was above 2/eta on the way.</summary>
    Catapult,

    /// <summary>The run reaches a period-2 orbit, or still bounces with period 2 at the end.</summary>
    PeriodTwo,

    /// <summary>The run stays bounded, without a minimum and without period 2.</summary>
    Bounded,

    /// <summary>The run grows without bound.</summary>
    Diverged,
}

/// <summary>
/// The outcomes of starts with a range of imbalances at a range of learning rates: one unit of depth D ≥ 2 with
/// target 1, theta_1 = x and theta_2 = … = theta_D = y. The imbalance is x² − y², and the output x·y^(D−1) is the
/// same for all starts.
/// </summary>
/// <param name="Output">Output f at the start.</param>
/// <param name="Imbalances">The imbalance of each column.</param>
/// <param name="LearningRates">The learning rate of each row.</param>
/// <param name="Outcomes">Outcomes, <c>[rows, columns]</c>.</param>
/// <param name="FinalSharpness">S at the end, <c>[rows, columns]</c>: the mean over the last steps if the start still
/// bounces, NaN if it diverged.</param>
internal sealed record OutcomeMap(
    int Depth,
    double Output,
    IReadOnlyList<double> Imbalances,
    IReadOnlyList<double> LearningRates,
    ExactOutcome[,] Outcomes,
    double[,] FinalSharpness
)
{
    /// <summary>
    /// The number of steps after which a start that has neither settled nor diverged is classified. Default: chosen;
    /// minima within a part in a thousand of the threshold settle by then.
    /// </summary>
    public const int DefaultSteps = 5000;

    private const double Gone = 1e6;
    private const double Settled = 1e-10;
    private const double SlowDrift = 0.01; // drift over two steps, as a share of the distance of one step
    private const int Tail = 64;

    /// <summary>
    /// Computes the map, rows in parallel. Cost: at most rows × columns × steps evaluations of the gradient descent
    /// map.
    /// </summary>
    /// <param name="depth">D ≥ 2, since a single factor has no imbalance.</param>
    /// <param name="output">f &gt; 0 at the start.</param>
    /// <param name="imbalances">The imbalance of each column, at least 0.</param>
    /// <param name="learningRates">The learning rate of each row.</param>
    /// <param name="steps">The maximum number of updates.</param>
    public static OutcomeMap Compute(
        int depth,
        double output,
        IReadOnlyList<double> imbalances,
        IReadOnlyList<double> learningRates,
        int steps = DefaultSteps,
        CancellationToken cancellation = default
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(depth, 2);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(output);
        ArgumentNullException.ThrowIfNull(imbalances);
        ArgumentNullException.ThrowIfNull(learningRates);
        var starts = imbalances.Select(imbalance => Start(depth, output, imbalance)).ToArray();
        var outcomes = new ExactOutcome[learningRates.Count, imbalances.Count];
        var sharpness = new double[learningRates.Count, imbalances.Count];
        Parallel.For(
            0,
            learningRates.Count,
            new ParallelOptions { CancellationToken = cancellation },
            row =>
            {
                for (var column = 0; column < starts.Length; column++)
                    (outcomes[row, column], sharpness[row, column]) = Follow(
                        depth,
                        starts[column],
                        learningRates[row],
                        steps
                    );
            }
        );
        return new OutcomeMap(depth, output, imbalances, learningRates, outcomes, sharpness);
    }

    /// <summary>
    /// Returns the sharpness of the minimum with an imbalance. Gradient flow reaches it from every start with that
    /// imbalance.
    /// </summary>
    public double MinimumSharpness(double imbalance) =>
        Start(Depth, 1, imbalance) is var (x, y) ? new PairedUnit(Depth, x, y).Sharpness : double.NaN;

    /// <summary>
    /// Returns x and y for an imbalance and an output x·y^(D−1). They are the root of an increasing function,
    /// bisected to the last digit.
    /// </summary>
    public static (double X, double Y) Start(int depth, double output, double imbalance)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(imbalance);
        if (depth == 2)
            return TwoParameterModel.Point(imbalance, output);
        double Output(double y) => Math.Sqrt(imbalance + y * y) * Math.Pow(y, depth - 1);
        var (low, high) = (0.0, Math.Max(1, output) + 1);
        for (var halving = 0; halving < 200 && low < high; halving++)
        {
            var middle = 0.5 * (low + high);
            if (middle <= low || middle >= high)
                break;
            (low, high) = Output(middle) < output ? (middle, high) : (low, middle);
        }
        return (Math.Sqrt(imbalance + high * high), high);
    }

    private static (ExactOutcome Outcome, double Sharpness) Follow(
        int depth,
        (double X, double Y) start,
        double rate,
        int steps
    )
    {
        var (now, before, twoBefore) = (
            new PairedUnit(depth, start.X, start.Y),
            default(PairedUnit),
            default(PairedUnit)
        );
        var (unstable, sum, bounces, drifts) = (false, 0.0, 0.0, 0.0);
        for (var step = 0; step < steps; step++)
        {
            var settled = Math.Abs(now.Residual) < Settled;
            var sharpness = settled || !unstable || step >= steps - Tail ? now.Sharpness : double.NaN;
            unstable |= sharpness > 2 / rate;
            if (settled && sharpness < 2 / rate)
                return (unstable ? ExactOutcome.Catapult : ExactOutcome.Stable, sharpness);
            (twoBefore, before, now) = (before, now, now.Step(rate));
            if (!(now.Size < Gone))
                return (ExactOutcome.Diverged, double.NaN);
            if (step >= steps - Tail)
                (sum, bounces, drifts) = (
                    sum + sharpness,
                    bounces + now.Distance(before),
                    drifts + now.Distance(twoBefore)
                );
        }
        return (
            drifts < SlowDrift * bounces ? ExactOutcome.PeriodTwo : ExactOutcome.Bounded,
            sum / Math.Min(Tail, steps)
        );
    }
}
