using Gyre.Lab.Optimizers;

namespace Gyre.Tests.Lab.Optimizers;

public class EdgeRateTests
{
    [Fact]
    public void The_rate_keeps_its_share_of_the_edge()
    {
        var rate = new EdgeRate(0.1, unit: 2, new EdgeRateOptions { Share = 0.5, Window = 3 });
        Assert.Equal(0.1, rate.Rate);
        rate.Next(20);
        Assert.Equal(0.5 * 2 / 20, rate.Rate, 1e-15);
        rate.Next(40);
        Assert.Equal(0.5 * 2 / 40, rate.Rate, 1e-15);
    }

    [Fact]
    public void It_doubles_at_most_and_nothing_that_is_no_sharpness_moves_it()
    {
        var rate = new EdgeRate(0.1, unit: 2, new EdgeRateOptions { Share = 1, Window = 3 });
        rate.Next(0.01);
        Assert.Equal(0.2, rate.Rate, 1e-15);
        foreach (var none in new[] { 0, -3, double.NaN, double.PositiveInfinity })
            rate.Next(none);
        Assert.Equal(0.2, rate.Rate, 1e-15);
    }

    /// <summary>
    /// Windows of two: peaks 10, 30, 20, 15, 14.9: rising first is no end, falling goes on, and a fall of less than a
    /// hundredth is none.
    /// </summary>
    [Fact]
    public void It_is_reduced_for_good_when_peaks_that_fell_no_longer_do()
    {
        var rate = new EdgeRate(
            0.1,
            unit: 2,
            new EdgeRateOptions
            {
                Share = 1,
                Window = 2,
                ReducedTo = 0.25,
            }
        );
        foreach (var sharpness in new[] { 10, 8, 25, 30, 20, 12, 15, 15.0 })
        {
            rate.Next(sharpness);
            Assert.False(rate.Reduced);
        }
        rate.Next(14);
        rate.Next(14.9);
        Assert.True(rate.Reduced);
        Assert.Equal(0.25 * 2 / 14.9, rate.Rate, 1e-15);
        rate.Next(5);
        rate.Next(4);
        Assert.True(rate.Reduced);
    }
}
