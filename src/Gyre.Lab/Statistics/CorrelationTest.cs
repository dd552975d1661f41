namespace Gyre.Lab.Statistics;

/// <summary>A rank correlation with its interval and p-value.</summary>
/// <param name="Value">The coefficient; NaN if it does not exist.</param>
/// <param name="Low">Lower end of the 95 % percentile bootstrap interval, with points resampled within their
/// strata.</param>
/// <param name="High">Upper end of the interval.</param>
/// <param name="PValue">Two-sided p-value by permutation within strata: (1 + permutations with a coefficient at least
/// as large)/(1 + permutations).</param>
/// <param name="Count">The number of points.</param>
/// <param name="Dropped">Share of the resamples on which the coefficient does not exist, because a side is constant
/// or follows from the control. They are left out of the interval.</param>
internal sealed record CorrelationTest(double Value, double Low, double High, double PValue, int Count, double Dropped)
{
    /// <summary>
    /// Resamples without a coefficient are left out. If they exceed this share, the remaining ones no longer
    /// represent the sampling distribution.
    /// </summary>
    private const double MostDropped = 0.05;

    private const double Level = 0.05;
    private const int Permutations = 5000;
    private const int Resamples = 2000;
    private const int FewestPoints = 3;

    /// <summary>
    /// The reason why the data do not determine the coefficient, so that no decision may rest on it; null if they do.
    /// </summary>
    public string? Undetermined { get; init; }

    /// <summary>The reason why no interval is given; null if there is one.</summary>
    public string? NoInterval { get; init; }

    /// <summary>
    /// Runs the test. With a control z the correlation is partial. The permutations then shuffle the residuals of the
    /// ranks of y on a cubic of the ranks of z and add them to the fitted ranks (Freedman and Lane 1983, on ranks),
    /// so that y keeps its dependence on z.
    /// </summary>
    /// <param name="z">The control, held fixed; null if there is none.</param>
    /// <param name="strata">The stratum of each point. Only points of the same stratum are exchanged, since cells of
    /// one seed share data and initialization.</param>
    /// <param name="seed">Seed for the permutations and resamples.</param>
    /// <exception cref="ArgumentException">The counts differ.</exception>
    public static CorrelationTest Run(
        RankKind kind,
        IReadOnlyList<double> x,
        IReadOnlyList<double> y,
        IReadOnlyList<double>? z,
        IReadOnlyList<int> strata,
        int seed
    ) => Run(kind, x, y, z, strata, seed, Permutations, Resamples);

    /// <summary>
    /// Runs the test with explicit numbers of permutations and resamples. With 0 resamples the ends of the interval
    /// are NaN.
    /// </summary>
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
            return None(value, x.Count, "one side is constant, or is determined by the control");
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
                NoInterval = "the bootstrap interval and the permutation p-value disagree",
            }
            : test;
    }

    /// <summary>
    /// Whether one of p-value and interval excludes zero correlation and the other does not. Both are approximate, so
    /// that this can happen with few points.
    /// </summary>
    private bool Contradicts => double.IsFinite(Low) && (PValue < Level) != (Low > 0 || High < 0);

    private static CorrelationTest None(double value, int count, string lack) =>
        new(value, double.NaN, double.NaN, double.NaN, count, double.NaN) { Undetermined = lack, NoInterval = lack };

    private static string TooManyDropped(double share) =>
        $"{Percent.Format(share)} of the resamples have no coefficient";

    /// <summary>
    /// Compares how strongly two quantities correlate with y: |coefficient of a| − |coefficient of b|, both computed
    /// on the same resamples (paired bootstrap, within strata).
    /// </summary>
    /// <exception cref="ArgumentException">The counts differ.</exception>
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
                "a coefficient does not exist: one side is constant, or is determined by the control"
            );
        var places = Chance.Places(strata);
        if (z is not null && (ControlOrder.Decides(a, z, places) || ControlOrder.Decides(b, z, places)))
            return new Interval(
                double.NaN,
                double.NaN,
                double.NaN,
                a.Count,
                $"for one of the two:  {ControlOrder.Remark}"
            );
        var (ends, dropped) = Resampled(places, seed, Resamples, at => Gap(one.Pick(at), other.Pick(at)));
        if (dropped > MostDropped)
            return new Interval(double.NaN, double.NaN, double.NaN, a.Count, TooManyDropped(dropped));
        var left = dropped > 0 ? $", {Percent.Format(dropped)} of them left out, since they have no coefficient" : "";
        return new Interval(
            value,
            Quantiles.At(ends, 0.025),
            Quantiles.At(ends, 0.975),
            a.Count,
            $"paired percentile bootstrap, {Resamples} resamples of {a.Count} points{left}"
        );
    }

    /// <summary>
    /// Returns the finite values of the statistic over the resamples, and the share of resamples on which it does not
    /// exist.
    /// </summary>
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
        // A permutation without a coefficient counts as at least as large, since it is no evidence against
        // independence.
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
