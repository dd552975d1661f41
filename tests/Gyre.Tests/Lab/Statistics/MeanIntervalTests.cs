using CsCheck;
using Gyre.Lab.Statistics;

namespace Gyre.Tests.Lab.Statistics;

public class MeanIntervalTests
{
    // Two-sided 5 % points of Student's t, as in any table: 12.706, 4.303, 3.182, 2.776, 2.262, 2.045; the further
    // digits are R 4.2.2's qt(0.975, df).
    [Theory]
    [InlineData(2, 12.706204736)]
    [InlineData(3, 4.302652730)]
    [InlineData(4, 3.182446305)]
    [InlineData(5, 2.776445105)]
    [InlineData(10, 2.262157163)]
    [InlineData(30, 2.045229642)]
    public void The_t_interval_reaches_the_tabled_quantile_of_standard_errors(int n, double quantile)
    {
        double[] values = [.. Enumerable.Range(0, n).Select(i => (double)i)];
        // Of 0, 1, ..., n − 1: mean (n − 1)/2, variance n(n + 1)/12, so a standard error of √((n + 1)/12).
        var reach = quantile * Math.Sqrt((n + 1) / 12.0);
        var found = MeanInterval.Student(values);
        Assert.Equal((n - 1) / 2.0, found.Value, 1e-12);
        Assert.Equal(found.Value - reach, found.Low, 1e-7);
        Assert.Equal(found.Value + reach, found.High, 1e-7);
        Assert.Equal((n, $"t interval, {n} values"), (found.Count, found.Method));
    }

    [Fact]
    public void Plain_and_paired_intervals_are_those_of_R()
    {
        // R 4.2.2: t.test(c(0.7954, 0.8027, 0.8041))$conf.int, and t.test(c(5.1, 4.9, 5.6, 5.8, 5.0), c(4.8, 4.9, 5.1,
        // 5.6, 5.1), paired = TRUE)$conf.int
        var plain = MeanInterval.Student([0.7954, 0.8027, 0.8041]);
        Assert.Equal((0.7891285721, 0.8123380946), (Math.Round(plain.Low, 10), Math.Round(plain.High, 10)));
        var paired = MeanInterval.Paired([5.1, 4.9, 5.6, 5.8, 5.0], [4.8, 4.9, 5.1, 5.6, 5.1]);
        Assert.Equal((-0.1164432165, 0.4764432165), (Math.Round(paired.Low, 10), Math.Round(paired.High, 10)));
        Assert.Equal("t interval, 5 pairs", paired.Method);
        Assert.Throws<ArgumentException>(() => MeanInterval.Paired([1, 2], [1]));
    }

    [Fact]
    public void One_value_has_no_interval_and_none_has_no_mean()
    {
        foreach (var of in new[] { MeanInterval.Student([0.8]), MeanInterval.Bootstrap([0.8], seed: 1) })
        {
            Assert.Equal((0.8, 1), (of.Value, of.Count));
            Assert.True(double.IsNaN(of.Low) && double.IsNaN(of.High));
            Assert.Equal("one value has no interval", of.Method);
        }
        Assert.True(double.IsNaN(MeanInterval.Student([]).Value));
        Assert.True(double.IsNaN(MeanInterval.Bootstrap([], seed: 1).Value));
    }

    [Fact]
    public void A_bootstrap_of_two_and_of_three_values_by_hand()
    {
        // Resamples of 0 and 1: means 0, 0.5, 0.5, 1. Quantile 0.025 lies at place 0.075 of 0 to 3: 0.075·0.5; the
        // upper one mirrors it.
        var two = MeanInterval.Bootstrap([0, 1], seed: 1);
        Assert.Equal(0.0375, two.Low, 1e-12);
        Assert.Equal(0.9625, two.High, 1e-12);
        Assert.Equal("percentile bootstrap, all 4 resamples of 2 values", two.Method);
        // Of 0, 0, 3: a resample's mean is the number of threes drawn, 0 with (2/3)³ = 8/27 and 3 with 1/27. Place 0.65
        // of 26 is a 0; place 25.35 lies between the 26th value, 2, and the 27th, 3.
        var three = MeanInterval.Bootstrap([0, 0, 3], seed: 1);
        Assert.Equal(0, three.Low, 1e-12);
        Assert.Equal(2.35, three.High, 1e-12);
    }

    [Fact]
    public void Of_many_values_the_bootstrap_comes_near_the_normal_interval_and_again_the_same()
    {
        double[] values = [.. Enumerable.Range(0, 400).Select(i => Math.Sin(i * 12.9898) * 3)];
        var (bootstrap, again, student) = (
            MeanInterval.Bootstrap(values, seed: 3),
            MeanInterval.Bootstrap(values, seed: 3),
            MeanInterval.Student(values)
        );
        Assert.Equal(bootstrap, again);
        // 10,000 resamples put an end of the interval to about 0.003 standard errors' worth of
        // √(0.025·0.975/10⁴)/φ(1.96) = 0.027: 1 % of the length.
        Assert.Equal(student.Low, bootstrap.Low, 0.03 * (student.High - student.Low));
        Assert.Equal(student.High, bootstrap.High, 0.03 * (student.High - student.Low));
    }

    // Measured with 4,000 samples: t 94 to 95 % at every n; the bootstrap 67 % of three values, 83 % of five.
    [Theory]
    [InlineData(3, 0.60, 0.73)]
    [InlineData(5, 0.78, 0.88)]
    public void The_t_interval_covers_as_it_says_and_the_bootstrap_of_few_values_does_not(
        int n,
        double low,
        double high
    )
    {
        var random = new Random(7);
        double Gauss() =>
            Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        var samples = Enumerable
            .Range(0, 800)
            .Select(_ => Enumerable.Range(0, n).Select(_ => Gauss()).ToArray())
            .ToArray();
        bool Covers(Interval of) => of.Low <= 0 && 0 <= of.High;
        // Four standard errors of a share of 800: 0.031 about 0.95.
        Assert.InRange(samples.Count(values => Covers(MeanInterval.Student(values))) / 800.0, 0.919, 0.981);
        Assert.InRange(samples.Count(values => Covers(MeanInterval.Bootstrap(values, seed: 1))) / 800.0, low, high);
    }

    [Fact]
    public void A_shift_and_a_scale_go_through() =>
        Gen.Select(Gen.Double[-5, 5].Array[2, 8], Gen.Double[-3, 3], Gen.Double[0.1, 4])
            .Sample(
                (values, shift, scale) =>
                {
                    double[] moved = [.. values.Select(value => scale * value + shift)];
                    foreach (
                        var (plain, after) in new[]
                        {
                            (MeanInterval.Student(values), MeanInterval.Student(moved)),
                            (MeanInterval.Bootstrap(values, 1, 200), MeanInterval.Bootstrap(moved, 1, 200)),
                        }
                    )
                    {
                        Assert.Equal(scale * plain.Low + shift, after.Low, 1e-9);
                        Assert.Equal(scale * plain.High + shift, after.High, 1e-9);
                    }
                },
                iter: 30
            );

    [Fact]
    public void Quantiles_are_those_of_R()
    {
        // R 4.2.2: quantile(c(3, 1, 4, 1, 5, 9, 2, 6), c(0.025, 0.25, 0.5, 0.9, 0.975), type = 7)
        double[] values = [3, 1, 4, 1, 5, 9, 2, 6];
        double[] found = [.. new[] { 0.025, 0.25, 0.5, 0.9, 0.975 }.Select(share => Quantiles.At(values, share))];
        Assert.Equal([1.0, 1.75, 3.5, 6.9, 8.475], found.Select(value => Math.Round(value, 10)));
        Assert.Equal((1, 9), (Quantiles.At(values, 0), Quantiles.At(values, 1)));
        Assert.True(double.IsNaN(Quantiles.At([], 0.5)));
        Assert.Equal(4, Quantiles.At([4], 0.975));
    }
}
