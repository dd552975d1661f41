using Gyre.Lab.Statistics;

namespace Gyre.Tests.Lab.Statistics;

/// <summary>Means over training time against series whose means are known.</summary>
public class TrainingTimeTests
{
    [Fact]
    public void Every_measurement_counts_by_the_time_it_stands_for()
    {
        // Inside a stretch ½, 1, ½; half of the time to the next as ¼, ½, ¼, as ½, ½, and to one alone.
        Assert.Equal([0.5 + 1, 1 + 2, 0.5 + 1, 4], TrainingTime.Weights([(0, 0), (1, 1), (2, 2), (10, 10)]));
        Assert.Equal([0.5 + 0.5, 0.5 + 0.5, 1], TrainingTime.Weights([(0, 0), (1, 1), (3, 3)]));
        Assert.Equal([1, 1], TrainingTime.Weights([(0, 5), (3, 5)])); // no time passed
        Assert.Empty(TrainingTime.Weights([]));
        Assert.True(double.IsNaN(TrainingTime.Mean([])));
        Assert.Equal(3, TrainingTime.Mean([(0, 0, 3), (4, 4, double.NaN)]));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(7)]
    public void An_oscillation_of_period_2_has_no_weight_in_a_stretch(int burst)
    {
        var measured = Enumerable
            .Range(0, 99)
            .Where(step => step % 11 < burst)
            .Select(step => ((long)step, 0.2 * step, 5 + (step % 2 == 0 ? 3.0 : -3)));
        Assert.Equal(5, TrainingTime.Mean(measured), 1e-12);
    }

    /// <summary>
    /// Spikes that follow-ups measure whole, and a slow trend between: the mean over all steps is known, the plain mean
    /// of the measurements is at least 30 % off, that over time within 8 %, since a stretch ends close to its spike.
    /// </summary>
    [Fact]
    public void Spikes_that_are_measured_more_often_do_not_count_more()
    {
        static double Value(int step) =>
            1 + step / 4000.0 + (step % 50 is >= 20 and < 26 ? 6 : 0) + (step % 2 == 0 ? 0.3 : -0.3);
        var steps = Enumerable.Range(0, 2001).ToArray();
        var measured = steps.Where(step => step % 10 < 3 || step % 50 is >= 18 and < 28).ToArray();
        var truth = TrainingTime.Mean(steps.Select(step => ((long)step, 0.1 * step, Value(step))));
        Assert.Equal(steps.Average(Value), truth, 0.002);
        Assert.InRange(measured.Average(Value) / truth, 1.3, 2);
        Assert.Equal(
            1,
            TrainingTime.Mean(measured.Select(step => ((long)step, 0.1 * step, Value(step)))) / truth,
            0.08
        );
    }

    [Fact]
    public void Steps_of_a_smaller_rate_count_less()
    {
        var times = TrainingTime.Accumulate(
            Enumerable.Range(0, 201).Select(step => ((long)step, step < 100 ? 1 : 0.1))
        );
        Assert.Equal((100, 101), (times[100], Math.Round(times[110], 9)));
        Assert.Equal(
            (100 * 1 + 10 * 5) / 110.0,
            TrainingTime.Mean(times.Select(one => (one.Key, one.Value, one.Key < 100 ? 1.0 : 5))),
            0.03
        );
        Assert.Equal(12, TrainingTime.Accumulate([(0, 2), (5, 1), (7, 1)])[7]); // steps left out
    }
}
