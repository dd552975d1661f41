using Gyre.Lab.Dynamics;

namespace Gyre.Tests.Lab.Dynamics;

public class ThresholdLineTests
{
    private static readonly double[] Steps = [0, 1, 2, 3, 4];
    private static readonly double[] Rates = [0.5, 0.5, 0.25, 0.25, 0.125];

    [Fact]
    public void Follows_one_over_eta_from_the_latest_measurement() =>
        Assert.Equal([4, 4, 8, 12, 24], ThresholdLine.AtEachStep(Steps, Rates, [0, 3], [4, 12]));

    [Fact]
    public void Takes_the_first_measurement_for_the_steps_before_it() =>
        Assert.Equal([4, 4, 8, 8, 16], ThresholdLine.AtEachStep(Steps, Rates, [2], [8]));

    [Fact]
    public void Is_NaN_after_a_measurement_whose_step_is_missing() =>
        Assert.Equal([4, 4, double.NaN, 10, 20], ThresholdLine.AtEachStep(Steps, Rates, [0, 1.5, 3], [4, 9, 10]));

    [Fact]
    public void Is_NaN_where_nothing_was_measured() =>
        Assert.Equal(Enumerable.Repeat(double.NaN, 5), ThresholdLine.AtEachStep(Steps, Rates, [], []));
}
