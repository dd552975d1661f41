namespace Gyre.Lab.Statistics;

/// <summary>
/// The Theil–Sen slope: median of the slopes of all pairs (Sen 1968), robust against a third of the points.
/// </summary>
/// <param name="Slope">Change of y per x.</param>
/// <param name="Low">
/// Lower end of the 95 % interval: what Kendall's test does not reject (Sen 1968; Hollander and Wolfe 1999, §9.3), by
/// ranks of the pairs'
/// slopes, exact where the test is. It holds 0 where the p-value of Kendall's tau is 0.05 or more, and without ties
/// there alone.
/// </param>
/// <param name="High">Upper end; infinite, as the lower one, where no order of so few points is significant.</param>
internal sealed record TheilSen(double Slope, double Low, double High)
{
    /// <summary>Of paired values with distinct x.</summary>
    /// <param name="x">Distinct.</param>
    /// <param name="y">Of the same count.</param>
    /// <exception cref="ArgumentException">Unequal counts, fewer than two points, or no two distinct x.</exception>
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
        // so many of the most extreme slopes lie outside on each side
        var cut = Math.Floor((slopes.Length - kendall.Critical) / 2);
        return cut < 0 || double.IsNaN(cut)
            ? new TheilSen(Quantiles.Median(slopes), double.NegativeInfinity, double.PositiveInfinity)
            : new TheilSen(Quantiles.Median(slopes), slopes[(int)cut], slopes[^((int)cut + 1)]);
    }
}
