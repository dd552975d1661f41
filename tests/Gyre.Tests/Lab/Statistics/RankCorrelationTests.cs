using CsCheck;
using Gyre.Lab.Statistics;

namespace Gyre.Tests.Lab.Statistics;

public class RankCorrelationTests
{
    private static readonly Gen<(double[] X, double[] Y, double[] Z)> Tied = Gen.Int[3, 25]
        .SelectMany(n => Gen.Select(Gen.Int[0, 6].Array[n], Gen.Int[0, 30].Array[n], Gen.Int[0, 4].Array[n]))
        .Select(
            (x, y, z) =>
                (
                    x.Select(v => (double)v).ToArray(),
                    y.Select(v => v / 7.0).ToArray(),
                    z.Select(v => (double)v).ToArray()
                )
        );

    [Fact]
    public void Coefficients_with_ties_are_those_of_R()
    {
        // R 4.2.2: cor(x, y, method = "kendall"), method = "spearman", and of these (a − bc)/√((1 − b²)(1 − c²)) with b
        // of x, z and c of y, z.
        double[] x = [1, 2, 2, 3, 4, 5, 5, 5, 6, 7],
            y = [2, 1, 3, 3, 5, 4, 6, 6, 8, 7],
            z = [1, 1, 2, 2, 3, 3, 4, 4, 5, 5];
        Assert.Equal(0.80975336399, RankCorrelation.Compute(RankKind.Kendall, x, y), 1e-11);
        Assert.Equal(0.92573652488, RankCorrelation.Compute(RankKind.Spearman, x, y), 1e-11);
        Assert.Equal(-0.66543551757, RankCorrelation.Partial(RankKind.Kendall, x, y, z), 1e-11);
        Assert.Equal(-0.757131697688, RankCorrelation.Partial(RankKind.Spearman, x, y, z), 1e-11);
    }

    [Fact]
    public void Spearman_by_hand()
    {
        // Without ties 1 − 6Σd²/(n(n² − 1)): ranks 1 2 3 4 5 against 2 1 4 3 5, Σd² = 4, 1 − 24/120.
        Assert.Equal(
            0.8,
            RankCorrelation.Compute(RankKind.Spearman, [10, 20, 30, 40, 50], [0.2, 0.1, 0.4, 0.3, 0.5]),
            1e-15
        );
        Assert.Equal([2.5, 1, 2.5, 4], RankCorrelation.Ranks([7, -1, 7, 9]));
    }

    [Fact]
    public void What_has_no_coefficient_is_not_a_number()
    {
        foreach (var kind in Enum.GetValues<RankKind>())
        {
            Assert.True(double.IsNaN(RankCorrelation.Compute(kind, [1, 2, 3], [4, 4, 4])));
            Assert.True(double.IsNaN(RankCorrelation.Compute(kind, [1, 2, double.NaN], [4, 5, 6])));
            // x follows from z: beyond z it says nothing.
            Assert.True(double.IsNaN(RankCorrelation.Partial(kind, [1, 2, 3, 4], [2, 1, 4, 3], [10, 20, 30, 40])));
            Assert.True(double.IsNaN(RankCorrelation.Partial(kind, [1, 2, 3, 4], [2, 1, 4, 3], [1, 1, 1, 1])));
            Assert.Throws<ArgumentException>(() => RankCorrelation.Compute(kind, [1], [1]));
            Assert.Throws<ArgumentException>(() => RankCorrelation.Compute(kind, [1, 2], [1]));
        }
    }

    [Fact]
    public void Both_agree_with_their_definitions_pair_by_pair() =>
        Tied.Sample(values =>
        {
            var (x, y, _) = values;
            Same(
                Pearson(x.Select(v => MeanRank(x, v)).ToArray(), y.Select(v => MeanRank(y, v)).ToArray()),
                RankCorrelation.Compute(RankKind.Spearman, x, y)
            );
            Same(KendallTau.Compute(x, y).Tau, RankCorrelation.Compute(RankKind.Kendall, x, y));
        });

    [Fact]
    public void A_rising_scale_changes_nothing_a_falling_one_the_sign_and_sides_can_be_exchanged() =>
        Tied.Sample(values =>
        {
            var (x, y, z) = values;
            foreach (var kind in Enum.GetValues<RankKind>())
            {
                Same(
                    RankCorrelation.Compute(kind, x, y),
                    RankCorrelation.Compute(kind, [.. x.Select(Math.Exp)], [.. y.Select(v => v * v * v)])
                );
                Same(-RankCorrelation.Compute(kind, x, y), RankCorrelation.Compute(kind, [.. x.Select(v => -v)], y));
                Same(RankCorrelation.Compute(kind, x, y), RankCorrelation.Compute(kind, y, x));
                Same(
                    -RankCorrelation.Partial(kind, x, y, z),
                    RankCorrelation.Partial(kind, x, [.. y.Select(v => -v)], z)
                );
                Same(
                    RankCorrelation.Partial(kind, x, y, z),
                    RankCorrelation.Partial(kind, x, y, [.. z.Select(v => -Math.Exp(v))])
                );
            }
        });

    [Fact]
    public void A_resample_has_the_coefficient_of_its_points() =>
        Gen.Select(Tied, Gen.Int[0, 1000])
            .Sample(
                (values, seed) =>
                {
                    var (x, y, z) = values;
                    var random = new Random(seed);
                    int[] at = [.. x.Select(_ => random.Next(x.Length))];
                    double[] Of(double[] of) => [.. at.Select(i => of[i])];
                    foreach (var kind in Enum.GetValues<RankKind>())
                    {
                        var picked = new RankSample(
                            kind,
                            RankLevels.From(x),
                            RankLevels.From(y),
                            RankLevels.From(z)
                        ).Pick(at);
                        Same(RankCorrelation.Partial(kind, Of(x), Of(y), Of(z)), picked.Coefficient());
                    }
                }
            );

    [Fact]
    public void More_points_than_fit_on_the_stack_are_the_same()
    {
        var random = new Random(1);
        double[] x = [.. Enumerable.Range(0, 700).Select(_ => random.NextDouble())],
            y = [.. x.Select(v => v + random.NextDouble())];
        Assert.Equal(KendallTau.Compute(x, y).Tau, RankCorrelation.Compute(RankKind.Kendall, x, y), 1e-14);
        Assert.Equal(
            Pearson([.. x.Select(v => MeanRank(x, v))], [.. y.Select(v => MeanRank(y, v))]),
            RankCorrelation.Compute(RankKind.Spearman, x, y),
            1e-12
        );
    }

    private static void Same(double expected, double found) => Assert.Equal(expected, found, 1e-12);

    private static double MeanRank(double[] of, double value) =>
        of.Count(other => other < value) + (of.Count(other => other == value) + 1) / 2.0;

    private static double Pearson(double[] a, double[] b)
    {
        var (meanA, meanB) = (a.Average(), b.Average());
        var sum = a.Zip(b, (one, other) => (one - meanA) * (other - meanB)).Sum();
        return sum
            / Math.Sqrt(
                a.Sum(one => (one - meanA) * (one - meanA)) * b.Sum(other => (other - meanB) * (other - meanB))
            );
    }
}
