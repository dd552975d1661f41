namespace Gyre.Lab.Statistics;

/// <summary>A rank correlation with its interval and p-value.</summary>
/// <param name="Value">The coefficient; NaN where it does not exist.</param>
/// <param name="Low">Lower end of the 95 % percentile bootstrap interval: points are drawn again within their strata.</param>
/// <param name="High">Upper end.</param>
/// <param name="PValue">Two-sided, by permutation within strata: (1 + as large as this)/(1 + permutations).</param>
/// <param name="Count">Points.</param>
public sealed record CorrelationTest(double Value, double Low, double High, double PValue, int Count)
{
    private const int Permutations = 5000;
    private const int Resamples = 2000;

    /// <summary>
    /// Tests. With a control z the correlation is partial, and what is permuted are the residuals of the ranks of y on the ranks of z, added to the fitted ranks again
    /// (Freedman and Lane 1983, on ranks): y keeps what z says of it.
    /// </summary>
    /// <param name="kind">Which coefficient.</param>
    /// <param name="x">One quantity.</param>
    /// <param name="y">The other.</param>
    /// <param name="z">Held fixed, or null.</param>
    /// <param name="strata">A number a point; only points of equal number are exchanged (cells of one seed share data and initialisation).</param>
    /// <param name="seed">Of the permutations and resamples.</param>
    public static CorrelationTest Of(RankKind kind, IReadOnlyList<double> x, IReadOnlyList<double> y, IReadOnlyList<double>? z, IReadOnlyList<int> strata, int seed)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        ArgumentNullException.ThrowIfNull(strata);
        var value = x.Count < 3 ? double.NaN : Coefficient(kind, x, y, z);
        if (double.IsNaN(value))
            return new CorrelationTest(double.NaN, double.NaN, double.NaN, double.NaN, x.Count);
        var places = Chance.Places(strata);
        var ends = Resampled(places, seed, at => Coefficient(kind, Pick(x, at), Pick(y, at), z is null ? null : Pick(z, at)));
        return new CorrelationTest(value, Quantiles.At(ends, 0.025), Quantiles.At(ends, 0.975), PValueOf(kind, x, y, z, places, seed, value), x.Count);
    }

    /// <summary>
    /// Which of two quantities says more of y: |coefficient of a| − |coefficient of b|, both on the same resamples (paired bootstrap, within strata).
    /// </summary>
    public static Interval Difference(
        RankKind kind, IReadOnlyList<double> a, IReadOnlyList<double> b, IReadOnlyList<double> y, IReadOnlyList<double>? z, IReadOnlyList<int> strata, int seed)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        ArgumentNullException.ThrowIfNull(y);
        double Gap(IReadOnlyList<double> of, IReadOnlyList<double> than, IReadOnlyList<double> outcome, IReadOnlyList<double>? control) =>
            Math.Abs(Coefficient(kind, of, outcome, control)) - Math.Abs(Coefficient(kind, than, outcome, control));
        if (a.Count < 3)
            return new Interval(double.NaN, double.NaN, double.NaN, a.Count, "too few points");
        var ends = Resampled(Chance.Places(strata), seed, at => Gap(Pick(a, at), Pick(b, at), Pick(y, at), z is null ? null : Pick(z, at)));
        return new Interval(Gap(a, b, y, z), Quantiles.At(ends, 0.025), Quantiles.At(ends, 0.975), a.Count, $"paired percentile bootstrap, {ends.Length} resamples of {a.Count} points");
    }

    private static double Coefficient(RankKind kind, IReadOnlyList<double> x, IReadOnlyList<double> y, IReadOnlyList<double>? z) =>
        z is null ? RankCorrelation.Of(kind, x, y) : RankCorrelation.Partial(kind, x, y, z);

    /// <summary>The statistic on resamples; those where it does not exist (all points the same) are left out.</summary>
    private static double[] Resampled(IReadOnlyList<int[]> places, int seed, Func<int[], double> statistic)
    {
        var random = Chance.From(seed);
        return [.. Enumerable.Range(0, Resamples).Select(_ => statistic(Chance.Resample(places, random))).Where(double.IsFinite)];
    }

    private static double PValueOf(
        RankKind kind, IReadOnlyList<double> x, IReadOnlyList<double> y, IReadOnlyList<double>? z, IReadOnlyList<int[]> places, int seed, double value)
    {
        var (fitted, residuals) = Split(y, z);
        var random = Chance.From(seed);
        var (shuffled, asLarge) = ((double[])residuals.Clone(), 1);
        for (var i = 0; i < Permutations; i++)
        {
            Chance.Shuffle(shuffled, places, random);
            var permuted = shuffled.Zip(fitted, (residual, fit) => residual + fit).ToArray();
            if (Math.Abs(Coefficient(kind, x, permuted, z)) >= Math.Abs(value) - 1e-12)
                asLarge++;
        }
        return asLarge / (1.0 + Permutations);
    }

    /// <summary>The ranks of y: the part that the ranks of z explain linearly, and the rest. Without z all is rest.</summary>
    private static (double[] Fitted, double[] Residuals) Split(IReadOnlyList<double> y, IReadOnlyList<double>? z)
    {
        var ranks = RankCorrelation.Ranks(y);
        if (z is null)
            return (new double[ranks.Length], ranks);
        var (intercept, slope) = MathNet.Numerics.Fit.Line(RankCorrelation.Ranks(z), ranks);
        double[] fitted = [.. RankCorrelation.Ranks(z).Select(rank => intercept + slope * rank)];
        return (fitted, [.. ranks.Zip(fitted, (rank, fit) => rank - fit)]);
    }

    private static double[] Pick(IReadOnlyList<double> values, int[] at) => [.. at.Select(i => values[i])];
}
