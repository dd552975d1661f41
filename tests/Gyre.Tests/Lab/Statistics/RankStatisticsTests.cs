using CsCheck;
using Gyre.Lab.Statistics;

namespace Gyre.Tests.Lab.Statistics;

public class RankStatisticsTests
{
    [Fact]
    public void Kendall_by_hand_with_and_without_ties()
    {
        // 1 2 3 4 5 against 2 1 4 3 5: two discordant of ten pairs.
        var plain = KendallTau.Compute([1, 2, 3, 4, 5], [2, 1, 4, 3, 5]);
        Assert.Equal((0.6, 6.0), (plain.Tau, plain.Score));
        Assert.Equal(5.0 * 4 * 15 / 18, plain.Variance, 1e-12);
        // 1 1 2 3 against 1 2 2 3: pairs (1,1) tied in x, (2,2) tied in y, four concordant: 4/√(5·5).
        Assert.Equal(0.8, KendallTau.Compute([1, 1, 2, 3], [1, 2, 2, 3]).Tau, 1e-12);
        Assert.True(double.IsNaN(KendallTau.Compute([1, 2, 3], [4, 4, 4]).Tau));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void The_exact_p_value_is_the_share_of_permutations_at_least_as_extreme(int n)
    {
        static IEnumerable<int[]> Permutations(int[] left) =>
            left.Length == 0
                ?
                [
                    [],
                ]
                : left.SelectMany(first =>
                    Permutations([.. left.Where(i => i != first)]).Select(rest => (int[])[first, .. rest])
                );
        var x = Enumerable.Range(0, n).Select(i => (double)i).ToArray();
        var all = Permutations([.. Enumerable.Range(0, n)])
            .Select(permutation => KendallTau.Compute(x, [.. permutation.Select(i => (double)i)]))
            .ToArray();
        foreach (var one in all.DistinctBy(kendall => kendall.Score))
        {
            var share = all.Count(other => Math.Abs(other.Score) >= Math.Abs(one.Score)) / (double)all.Length;
            Assert.Equal(Math.Min(1, share), one.PValue, 1e-9);
        }
    }

    [Fact]
    public void Theil_and_Sen_find_a_line_in_spite_of_a_wild_point()
    {
        double[] x = [.. Enumerable.Range(0, 12).Select(i => (double)i)];
        double[] y = [.. x.Select(value => 2 - 0.5 * value)];
        y[5] = 100;
        var found = TheilSen.Compute(x, y);
        Assert.Equal(-0.5, found.Slope, 1e-12);
        Assert.InRange(found.Low, -20, -0.5);
        Assert.InRange(found.High, -0.5, 20);
    }

    [Fact]
    public void The_interval_holds_the_slope_as_often_as_it_says()
    {
        var random = new Random(4);
        var held = Enumerable
            .Range(0, 1000)
            .Count(_ =>
            {
                double[] x = [.. Enumerable.Range(0, 15).Select(i => (double)i)];
                double[] y =
                [
                    .. x.Select(value => 0.3 * value + random.NextDouble() + random.NextDouble() + random.NextDouble()),
                ];
                var found = TheilSen.Compute(x, y);
                return found.Low <= 0.3 && 0.3 <= found.High;
            });
        Assert.InRange(held, 930, 985);
    }

    /// <summary>Interval and p-value are of one test: they never disagree about 0.</summary>
    [Fact]
    public void The_interval_holds_0_exactly_where_tau_is_not_significant()
    {
        var random = new Random(5);
        var (significant, bounded) = (0, 0);
        for (var set = 0; set < 2000; set++)
        {
            var n = 3 + set % 32; // exact to 30, normal beyond
            double[] x = [.. Enumerable.Range(0, n).Select(i => (double)i)];
            double[] y = [.. x.Select(value => 0.6 * value / n + random.NextDouble())];
            var (slope, tau) = (TheilSen.Compute(x, y), KendallTau.Compute(x, y));
            Assert.Equal(tau.PValue < 0.05, slope.Low > 0 || slope.High < 0);
            Assert.InRange(slope.Slope, slope.Low, slope.High);
            (significant, bounded) = (
                significant + (tau.PValue < 0.05 ? 1 : 0),
                bounded + (double.IsFinite(slope.Low) ? 1 : 0)
            );
        }
        Assert.InRange(significant, 200, 1800);
        Assert.InRange(bounded, 1700, 1999); // three and four points are never significant
    }

    /// <summary>
    /// Five points, ten slopes: perfect order alone is significant (2/120), so that the interval is from the smallest
    /// to the largest slope.
    /// </summary>
    [Fact]
    public void Five_points_have_all_their_slopes_in_the_interval()
    {
        var found = TheilSen.Compute([1, 2, 3, 4, 5], [10, 9, 7, 4, 0]);
        Assert.Equal((-4, -1), (found.Low, found.High));
        Assert.Equal(10, KendallTau.Compute([1, 2, 3, 4, 5], [10, 9, 7, 4, 0]).Critical);
    }

    [Fact]
    public void Few_points_leave_the_slope_unbounded()
    {
        var found = TheilSen.Compute([1, 2, 3], [3, 1, 2]);
        Assert.Equal((double.NegativeInfinity, double.PositiveInfinity), (found.Low, found.High));
    }

    [Fact]
    public void The_median_is_in_the_middle() =>
        Gen.Double[-10, 10]
            .Array[1, 30]
            .Sample(values =>
            {
                var median = Quantiles.Median(values);
                Assert.True(
                    values.Count(value => value < median) <= values.Length / 2
                        && values.Count(value => value > median) <= values.Length / 2
                );
            });
}
