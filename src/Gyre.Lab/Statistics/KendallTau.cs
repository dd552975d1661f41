using MathNet.Numerics.Distributions;

namespace Gyre.Lab.Statistics;

/// <summary>Kendall's rank correlation tau-b.</summary>
/// <param name="Tau">The coefficient, −1 to 1; NaN if either side is constant.</param>
/// <param name="Score">Kendall's S: the number of concordant pairs minus the number of discordant pairs.</param>
/// <param name="Variance">Var(S) under independence, with ties (Kendall 1970, §4).</param>
/// <param name="PValue">Two-sided p-value of the test of independence: exact for up to 30 points without ties,
/// otherwise by the normal approximation with continuity correction.</param>
internal sealed record KendallTau(double Tau, double Score, double Variance, double PValue)
{
    private const int ExactAtMost = 30;
    private const double Level = 0.05;

    /// <summary>The smallest |S| whose p-value is below 0.05; ∞ if even a perfect order is not significant.</summary>
    public double Critical { get; private init; }

    /// <summary>Computes the coefficient of paired values. The cost is quadratic in their number.</summary>
    /// <exception cref="ArgumentException">The counts differ, or there are fewer than two pairs.</exception>
    public static KendallTau Compute(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        if (x.Count != y.Count || x.Count < 2)
            throw new ArgumentException(
                $"Two or more pairs are needed; got {x.Count} and {y.Count} values.",
                nameof(x)
            );
        var n = x.Count;
        var score = 0.0;
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < i; j++)
                score += Math.Sign(x[i].CompareTo(x[j])) * Math.Sign(y[i].CompareTo(y[j]));
        }
        var (tiesX, tiesY) = (Ties(x), Ties(y));
        var pairs = n * (n - 1) / 2.0;
        double Tied(IEnumerable<int> ties) => ties.Sum(t => t * (t - 1) / 2.0);
        var tau = score / Math.Sqrt((pairs - Tied(tiesX)) * (pairs - Tied(tiesY)));
        var variance = VarianceOf(n, tiesX, tiesY);
        var exact = n <= ExactAtMost && tiesX.All(t => t == 1) && tiesY.All(t => t == 1);
        var shares = exact ? InversionShares(n) : [];
        double PValueOf(double of) => exact ? ExactPValue(shares, of) : NormalPValue(of, variance);
        return new KendallTau(tau, score, variance, PValueOf(score))
        {
            Critical = Enumerable
                .Range(0, (int)pairs + 1)
                .Where(of => !exact || (of - (int)pairs) % 2 == 0)
                .Select(of => (double)of)
                .FirstOrDefault(of => PValueOf(of) < Level, double.PositiveInfinity),
        };
    }

    private static int[] Ties(IReadOnlyList<double> values) =>
        [.. values.GroupBy(value => value).Select(group => group.Count())];

    private static double VarianceOf(int n, int[] tiesX, int[] tiesY)
    {
        double First(int t) => (double)t * (t - 1) * (2 * t + 5);
        double Second(int t) => (double)t * (t - 1) * (t - 2);
        double Third(int t) => (double)t * (t - 1);
        var variance = (First(n) - tiesX.Sum(First) - tiesY.Sum(First)) / 18;
        if (n > 2)
            variance += tiesX.Sum(Second) * tiesY.Sum(Second) / (9 * Second(n));
        return variance + tiesX.Sum(Third) * tiesY.Sum(Third) / (2 * Third(n));
    }

    private static double NormalPValue(double score, double variance) =>
        variance <= 0
            ? double.NaN
            : Math.Min(1, 2 * Normal.CDF(0, 1, -Math.Max(0, Math.Abs(score) - 1) / Math.Sqrt(variance)));

    private static double ExactPValue(double[] shares, double score)
    {
        var fewest = (int)Math.Round((shares.Length - 1 - Math.Abs(score)) / 2);
        return Math.Min(1, 2 * shares.Take(fewest + 1).Sum());
    }

    /// <summary>Share of the permutations with each number of inversions (Kendall 1970, §5).</summary>
    private static double[] InversionShares(int n)
    {
        var pairs = n * (n - 1) / 2;
        var counts = new double[pairs + 1];
        counts[0] = 1;
        for (var size = 2; size <= n; size++)
        {
            var next = new double[pairs + 1];
            for (var inversions = 0; inversions <= pairs; inversions++)
            {
                for (var moved = 0; moved < size && moved <= inversions; moved++)
                    next[inversions] += counts[inversions - moved] / size;
            }
            counts = next;
        }
        return counts;
    }
}
