using CsCheck;
using Gyre.Lab.Statistics;

namespace Gyre.Tests.Lab.Statistics;

public class CorrelationTestTests
{
    private const int Many = 100_000;

    [Fact]
    public void Of_one_stratum_p_values_are_the_published_exact_ones()
    {
        // Kendall 1970, tables 1 and 2, n = 6: P(S ≥ 11) = 0.028, exactly 20/720; P(Σd² ≤ 4) = 0.017, exactly 12/720.
        // Two-sided twice that.
        double[] x = [1, 2, 3, 4, 5, 6];
        int[] one = [0, 0, 0, 0, 0, 0];
        Assert.Equal(
            40 / 720.0,
            CorrelationTest.Run(RankKind.Kendall, x, [2, 1, 3, 4, 6, 5], null, one, seed: 1, Many, 0).PValue,
            4 * Spread(40 / 720.0)
        );
        Assert.Equal(
            24 / 720.0,
            CorrelationTest.Run(RankKind.Spearman, x, [2, 1, 3, 4, 6, 5], null, one, seed: 1, Many, 0).PValue,
            4 * Spread(24 / 720.0)
        );
    }

    [Theory]
    [InlineData(nameof(RankKind.Spearman), false)]
    [InlineData(nameof(RankKind.Kendall), false)]
    [InlineData(nameof(RankKind.Spearman), true)]
    [InlineData(nameof(RankKind.Kendall), true)]
    public void Within_strata_p_values_are_the_share_of_all_permutations_written_out(string statistic, bool partial)
    {
        var kind = Enum.Parse<RankKind>(statistic);
        // Two seeds of four and three points, ties in x and y: 24·6 = 144 permutations.
        double[] x = [0.1, 0.4, 0.4, 0.9, 0.3, 0.2, 0.8],
            y = [3, 1, 4, 5, 2, 2, 6],
            z = [1, 2, 3, 4, 1, 2, 3];
        int[] strata = [5, 5, 5, 5, 2, 2, 2];
        // A cubic of z goes through four rates: what it says of y is the mean rank at each.
        var ranks = RankCorrelation.Ranks(y);
        double[] fitted = [.. z.Select(rate => partial ? ranks.Where((_, i) => z[i] == rate).Average() : 0)];
        double[] rest = [.. ranks.Zip(fitted, (rank, fit) => rank - fit)];
        double Of(double[] outcome) =>
            Math.Abs(
                partial ? RankCorrelation.Partial(kind, x, outcome, z) : RankCorrelation.Compute(kind, x, outcome)
            );
        var every = (
            from first in Orders([0, 1, 2, 3])
            from second in Orders([4, 5, 6])
            select (int[])[.. first, .. second]
        )
            .Select(order => Of([.. order.Select((from, to) => Math.Round(fitted[to] + rest[from], 9))]))
            .ToArray();
        Assert.Equal(144, every.Length);
        var share = every.Count(one => one >= Of(y) - 1e-9) / 144.0;
        Assert.Equal(
            share,
            CorrelationTest.Run(kind, x, y, partial ? z : null, strata, seed: 1, Many, 0).PValue,
            4 * Spread(share) + 1.0 / Many
        );
    }

    [Fact]
    public void A_hump_along_the_rate_in_both_is_no_relation_beyond_it()
    {
        // Of 1,000 data sets 3 to 4 % are called significant; with residuals of a line it would be 75 %.
        var random = new Random(2);
        var rejected = Enumerable
            .Range(0, 200)
            .Count(set =>
            {
                var (x, y, z, strata) = Design(random, noise: 0.5, beyond: 0);
                double[] one = [.. x.Zip(z, (value, rate) => value - rate + Math.Abs(rate - 0.5))],
                    other = [.. y.Zip(z, (value, rate) => value - rate - rate * rate)];
                return CorrelationTest.Run(RankKind.Spearman, one, other, z, strata, set, 199, 0).PValue < 0.05;
            });
        Assert.InRange(rejected / 200.0, 0, 0.112);
    }

    // Eight rates, three seeds, x and y both of the rate plus noise, nothing beyond it. 2,000 data sets with 499
    // permutations each gave the levels in docs/theory.md; here 400 with 199: four standard errors of a share of 400
    // about 0.05 are 0.044.
    [Theory]
    [InlineData(nameof(RankKind.Spearman), 0.3)]
    [InlineData(nameof(RankKind.Spearman), 1.0)]
    [InlineData(nameof(RankKind.Kendall), 1.0)]
    public void With_the_rate_held_fixed_the_test_keeps_its_level_where_both_follow_the_rate(
        string statistic,
        double noise
    )
    {
        var kind = Enum.Parse<RankKind>(statistic);
        var random = new Random(11);
        var (rejected, raw) = (0, 0);
        for (var set = 0; set < 400; set++)
        {
            var (x, y, z, strata) = Design(random, noise, beyond: 0);
            rejected += CorrelationTest.Run(kind, x, y, z, strata, set, 199, 0).PValue < 0.05 ? 1 : 0;
            raw += CorrelationTest.Run(kind, x, y, null, strata, set, 199, 0).PValue < 0.05 ? 1 : 0;
        }
        Assert.InRange(rejected / 400.0, 0.05 - 0.044, 0.05 + 0.044);
        // The raw test on the same data finds the rate: why the partial one is there.
        Assert.InRange(raw / 400.0, 0.5, 1);
    }

    [Fact]
    public void What_goes_beyond_the_rate_is_found()
    {
        var (x, y, z, strata) = Design(new Random(3), noise: 0.5, beyond: 2);
        foreach (var kind in Enum.GetValues<RankKind>())
        {
            var found = CorrelationTest.Run(kind, x, y, z, strata, seed: 1);
            Assert.True(
                found is { PValue: < 0.01, Low: > 0, Count: 24 } && found.Low < found.Value && found.Value < found.High
            );
        }
    }

    [Fact]
    public void What_has_no_coefficient_has_no_test()
    {
        double[] x = [1, 2, 3, 4],
            y = [2, 1, 4, 3];
        int[] strata = [0, 0, 1, 1];
        foreach (
            var none in new[]
            {
                CorrelationTest.Run(RankKind.Spearman, x, [1, 1, 1, 1], null, strata, 1),
                CorrelationTest.Run(RankKind.Kendall, x, y, x, strata, 1),
                CorrelationTest.Run(RankKind.Spearman, [1, 2], [2, 1], null, [0, 0], 1),
                CorrelationTest.Run(RankKind.Spearman, [1, 2, 3, double.NaN], y, null, strata, 1),
            }
        )
            Assert.True(
                double.IsNaN(none.Value)
                    && double.IsNaN(none.Low)
                    && double.IsNaN(none.High)
                    && double.IsNaN(none.PValue)
            );
        var gap = CorrelationTest.Difference(RankKind.Spearman, x, [1, 1, 1, 1], y, null, strata, 1);
        Assert.True(double.IsNaN(gap.Value) && double.IsNaN(gap.Low));
        Assert.Equal("a coefficient does not exist: one side is constant, or is determined by the control", gap.Method);
        Assert.Throws<ArgumentException>(() => CorrelationTest.Run(RankKind.Spearman, x, y, null, [0, 0], 1));
    }

    [Fact]
    public void Resamples_without_a_coefficient_are_counted()
    {
        // Three points: a resample is one point thrice with 3/27, and then there is no coefficient. With two of them
        // drawn it is ±1 or, where y is tied, none: 2·3 orders of two y's of 5 more, 6/27.
        int[] strata = [0, 0, 0];
        double[] x = [1, 2, 3],
            y = [1, 1, 2],
            other = [3, 1, 2];
        var found = CorrelationTest.Run(RankKind.Spearman, x, y, null, strata, seed: 1);
        Assert.Equal(9 / 27.0, found.Dropped, 4 * Math.Sqrt(9 / 27.0 * 18 / 27.0 / 2000));
        var gap = CorrelationTest.Difference(RankKind.Spearman, x, other, y, null, strata, seed: 1);
        Assert.Equal(
            (
                FormattableString.Invariant($"{100 * found.Dropped:0.0}") + " % of the resamples have no coefficient",
                double.NaN
            ),
            (gap.Method, gap.Low)
        );
        Assert.Equal(gap.Method, found.Undetermined);
    }

    [Fact]
    public void Differences_are_paired_and_turn_round_with_the_sides()
    {
        var (x, y, z, strata) = Design(new Random(5), noise: 0.5, beyond: 1);
        double[] noise = [.. x.Select((value, i) => value + Math.Sin(99 * i))];
        foreach (var control in new[] { null, z })
        {
            // A quantity less itself is nothing on every resample: only where both sides are on the same ones.
            var self = CorrelationTest.Difference(RankKind.Kendall, x, x, y, control, strata, 1);
            Assert.Equal((0, 0, 0), (self.Value, self.Low, self.High));
            var (one, back) = (
                CorrelationTest.Difference(RankKind.Spearman, x, noise, y, control, strata, 1),
                CorrelationTest.Difference(RankKind.Spearman, noise, x, y, control, strata, 1)
            );
            Assert.Equal(one.Value, -back.Value);
            Assert.Equal(one.Low, -back.High, 1e-12);
            Assert.Equal(one.High, -back.Low, 1e-12);
            Assert.Equal(
                Math.Abs(CorrelationTest.Run(RankKind.Spearman, x, y, control, strata, 1).Value)
                    - Math.Abs(CorrelationTest.Run(RankKind.Spearman, noise, y, control, strata, 1).Value),
                one.Value,
                1e-12
            );
        }
    }

    [Fact]
    public void Rising_scales_and_new_names_of_strata_change_nothing() =>
        Gen.Int[0, 1000]
            .Sample(
                seed =>
                {
                    var (x, y, z, strata) = Design(new Random(seed), noise: 1, beyond: 0.5);
                    var found = CorrelationTest.Run(RankKind.Spearman, x, y, z, strata, 1, 50, 50);
                    Assert.Equal(
                        found,
                        CorrelationTest.Run(
                            RankKind.Spearman,
                            [.. x.Select(Math.Exp)],
                            [.. y.Select(v => 3 * v - 7)],
                            [.. z.Select(Math.Exp)],
                            [.. strata.Select(s => 40 - s)],
                            1,
                            50,
                            50
                        )
                    );
                    var turned = CorrelationTest.Run(
                        RankKind.Spearman,
                        x,
                        [.. y.Select(v => -v)],
                        z,
                        strata,
                        1,
                        50,
                        50
                    );
                    Assert.Equal(-found.Value, turned.Value);
                    Assert.Equal(-found.High, turned.Low, 1e-12);
                    Assert.Equal(-found.Low, turned.High, 1e-12);
                },
                iter: 20
            );

    [Fact]
    public void Only_points_of_one_stratum_change_places()
    {
        var places = Chance.Places([7, 3, 7, 3, 3, 9]);
        Assert.Equal(
            [
                [0, 2],
                [1, 3, 4],
                [5],
            ],
            places
        );
        var random = Chance.From(1);
        var seen = new HashSet<string>();
        for (var i = 0; i < 500; i++)
        {
            int[] order = [0, 1, 2, 3, 4, 5];
            Chance.Shuffle(order, places, random);
            seen.Add(string.Join(' ', order));
            Assert.Equal([0, 2], new[] { order[0], order[2] }.Order());
            Assert.Equal([1, 3, 4], new[] { order[1], order[3], order[4] }.Order());
            var drawn = Chance.Resample(places, random);
            Assert.True(drawn[..2].All(i => i is 0 or 2) && drawn[2..5].All(i => i is 1 or 3 or 4) && drawn[5] == 5);
        }
        Assert.Equal(2 * 6, seen.Count);
    }

    private static double Spread(double share) => Math.Sqrt(share * (1 - share) / Many);

    private static IEnumerable<int[]> Orders(int[] left) =>
        left.Length == 0
            ?
            [
                [],
            ]
            : left.SelectMany(first =>
                Orders([.. left.Where(i => i != first)]).Select(rest => (int[])[first, .. rest])
            );

    private static (double[] X, double[] Y, double[] Z, int[] Strata) Design(Random random, double noise, double beyond)
    {
        double Gauss() =>
            Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        double[] z = [.. Enumerable.Range(0, 24).Select(i => (i % 8 - 3.5) / 2.29)];
        int[] strata = [.. Enumerable.Range(0, 24).Select(i => i / 8)];
        double[] own = [.. z.Select(_ => Gauss())];
        return (
            [.. z.Zip(own, (a, b) => a + noise * b)],
            [.. z.Zip(own, (a, b) => a + noise * (beyond * b + Gauss()))],
            z,
            strata
        );
    }
}
