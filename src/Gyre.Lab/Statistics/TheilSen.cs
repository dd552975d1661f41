using MathNet.Numerics.Distributions;

namespace Gyre.Lab.Statistics;

/// <summary>The Theil–Sen slope: median of the slopes of all pairs (Sen 1968), robust against a third of the points.</summary>
/// <param name="Slope">Change of y per x.</param>
/// <param name="Low">Lower end of the interval, from ranks of the pairs' slopes and Var(S) of Kendall (Sen 1968).</param>
/// <param name="High">Upper end.</param>
public sealed record TheilSen(double Slope, double Low, double High)
{
    /// <summary>Of paired values with distinct x.</summary>
    /// <param name="x">Distinct.</param>
    /// <param name="y">Of the same count.</param>
    /// <param name="confidence">Of the interval. Default 95 %.</param>
    /// <exception cref="ArgumentException">Unequal counts, fewer than two points, or no two distinct x.</exception>
    public static TheilSen Of(IReadOnlyList<double> x, IReadOnlyList<double> y, double confidence = 0.95)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        var kendall = KendallTau.Of(x, y);
        var slopes = (from i in Enumerable.Range(0, x.Count) from j in Enumerable.Range(0, i) where x[i] != x[j] select (y[i] - y[j]) / (x[i] - x[j])).Order().ToArray();
        if (slopes.Length == 0)
            throw new ArgumentException("At least two x must differ.", nameof(x));
        var reach = Normal.InvCDF(0, 1, 0.5 + confidence / 2) * Math.Sqrt(Math.Max(0, kendall.Variance));
        return new TheilSen(Quantiles.Median(slopes), AtRank(slopes, (slopes.Length - reach) / 2), AtRank(slopes, (slopes.Length + reach) / 2 + 1));
    }

    /// <summary>The value at a fractional rank counted from 1, interpolated; beyond the ends nothing bounds the slope.</summary>
    private static double AtRank(double[] sorted, double rank)
    {
        if (rank < 1)
            return double.NegativeInfinity;
        if (rank > sorted.Length)
            return double.PositiveInfinity;
        var below = (int)Math.Floor(rank);
        var above = Math.Min(below + 1, sorted.Length);
        return sorted[below - 1] + (rank - below) * (sorted[above - 1] - sorted[below - 1]);
    }
}
