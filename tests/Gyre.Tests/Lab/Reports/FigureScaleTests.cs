using CsCheck;
using Gyre.Lab.Figures;

namespace Gyre.Tests.Lab.Reports;

public sealed class FigureScaleTests
{
    private static readonly double[] Ends =
    [
        0,
        double.Epsilon,
        -double.Epsilon,
        double.MaxValue,
        double.MinValue,
        1e16,
        1e16 + 2,
        1e-310,
    ];

    [Fact]
    public void Ticks_of_a_logarithmic_axis_are_few_ascending_within_range_and_readable()
    {
        Gen.Select(Gen.Double[-320, 300], Gen.Double[0.05, 300])
            .Sample(
                drawn =>
                {
                    var (low, high) = (
                        Math.Pow(10, drawn.Item1),
                        Math.Pow(10, Math.Min(308, drawn.Item1 + drawn.Item2))
                    );
                    var ticks = FigureScale.Logarithmic.Ticks(low, high)!;
                    Assert.InRange(ticks.Count, 1, 7);
                    Assert.Equal(ticks.Order(), ticks);
                    Assert.All(ticks, tick => Assert.InRange(tick, low, high));
                    Assert.Equal(ticks.Count, ticks.Select(FigureScale.Label).Distinct().Count());
                },
                iter: 2000
            );
    }

    [Fact]
    public void Ends_and_ticks_of_any_two_numbers_are_finite_and_few()
    {
        var any = Gen.OneOf(
            Gen.Double[-1, 1],
            Gen.Double,
            Gen.Int[0, 7].Select(place => Ends[place]),
            Gen.Double[-320, 308].Select(power => Math.Pow(10, power))
        );
        Gen.Select(any, any, any)
            .Sample(
                drawn =>
                {
                    double[] values = [.. new[] { drawn.Item1, drawn.Item2, drawn.Item3 }.Where(double.IsFinite)];
                    foreach (
                        var scale in new[]
                        {
                            FigureScale.Linear,
                            FigureScale.Logarithmic,
                            FigureScale.For(values),
                            FigureScale.For([.. values, -1e-3, 1, 1e9]),
                        }
                    )
                    {
                        var axis = SvgPage.Within(() => FigureAxis.Over("x", scale, values));
                        Assert.True(
                            double.IsFinite(axis.Low) && double.IsFinite(axis.High) && axis.Low < axis.High,
                            $"{axis.Low} {axis.High}"
                        );
                        var ticks =
                            SvgPage.Within(() => scale.Ticks(scale.Back(axis.Low), scale.Back(axis.High))) ?? [];
                        Assert.InRange(ticks.Count, 0, 9);
                        Assert.All(ticks, tick => Assert.True(double.IsFinite(tick)));
                    }
                },
                iter: 2000,
                threads: 1
            );
    }

    /// <summary>Room above the largest number there is.</summary>
    [Fact]
    public void Beyond_the_largest_number_a_height_is_that_number()
    {
        var scale = FigureScale.For([0, 2.2e296, double.MaxValue]);
        Assert.Equal(double.MaxValue, scale.Back(1.05 * scale.Map(double.MaxValue)));
    }

    [Fact]
    public void Ticks_between_two_values_of_one_size_are_there_too() =>
        Assert.Equal([1, 2, 5, 10, 20, 50], FigureScale.Logarithmic.Ticks(0.9, 60)!);

    [Fact]
    public void A_scale_takes_heights_back_to_values()
    {
        var symmetric = FigureScale.For([-5, 1, 2, 3, 4, 1e9]);
        Assert.NotSame(FigureScale.Linear, symmetric);
        foreach (var value in (double[])[-1e6, -3, -0.01, 0, 0.5, 1e20])
            Assert.Equal(value, symmetric.Back(symmetric.Map(value)), 1e-9 * Math.Max(1, Math.Abs(value)));
        Assert.Equal(0.007, FigureScale.Logarithmic.Back(FigureScale.Logarithmic.Map(0.007)), 1e-12);
        Assert.True(double.IsNaN(FigureScale.Logarithmic.Map(0)));
    }

    [Fact]
    public void Only_values_that_dwarf_the_rest_leave_the_linear_scale()
    {
        Assert.Same(FigureScale.Linear, FigureScale.For([]));
        Assert.Same(FigureScale.Linear, FigureScale.For([double.NaN, 0, 0]));
        Assert.Same(FigureScale.Linear, FigureScale.For([2.3, 32, 12, 10, -4]));
        Assert.Same(FigureScale.Logarithmic, FigureScale.For([2.3, 9, 12, 10, 1e12]));
    }

    [Theory]
    [InlineData(0.0, "0")]
    [InlineData(0.2, "0.2")]
    [InlineData(0.005, "0.005")]
    [InlineData(32.36, "32.4")]
    [InlineData(-5.0, "−5")]
    [InlineData(12345.0, "12345")]
    [InlineData(999.7, "1000")]
    [InlineData(2e-5, "2e−5")]
    [InlineData(-1.5e30, "−1.5e30")]
    public void Numbers_are_written_as_on_an_axis(double value, string text) =>
        Assert.Equal(text, FigureScale.Label(value));

    [Fact]
    public void Decimation_keeps_the_extremes_and_the_order()
    {
        Gen.Int[0, 1_000_000]
            .Sample(
                seed =>
                {
                    // all different: each extreme is there once
                    var values = Enumerable.Range(0, 5000).Select(i => i / 7.0).ToArray();
                    new Random(seed).Shuffle(values);
                    var (x, y) = Decimation.Reduce(values.Select((value, i) => ((double)i, value)), 400);
                    Assert.InRange(x.Length, 2, 400);
                    Assert.Equal(values.Max(), y.Max());
                    Assert.Equal(values.Min(), y.Min());
                    Assert.Equal(x.Order(), x);
                    Assert.All(x.Zip(y), point => Assert.Equal(values[(int)point.First], point.Second));
                },
                iter: 100
            );
    }

    [Fact]
    public void A_line_that_grows_keeps_its_shape_and_shows_its_last_point()
    {
        double Y(int i) => Math.Sin(i / 7.0) + (i == 4321 ? 50 : 0);
        var (x, y) = (
            Enumerable.Range(0, 9000).Select(i => (double)i).ToArray(),
            Enumerable.Range(0, 9000).Select(Y).ToArray()
        );
        var before = Decimation.Reduce(x.AsSpan(0, 5000), y.AsSpan(0, 5000), 500);
        foreach (var count in new[] { 5001, 5017, 5100, 7000 })
        {
            var (after, up) = Decimation.Reduce(x.AsSpan(0, count), y.AsSpan(0, count), 500);
            Assert.Equal(count - 1, after[^1]);
            Assert.Equal(Y(count - 1), up[^1]);
            Assert.Equal(before.X[..^5], after[..(before.X.Length - 5)]); // all but the bucket that was not full yet
            Assert.Contains(Y(4321), up);
            Assert.InRange(after.Length, 200, 500);
        }
    }

    [Fact]
    public void Decimation_leaves_out_only_what_is_not_finite_where_all_fit()
    {
        var (x, y) = Decimation.Reduce([(0, 1), (1, double.NaN), (2, double.PositiveInfinity), (3, 4)]);

        Assert.Equal([0, 3], x);
        Assert.Equal([1, 4], y);
    }
}
