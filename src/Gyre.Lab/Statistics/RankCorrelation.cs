using MathNet.Numerics.Statistics;

namespace Gyre.Lab.Statistics;

/// <summary>Which rank correlation.</summary>
public enum RankKind
{
    /// <summary>Spearman's rho: Pearson's correlation of the ranks.</summary>
    Spearman,

    /// <summary>Kendall's tau-b.</summary>
    Kendall,
}

/// <summary>Rank correlations of paired values, plain and with a third quantity held fixed. NaN where a side is constant.</summary>
public static class RankCorrelation
{
    private const double Tiny = 1e-12;

    /// <summary>The coefficient, −1 to 1; ties have mean ranks.</summary>
    /// <exception cref="ArgumentException">Unequal counts, or fewer than two.</exception>
    public static double Of(RankKind kind, IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        if (x.Count != y.Count || x.Count < 2)
            throw new ArgumentException($"Two or more pairs are needed; got {x.Count} and {y.Count} values.", nameof(x));
        return kind == RankKind.Spearman ? Pearson(Ranks(x), Ranks(y)) : Tau(x, y);
    }

    /// <summary>
    /// The first-order partial coefficient (r_xy − r_xz·r_yz)/√((1 − r_xz²)(1 − r_yz²)) (Kendall 1970, chapter 8): what x says of y beyond z. NaN where x or y follows from z.
    /// </summary>
    public static double Partial(RankKind kind, IReadOnlyList<double> x, IReadOnlyList<double> y, IReadOnlyList<double> z)
    {
        var (xy, xz, yz) = (Of(kind, x, y), Of(kind, x, z), Of(kind, y, z));
        var left = (1 - xz * xz) * (1 - yz * yz);
        return left > Tiny ? Math.Clamp((xy - xz * yz) / Math.Sqrt(left), -1, 1) : double.NaN;
    }

    /// <summary>Ranks from 1, ties at their mean.</summary>
    public static double[] Ranks(IReadOnlyList<double> values) => ArrayStatistics.RanksInplace([.. values], RankDefinition.Average);

    private static double Pearson(double[] x, double[] y)
    {
        var (meanX, meanY) = (x.Average(), y.Average());
        double xx = 0, yy = 0, xy = 0;
        for (var i = 0; i < x.Length; i++)
        {
            var (a, b) = (x[i] - meanX, y[i] - meanY);
            (xx, yy, xy) = (xx + a * a, yy + b * b, xy + a * b);
        }
        return xx > Tiny && yy > Tiny ? xy / Math.Sqrt(xx * yy) : double.NaN;
    }

    /// <summary>tau-b without its p-value, which costs far more.</summary>
    private static double Tau(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        double score = 0, pairsX = 0, pairsY = 0;
        for (var i = 0; i < x.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                var (a, b) = (Math.Sign(x[i].CompareTo(x[j])), Math.Sign(y[i].CompareTo(y[j])));
                (score, pairsX, pairsY) = (score + a * b, pairsX + a * a, pairsY + b * b);
            }
        }
        return pairsX > 0 && pairsY > 0 ? score / Math.Sqrt(pairsX * pairsY) : double.NaN;
    }
}
