using CsCheck;
using Gyre.Lab.Statistics;

namespace Gyre.Tests.Lab.Statistics;

public class PageTrendTests
{
    // Page 1963, table of critical values of L: levels, blocks, and the smallest L significant at 5 %, 1 % and 0.1 %
    // (0: there is none).
    [Theory]
    [InlineData(3, 2, 28, 0, 0)]
    [InlineData(3, 3, 41, 42, 0)]
    [InlineData(3, 4, 54, 55, 56)]
    [InlineData(3, 12, 153, 156, 160)]
    [InlineData(4, 2, 58, 60, 0)]
    [InlineData(4, 5, 137, 141, 145)]
    [InlineData(5, 3, 150, 155, 160)]
    [InlineData(5, 8, 384, 393, 403)]
    [InlineData(6, 2, 166, 173, 178)]
    [InlineData(6, 12, 928, 946, 965)]
    public void Critical_values_are_those_of_the_published_table(int levels, int blocks, int five, int one, int tenth)
    {
        foreach (
            var (critical, level) in new[] { (five, 0.05), (one, 0.01), (tenth, 0.001) }.Where(pair => pair.Item1 > 0)
        )
        {
            Assert.True(PageTrend.Test(WithL(levels, blocks, critical), seed: 1).Rising <= level);
            Assert.True(PageTrend.Test(WithL(levels, blocks, critical - 1), seed: 1).Rising > level);
        }
    }

    [Fact]
    public void P_values_are_those_of_scipy()
    {
        // scipy 1.10.1: page_trend_test(data, method="exact") gives L = 160, p = 0.0007233796296296296 and L = 1122, p
        // = 1.2816672397395522e-08
        var five = PageTrend.Test(
            [
                [3.1, 2.2, 4.5, 5.0, 4.9],
                [1, 2, 4, 3, 5],
                [2, 1, 3, 5, 4],
            ],
            seed: 1
        );
        Assert.Equal((160, 3, 5), (five.L, five.Blocks, five.Levels));
        Assert.Equal(0.0007233796296296296, five.Rising, 1e-15);
        var ten = PageTrend.Test(
            [
                [0.80, 0.82, 0.81, 0.85, 0.90, 0.88, 0.93, 0.95, 0.97, 0.96],
                [0.7, 0.8, 0.75, 0.77, 0.85, 0.9, 0.91, 0.89, 0.95, 0.99],
                [0.71, 0.6, 0.75, 0.77, 0.95, 0.9, 0.91, 0.99, 0.85, 0.9001],
            ],
            seed: 1
        );
        Assert.Equal(1122, ten.L);
        Assert.Equal(1.2816672397395522e-08, ten.Rising, 1e-19);
        Assert.Equal(1, ten.Falling, 1e-7);
    }

    [Fact]
    public void Ties_count_as_they_are_by_every_order_of_each_block()
    {
        double[][] blocks =
        [
            [1, 1, 2, 3],
            [0, 2, 2, 2],
            [3, 1, 4, 2],
        ];
        static double Score(IReadOnlyList<double> ranks) => ranks.Select((rank, level) => (level + 1) * rank).Sum();
        // Mean ranks by hand.
        double[][] ranks =
        [
            [1.5, 1.5, 3, 4],
            [1, 3, 3, 3],
            [3, 1, 4, 2],
        ];
        var orders = ranks.Select(block => Orders(block).Select(Score).ToArray()).ToArray();
        var all = (from a in orders[0] from b in orders[1] from c in orders[2] select a + b + c).ToArray();
        var score = ranks.Sum(Score);
        var found = PageTrend.Test(blocks, seed: 1);
        Assert.Equal(score, found.L);
        Assert.Equal(all.Count(one => one >= score - 1e-9) / (double)all.Length, found.Rising, 1e-12);
        Assert.Equal(all.Count(one => one <= score + 1e-9) / (double)all.Length, found.Falling, 1e-12);
    }

    [Fact]
    public void Blocks_of_equal_values_show_no_trend()
    {
        var flat = PageTrend.Test(
            [
                [2, 2, 2],
                [5, 5, 5],
            ],
            seed: 1
        );
        Assert.Equal((24, 1, 1), (flat.L, flat.Rising, flat.Falling));
    }

    [Fact]
    public void One_block_that_rises_all_along_is_one_order_of_all() =>
        Assert.Equal(
            1 / 40320.0,
            PageTrend
                .Test(
                    [
                        [1, 2, 3, 4, 5, 6, 7, 8],
                    ],
                    seed: 1
                )
                .Rising,
            1e-15
        );

    [Fact]
    public void Beyond_twelve_levels_draws_come_near_the_tabled_p_value_and_are_never_zero()
    {
        // Page's test of one block is Spearman's, one-sided. R 4.2.2: cor.test(1:13, mild, method = "spearman",
        // alternative = "greater") gives p = 0.1670.
        double[] mild = [2, 9, 1, 12, 3, 8, 13, 5, 6, 10, 4, 7, 11];
        var found = PageTrend.Test([mild], seed: 1);
        Assert.Equal(0.1670, found.Rising, 4 * Math.Sqrt(0.167 * 0.833 / 50_000));
        Assert.Equal(found, PageTrend.Test([mild], seed: 1));
        var most = PageTrend.Test(
            [
                [.. Enumerable.Range(0, 14).Select(i => (double)i)],
                [.. Enumerable.Range(0, 14).Select(i => (double)i)],
            ],
            seed: 1
        );
        Assert.Equal(1 / 50_001.0, most.Rising, 1e-12);
    }

    [Fact]
    public void Turned_round_rises_become_falls_and_the_order_of_blocks_and_a_monotone_scale_change_nothing() =>
        Gen.Select(Gen.Int[3, 6], Gen.Int[1, 4])
            .SelectMany((levels, blocks) => Gen.Int[0, 5].Array[levels].Array[blocks])
            .Sample(
                values =>
                {
                    double[][] blocks = [.. values.Select(block => block.Select(value => (double)value).ToArray())];
                    var found = PageTrend.Test(blocks, seed: 1);
                    var turned = PageTrend.Test(
                        [.. blocks.Select(block => block.Select(value => -value).ToArray())],
                        seed: 1
                    );
                    Assert.Equal(found.Rising, turned.Falling, 1e-12);
                    Assert.Equal(found.Falling, turned.Rising, 1e-12);
                    var same = PageTrend.Test(
                        [.. blocks.Reverse().Select(block => block.Select(Math.Exp).ToArray())],
                        seed: 1
                    );
                    Assert.Equal(found.L, same.L);
                    Assert.Equal(found.Rising, same.Rising, 1e-12);
                },
                iter: 50
            );

    [Fact]
    public void Blocks_that_cannot_be_tested_are_refused()
    {
        Assert.Throws<ArgumentException>(() => PageTrend.Test([], seed: 1));
        Assert.Throws<ArgumentException>(() =>
            PageTrend.Test(
                [
                    [1],
                ],
                seed: 1
            )
        );
        Assert.Throws<ArgumentException>(() =>
            PageTrend.Test(
                [
                    [1, 2],
                    [1, 2, 3],
                ],
                seed: 1
            )
        );
        Assert.Throws<ArgumentException>(() =>
            PageTrend.Test(
                [
                    [1, double.NaN],
                ],
                seed: 1
            )
        );
    }

    /// <summary>
    /// Blocks with a given L: the highest scores first as long as the rest can still make up the sum.
    /// </summary>
    private static double[][] WithL(int levels, int blocks, int l)
    {
        static int Score(double[] block) => (int)block.Select((rank, level) => (level + 1) * rank).Sum();
        var byScore = Orders([.. Enumerable.Range(1, levels).Select(rank => (double)rank)])
            .GroupBy(Score)
            .OrderByDescending(group => group.Key)
            .ToDictionary(group => group.Key, group => group.First());
        double[][]? Find(int left, int rest)
        {
            if (left == 0)
                return rest == 0 ? [] : null;
            return byScore
                .Where(pair =>
                    rest - pair.Key >= (left - 1) * byScore.Keys.Min()
                    && rest - pair.Key <= (left - 1) * byScore.Keys.Max()
                )
                .Select(pair =>
                    Find(left - 1, rest - pair.Key) is { } others ? (double[][])[pair.Value, .. others] : null
                )
                .FirstOrDefault(found => found is not null);
        }
        return Find(blocks, l)!;
    }

    private static IEnumerable<double[]> Orders(double[] left) =>
        left.Length == 0
            ?
            [
                [],
            ]
            : Enumerable
                .Range(0, left.Length)
                .SelectMany(i =>
                    Orders([.. left[..i], .. left[(i + 1)..]]).Select(rest => (double[])[left[i], .. rest])
                );
}
