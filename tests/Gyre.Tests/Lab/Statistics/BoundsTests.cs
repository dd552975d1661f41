using Gyre.Lab.Statistics;
using MathNet.Numerics.Distributions;

namespace Gyre.Tests.Lab.Statistics;

/// <summary>Intervals that stay within what is possible, and what they cover.</summary>
public class BoundsTests
{
    [Fact]
    public void An_interval_does_not_leave_what_is_possible()
    {
        // Two accuracies: Student's interval is 0.55 ± 12.7·0.35.
        var accuracy = MeanInterval.Student([0.2, 0.9], Bounds.Share);
        Assert.InRange(accuracy.Low, 0, 0.2);
        Assert.InRange(accuracy.High, 0.9, 1);
        Assert.True(accuracy.SaysNothing);
        Assert.Equal((0.0, 1.0), Ends(MeanInterval.Student([0, 1], Bounds.Share))); // met ends have no logistic scale
        Assert.Equal((-1.0, 1.0), Ends(MeanInterval.Student([-1, 1], Bounds.Coefficient)));
        Assert.Equal(0, MeanInterval.Student([1, 20], Bounds.Positive).Low);
        Assert.Equal((1.0, 1.0), Ends(MeanInterval.Student([1, 1, 1], Bounds.Share)));
    }

    [Fact]
    public void Where_a_value_lies_outside_the_bounds_are_not_used()
    {
        var (plain, bounded) = (
            MeanInterval.Student([-0.5, 1, 2]),
            MeanInterval.Student([-0.5, 1, 2], Bounds.Positive)
        );
        Assert.Equal(Ends(plain), Ends(bounded));
    }

    [Fact]
    public void In_the_middle_of_the_range_it_is_Students_interval()
    {
        double[] values = [0.79, 0.80, 0.82];
        var (plain, bounded) = (MeanInterval.Student(values), MeanInterval.Student(values, Bounds.Share));
        Assert.Equal(plain.Low, bounded.Low, 4e-3);
        Assert.Equal(plain.High, bounded.High, 4e-3);
        Assert.False(bounded.SaysNothing);
    }

    // The table of docs/theory.md, "Statistics of a sweep": accuracies from beta distributions; three standard errors
    // below it are let pass.
    // Student's interval alone covers 0.92, 0.89, 0.78 and 0.92 of the first four.
    [Theory]
    [InlineData(0.97, 0.02, 3, 0.953)]
    [InlineData(0.99, 0.01, 3, 0.950)]
    [InlineData(0.90, 0.15, 3, 0.946)]
    [InlineData(0.50, 0.30, 3, 0.956)]
    [InlineData(0.80, 0.02, 3, 0.952)]
    [InlineData(0.97, 0.02, 8, 0.938)]
    [InlineData(0.99, 0.01, 8, 0.909)]
    [InlineData(0.90, 0.15, 8, 0.882)]
    public void It_covers_the_mean_of_accuracies_as_often_as_the_documentation_says(
        double mean,
        double deviation,
        int seeds,
        double atLeast
    )
    {
        const int Trials = 4000;
        var size = mean * (1 - mean) / (deviation * deviation) - 1;
        var (random, covered) = (new Random(1), 0);
        for (var trial = 0; trial < Trials; trial++)
        {
            double[] values =
            [
                .. Enumerable.Range(0, seeds).Select(_ => Beta.Sample(random, mean * size, (1 - mean) * size)),
            ];
            var interval = MeanInterval.Student(values, Bounds.Share);
            Assert.True(interval.Low >= 0 && interval.High <= 1);
            covered += interval.Low <= mean && mean <= interval.High ? 1 : 0;
        }
        Assert.True(
            covered >= (atLeast - 3 * Math.Sqrt(atLeast * (1 - atLeast) / Trials)) * Trials,
            $"covered {covered / (double)Trials:0.000}"
        );
    }

    private static (double, double) Ends(Interval interval) => (interval.Low, interval.High);
}
