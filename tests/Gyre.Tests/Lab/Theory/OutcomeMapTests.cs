using Gyre.Lab.Theory;

namespace Gyre.Tests.Lab.Theory;

/// <summary>The map against the whole network followed step by step, and against what is known of it.</summary>
public class OutcomeMapTests
{
    [Theory]
    [InlineData(2, 0)]
    [InlineData(2, 7.5)]
    [InlineData(3, 0)]
    [InlineData(3, 4)]
    [InlineData(5, 20)]
    public void Starts_have_the_imbalance_and_output_they_stand_for(int depth, double imbalance)
    {
        var (x, y) = OutcomeMap.Start(depth, 0.9, imbalance);
        Assert.Equal(imbalance, x * x - y * y, 1e-12 * (1 + imbalance));
        Assert.Equal(0.9, x * Math.Pow(y, depth - 1), 1e-13);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void It_says_what_the_whole_network_does(int depth)
    {
        var network = new DiagonalLinearNetwork(depth, [1]);
        double[] imbalances = [0, 0.3, 1, 3, 8];
        double[] rates = [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.65, 0.8, 1.1, 1.7, 2.5];
        var map = OutcomeMap.Compute(depth, 0.9, imbalances, rates, steps: 400);
        var seen = new HashSet<ExactOutcome>();
        for (var row = 0; row < rates.Length; row++)
        {
            for (var column = 0; column < imbalances.Length; column++)
            {
                var (x, y) = OutcomeMap.Start(depth, 0.9, imbalances[column]);
                var exact = ExactDescent.Follow(network, [x, .. Enumerable.Repeat(y, depth - 1)], rates[row], 400);
                AssertAgrees(map.Outcomes[row, column], map.FinalSharpness[row, column], exact);
                seen.Add(map.Outcomes[row, column]);
            }
        }
        Assert.Superset(
            new HashSet<ExactOutcome> { ExactOutcome.Stable, ExactOutcome.Catapult, ExactOutcome.Diverged },
            seen
        );
    }

    [Fact]
    public void On_the_balanced_line_the_outcome_follows_from_the_rate_alone()
    {
        // at 0.99 a start below the minimum oversteps it, to where S is above 2/eta
        double[] rates = [0.5, 0.99, 1.05, 1.2, 1.3, 1.6, 1.9, 2.1];
        var map = OutcomeMap.Compute(2, 0.9, [0], rates);
        ExactOutcome[] expected =
        [
            ExactOutcome.Stable,
            ExactOutcome.Catapult,
            ExactOutcome.PeriodTwo,
            ExactOutcome.PeriodTwo,
            ExactOutcome.Bounded,
            ExactOutcome.Bounded,
            ExactOutcome.Bounded,
            ExactOutcome.Diverged,
        ];
        Assert.Equal(expected, Enumerable.Range(0, rates.Length).Select(row => map.Outcomes[row, 0]));
    }

    [Fact]
    public void What_it_cannot_show_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => OutcomeMap.Compute(1, 0.9, [0], [0.5]));
        Assert.Throws<ArgumentOutOfRangeException>(() => OutcomeMap.Compute(2, 0, [0], [0.5]));
        Assert.Throws<ArgumentOutOfRangeException>(() => OutcomeMap.Start(2, 0.9, -1));
    }

    private static void AssertAgrees(ExactOutcome outcome, double sharpness, ExactDescent exact)
    {
        var last = exact.Points[^1];
        if (outcome is ExactOutcome.Diverged)
        {
            Assert.False(Math.Abs(exact.Network.Residual(last.Theta, 0)) < 10, $"{last.Theta[0]}");
            return;
        }
        Assert.Equal(
            outcome is ExactOutcome.Catapult,
            outcome is not ExactOutcome.Stable && Math.Abs(exact.Network.Residual(last.Theta, 0)) < 1e-9
        );
        if (outcome is ExactOutcome.Stable)
            Assert.All(exact.Points, point => Assert.True(point.Sharpness <= exact.Threshold));
        if (outcome is ExactOutcome.Stable or ExactOutcome.Catapult)
            Assert.Equal(last.Sharpness, sharpness, 1e-6);
        if (outcome is ExactOutcome.Catapult)
            Assert.Contains(exact.Points, point => point.Sharpness > exact.Threshold);
    }
}
