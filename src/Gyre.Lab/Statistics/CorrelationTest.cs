namespace Gyre.Lab.Statistics;

/// <summary>A rank correlation with its interval and p-value.</summary>
/// <param name="Value">The coefficient; NaN where it does not exist.</param>
/// <param name="Low">Lower end of the 95 % percentile bootstrap interval: points are drawn again within their
/// strata.</param>
/// <param name="High">Upper end.</param>
/// <param name="PValue">Two-sided, by permutation within strata: (1 + as large as this)/(1 + permutations).</param>
/// <param name="Count">Points.</param>
/// <param name="Dropped">Share of the resamples on which the coefficient does not exist (a side constant, or
/// following from the control): they are left out of the interval.</param>
internal sealed record CorrelationTest(double Value, double Low, double High, double PValue, int Count, double Dropped)
{
    /// <summary>Resamples without a coefficient are left out; where they are more than this share, the others are no
    /// sample of what could have been.</summary>
    private const double MostDropped = 0.05;

    private const double Level = 0.05;
    private const int Permutations = 5000;
    private const int Resamples = 2000;
    private const int FewestPoints = 3;

    /// <summary>Why the data do not determine the coefficient: nothing may be decided by it. Null where they
    /// do.</summary>
    public string? Undetermined { get; init; }

    /// <summary>Why no interval is given; null where one is.</summary>
    public string? NoInterval { get; init; }

    /// <summary>
    /// Tests. With a control z the correlation is partial, and what is permuted are the residuals of the ranks of y
    /// on a cubic of the ranks of z, added to the fitted ranks again
    /// (Freedman and Lane 1983, on ranks): y keeps what z says of it.
    /// </summary>
    /// <param name="kind">Which coefficient.</param>
    /// <param name="x">One quantity.</param>
    /// <param name="y">The other.</param>
    /// <param name="z">Held fixed, or null.</param>
    /// <param name="strata">A number a point; only points of equal number are exchanged (cells of one seed share data
    /// and initialisation).</param>
    /// <param name="seed">Of the permutations and resamples.</param>
    /// <exception cref="ArgumentException">Unequal counts.</exception>
    public static CorrelationTest Run(
        RankKind kind,
        IReadOnlyList<double> x,
        IReadOnlyList<double> y,
        IReadOnlyList<double>? z,
        IReadOnlyList<int> strata,
        int seed
    ) => Run(kind, x, y, z, strata, seed, Permutations, Resamples);

    /// <summary>The same with other numbers of permutations and resamples; without resamples the interval's ends are
    /// NaN.</summary>
    internal static CorrelationTest Run(
        RankKind kind,
        IReadOnlyList<double> x,
        IReadOnlyList<double> y,
        IReadOnlyList<double>? z,
        IReadOnlyList<int> strata,
        int seed,
        int permutations,
        int resamples
    )
    {
        Check(x, y, z, strata);
        if (!Usable(x, y, z))
            return None(double.NaN, x.Count, "there are too few points");
        var sample = new RankSample(
            kind,
            RankLevels.From(x),
            RankLevels.From(y),
            z is null ? null : RankLevels.From(z)
        );
        var value = sample.Coefficient();
        if (double.IsNaN(value))
            return None(value, x.Count, "a side is constant, or follows from the control");
        var places = Chance.Places(strata);
        if (z is not null && ControlOrder.Decides(x, z, places))
            return None(value, x.Count, ControlOrder.Remark);
        var (ends, dropped) = Resampled(places, seed, resamples, at => sample.Pick(at).Coefficient());
        if (dropped > MostDropped)
            return None(value, x.Count, TooManyDropped(dropped)) with { Dropped = dropped };
        var test = new CorrelationTest(
            value,
            Quantiles.At(ends, 0.025),
            Quantiles.At(ends, 0.975),
            PValueOf(sample, value, places, seed, permutations),
            x.Count,
            dropped
        );
        return test.Contradicts
            ? test with
            {
                Low = double.NaN,
                High = double.NaN,
                NoInterval = "the bootstrap's interval and the permutations' p disagree",
            }
            : test;
    }

    /// <summary>One excludes no correlation, and the other does not: with few points the two, each approximate,
    /// may.</summary>
    private bool Contradicts => double.IsFinite(Low) && (PValue < Level) != (Low > 0 || High < 0);

    private static CorrelationTest None(double value, int count, string lack) =>
        new(value, double.NaN, double.NaN, double.NaN, count, double.NaN) { Undetermined = lack, NoInterval = lack };

    private static string TooManyDropped(double share) =>
        $"{Percent.Format(share)} of the resamples have no coefficient";

    /// <summary>
    /// Which of two quantities says more of y: |coefficient of a| − |coefficient of b|, both on the same resamples
    /// (paired bootstrap, within strata).
    /// </summary>
    /// <exception cref="ArgumentException">Unequal counts.</exception>
    public static Interval Difference(
        RankKind kind,
        IReadOnlyList<double> a,
        IReadOnlyList<double> b,
        IReadOnlyList<double> y,
        IReadOnlyList<double>? z,
        IReadOnlyList<int> strata,
        int seed
    )
    {
        Check(a, y, z, strata);
        Check(b, y, z, strata);
        if (!Usable(a, y, z) || !Usable(b, y, z))
            return new Interval(double.NaN, double.NaN, double.NaN, a.Count, "too few points");
        var (outcome, control) = (RankLevels.From(y), z is null ? null : RankLevels.From(z));
        var (one, other) = (
            new RankSample(kind, RankLevels.From(a), outcome, control),
            new RankSample(kind, RankLevels.From(b), outcome, control)
        );
        double Gap(RankSample of, RankSample than) => Math.Abs(of.Coefficient()) - Math.Abs(than.Coefficient());
        var value = Gap(one, other);
        if (double.IsNaN(value))
            return new Interval(
                double.NaN,
                double.NaN,
                double.NaN,
                a.Count,
                "a coefficient does not exist: a side is constant, or follows from the control"
            );
        var places = Chance.Places(strata);
        if (z is not null && (ControlOrder.Decides(a, z, places) || ControlOrder.Decides(b, z, places)))
            return new Interval(
                double.NaN,
                double.NaN,
                double.NaN,
                a.Count,
                $"of one of the two: {ControlOrder.Remark}"
            );
        var (ends, dropped) = Resampled(places, seed, Resamples, at => Gap(one.Pick(at), other.Pick(at)));
        if (dropped > MostDropped)
            return new Interval(double.NaN, double.NaN, double.NaN, a.Count, TooManyDropped(dropped));
        var left = dropped > 0 ? $", {Percent.Format(dropped)} of them left out: no coefficient there" : "";
        return new Interval(
            value,
            Quantiles.At(ends, 0.025),
            Quantiles.At(ends, 0.975),
            a.Count,
            $"paired percentile bootstrap, {Resamples} resamples of {a.Count} points{left}"
        );
    }

    /// <summary>The statistic on resamples where it exists, and the share of those where it does not.</summary>
    private static (double[] Values, double Dropped) Resampled(
        IReadOnlyList<int[]> places,
        int seed,
        int resamples,
        Func<int[], double> statistic
    )
    {
        var random = Chance.From(seed);
        var values = Enumerable
            .Range(0, resamples)
            .Select(_ => statistic(Chance.Resample(places, random)))
            .Where(double.IsFinite)
            .ToArray();
        return (values, resamples == 0 ? double.NaN : 1 - values.Length / (double)resamples);
    }

    private static double PValueOf(
        RankSample sample,
        double value,
        IReadOnlyList<int[]> places,
        int seed,
        int permutations
    )
    {
        const double Rounding = 1e-12;
        var permuted = sample.Permutations(places, Chance.From(seed));
        // A permutation without a coefficient counts as one as large: it is no evidence.
        var smaller = Enumerable.Range(0, permutations).Count(_ => Math.Abs(permuted()) < Math.Abs(value) - Rounding);
        return (1.0 + permutations - smaller) / (1.0 + permutations);
    }

    private static bool Usable(IReadOnlyList<double> x, IReadOnlyList<double> y, IReadOnlyList<double>? z) =>
        x.Count >= FewestPoints && !x.Any(double.IsNaN) && !y.Any(double.IsNaN) && !(z?.Any(double.IsNaN) ?? false);

    private static void Check(
        IReadOnlyList<double> x,
        IReadOnlyList<double> y,
        IReadOnlyList<double>? z,
        IReadOnlyList<int> strata
    )
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        ArgumentNullException.ThrowIfNull(strata);
        if (y.Count != x.Count || (z?.Count ?? x.Count) != x.Count || strata.Count != x.Count)
            throw new ArgumentException(
                $"Every point needs all its values and a stratum; got {x.Count}, {y.Count}, "
                    + $"{z?.Count ?? x.Count} and {strata.Count}.",
                nameof(x)
            );
    }
}
