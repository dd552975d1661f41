using Gyre.Lab.Statistics;

namespace Gyre.Tests.Lab.Statistics;

/// <summary>Where data cannot tell a quantity from the control, or resamples have no coefficient, nothing is
/// decided.</summary>
public class ControlOrderTests
{
    private static readonly double[] Rates = [.. Enumerable.Range(0, 24).Select(i => (double)(i % 8))];
    private static readonly int[] Seeds = [.. Enumerable.Range(0, 24).Select(i => i / 8)];

    [Fact]
    public void A_quantity_that_the_control_orders_within_every_seed_has_no_partial_coefficient()
    {
        var random = new Random(1);
        double[] accuracy = [.. Rates.Select(_ => random.NextDouble())];
        double[] follows = [.. Rates.Select((rate, i) => -rate - 0.1 * Seeds[i])];

        var test = CorrelationTest.Run(RankKind.Spearman, follows, accuracy, Rates, Seeds, 1);
        Assert.StartsWith("it cannot be distinguished from the control", test.Undetermined, StringComparison.Ordinal);
        Assert.True(double.IsNaN(test.PValue) && double.IsNaN(test.Low));
        Assert.Null(CorrelationTest.Run(RankKind.Spearman, follows, accuracy, null, Seeds, 1).Undetermined);
        var gap = CorrelationTest.Difference(RankKind.Spearman, accuracy, follows, accuracy, Rates, Seeds, 1);
        Assert.True(double.IsNaN(gap.Low));
        Assert.Contains("it cannot be distinguished from the control", gap.Method, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, true)] // 1 of 84 pairs
    [InlineData(5, false)] // 5 of 84: more than one in twenty
    public void Almost_everywhere_is_nineteen_pairs_of_twenty(int swaps, bool decides)
    {
        double[] follows = [.. Rates];
        for (var swap = 0; swap < swaps; swap++)
            (follows[swap % 3 * 8 + 2 * (swap / 3)], follows[swap % 3 * 8 + 2 * (swap / 3) + 1]) = (
                follows[swap % 3 * 8 + 2 * (swap / 3) + 1],
                follows[swap % 3 * 8 + 2 * (swap / 3)]
            );
        Assert.Equal(decides, ControlOrder.Decides(follows, Rates, Chance.Places(Seeds)));
        Assert.Equal(decides, ControlOrder.Decides([.. follows.Select(value => -value)], Rates, Chance.Places(Seeds)));
    }

    [Fact]
    public void Where_one_resample_in_twenty_has_no_coefficient_none_is_decided()
    {
        // All but one point have one value: e⁻¹ of the resamples miss that point, and have no coefficient.
        double[] x = [1, 1, 1, 1, 1, 2],
            y = [1, 2, 3, 4, 5, 6];
        var test = CorrelationTest.Run(RankKind.Spearman, x, y, null, [0, 0, 0, 0, 0, 0], 1);
        Assert.InRange(test.Dropped, 0.3, 0.37);
        Assert.EndsWith("of the resamples have no coefficient", test.Undetermined, StringComparison.Ordinal);
        Assert.True(double.IsNaN(test.PValue));
    }

    [Fact]
    public void No_interval_stands_beside_a_p_value_that_it_contradicts()
    {
        var random = new Random(4);
        var contradicted = 0;
        for (var set = 0; set < 150; set++)
        {
            double[] x = [.. Enumerable.Range(0, 9).Select(_ => random.NextDouble())],
                y = [.. x.Select(value => value + 0.9 * random.NextDouble())];
            var test = CorrelationTest.Run(RankKind.Spearman, x, y, null, [.. x.Select(_ => 0)], set, 999, 500);
            contradicted += test.NoInterval is not null && test.Undetermined is null ? 1 : 0;
            Assert.True(double.IsNaN(test.Low) || (test.PValue < 0.05) == (test.Low > 0 || test.High < 0));
        }
        Assert.InRange(contradicted, 1, 149); // it does happen
    }
}
