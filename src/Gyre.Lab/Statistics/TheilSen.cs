namespace Gyre.Lab.Statistics;

/// <summary>
/// The Theil–Sen slope: the median of the slopes of all pairs (Sen 1968), robust to outliers in nearly a third of the
/// points.
/// </summary>
/// <param name="Slope">Change of y per unit of x.</param>
/// <param name="Low">Lower end of the 95 % interval of the slopes that Kendall's test does not reject (Sen 1968;
/// Hollander and Wolfe 1999, §9.3). The ends are order statistics of the pairwise slopes, and exact if the test is.
/// The interval contains 0 if the p-value of Kendall's tau is 0.05 or more; without ties, only then.</param>
/// <param name="High">Upper end of the interval. Both ends are infinite if no order of that few points is
/// significant.</param>
internal sealed record TheilSen(double Slope, double Low, double High)
{
    /// <summary>Computes the slope of paired values. Pairs with equal x have no slope and are left out.</summary>
    /// <param name="x">The abscissas, of which at least two differ.</param>
    /// <param name="y">The ordinates, as many as <paramref name="x"/>.</param>
    /// <exception cref="ArgumentException">The counts differ, there are fewer than two points, or all x are
    /// equal.</exception>
    public static TheilSen Compute(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        var kendall = KendallTau.Compute(x, y);
        double[] slopes =
        [
            .. (
                from i in Enumerable.Range(0, x.Count)
                from j in Enumerable.Range(0, i)
                where x[i] != x[j]
                select (y[i] - y[j]) / (x[i] - x[j])
            ).Order(),
        ];
        if (slopes.Length == 0)
            throw new ArgumentException("At least two x must differ.", nameof(x));
        // the number of extreme slopes outside the interval on each side
        var cut = Math.Floor((slopes.Length - kendall.Critical) / 2);
        return cut < 0 || double.IsNaN(cut)
            ? new TheilSen(Quantiles.Median(slopes), double.NegativeInfinity, double.PositiveInfinity)
            : new TheilSen(Quantiles.Median(slopes), slopes[(int)cut], slopes[^((int)cut + 1)]);
    }
}
