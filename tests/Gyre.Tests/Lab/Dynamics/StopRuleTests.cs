using Gyre.Lab.Dynamics;

namespace Gyre.Tests.Lab.Dynamics;

public class StopRuleTests
{
    [Fact]
    public void Nothing_asked_for_ends_nothing()
    {
        var rule = new StopRule(StopConditions.None, 0);
        Assert.All(Enumerable.Range(0, 5), step => Assert.Null(rule.Next(step, 0, 1, 0)));
    }

    [Fact]
    public void A_loss_ends_at_its_first_step_at_or_below_after_the_reduction()
    {
        var rule = new StopRule(new StopConditions { Loss = 0.5 }, 3);
        Assert.Null(rule.Next(2, 0.1, 0, null));
        Assert.Null(rule.Next(3, 0.1, 0, null));
        Assert.Null(rule.Next(4, 0.6, 0, null));
        Assert.Null(rule.Next(5, double.NaN, 0, null));
        Assert.Equal("the loss 0.5 is at or below 0.5", rule.Next(6, 0.5, 0, null));
    }

    [Fact]
    public void All_conditions_must_hold_at_one_step()
    {
        var rule = new StopRule(new StopConditions { Loss = 0.5, Accuracy = 0.9 }, 0);
        Assert.Null(rule.Next(1, 0.4, 0.8, null));
        Assert.Null(rule.Next(2, 0.6, 0.95, null));
        Assert.Equal(
            "the loss 0.4 is at or below 0.5, and the training accuracy 0.95 is at or above 0.9",
            rule.Next(3, 0.4, 0.95, null)
        );
    }

    [Fact]
    public void Sharpness_falls_from_its_peak_since_the_reduction_and_not_from_one_before()
    {
        var rule = new StopRule(new StopConditions { SharpnessFallen = 0.8 }, 10);
        Assert.Null(rule.Next(10, 1, 0, 100));
        Assert.Null(rule.Next(11, 1, 0, 5));
        Assert.Null(rule.Next(12, 1, 0, 20));
        Assert.Null(rule.Next(13, 1, 0, 17));
        Assert.Null(rule.Next(14, 1, 0, double.NaN));
        Assert.Equal("sharpness 16 is at or below 0.8 of its peak 20", rule.Next(15, 1, 0, 16));
    }

    [Fact]
    public void The_latest_sharpness_counts_at_steps_that_are_not_measured()
    {
        var rule = new StopRule(new StopConditions { Loss = 0.5, SharpnessFallen = 0.8 }, 0);
        rule.Next(1, 1, 0, 20);
        Assert.Null(rule.Next(2, 1, 0, 10));
        Assert.NotNull(rule.Next(3, 0.5, 0, null));
    }

    [Fact]
    public void Without_a_measurement_after_the_reduction_nothing_has_fallen()
    {
        var rule = new StopRule(new StopConditions { SharpnessFallen = 1 }, 5);
        rule.Next(5, 1, 0, 20);
        Assert.Null(rule.Next(6, 1, 0, null));
    }
}
