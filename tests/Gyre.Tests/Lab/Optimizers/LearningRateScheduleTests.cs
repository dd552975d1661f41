using CsCheck;
using Gyre.Lab.Optimizers;

namespace Gyre.Tests.Lab.Optimizers;

public class LearningRateScheduleTests
{
    private static LearningRateSchedule Plain(double rate, params (long Step, double Rate)[] changes) =>
        new(rate, [.. changes.Select(change => new LearningRateChange(change.Step, change.Rate))]);

    [Fact]
    public void A_change_holds_from_its_own_step_on()
    {
        var schedule = Plain(0.4, (3, 0.1), (5, 0.2));
        Assert.Equal([0.4, 0.4, 0.4, 0.1, 0.1, 0.2, 0.2], Enumerable.Range(0, 7).Select(step => schedule.At(step)));
        Assert.Equal([3, 5], Enumerable.Range(0, 9).Where(step => schedule.ChangesAt(step)));
    }

    [Fact]
    public void A_warmup_of_w_steps_rises_by_one_wth_a_step_and_is_whole_at_step_w_less_1()
    {
        var schedule = Plain(0.8) with { Warmup = 4 };
        Assert.Equal(
            [0.2, 0.4, 0.6, 0.8, 0.8, 0.8],
            Enumerable.Range(0, 6).Select(step => Math.Round(schedule.At(step), 15))
        );
        Assert.Equal([3], Enumerable.Range(0, 9).Where(step => schedule.WarmupEndsAt(step)));
        Assert.DoesNotContain(Enumerable.Range(0, 9), step => schedule.ChangesAt(step));
        Assert.DoesNotContain(Enumerable.Range(0, 9), step => (Plain(0.8) with { Warmup = 1 }).WarmupEndsAt(step));
    }

    [Fact]
    public void A_cosine_is_whole_at_0_halfway_in_the_middle_and_at_its_end_at_the_last_state()
    {
        var schedule = Plain(0.5) with { Decay = LearningRateDecay.Cosine, DecayTo = 0.2, Steps = 100 };
        Assert.Equal(0.5, schedule.At(0), 15);
        Assert.Equal(0.5 * 0.6, schedule.At(50), 15);
        Assert.Equal(0.5 * 0.2, schedule.At(100), 15);
        Assert.Equal(0.5 * (0.2 + 0.8 * 0.75), (schedule with { Steps = 120 }).At(40), 15); // cos(pi/3) = 1/2
        // Half a cosine is antisymmetric about its middle.
        for (var step = 0; step <= 100; step++)
            Assert.Equal(0.5 * 1.2, schedule.At(step) + schedule.At(100 - step), 12);
    }

    [Fact]
    public void A_step_decay_is_a_power_of_its_factor_and_changes_where_the_power_does()
    {
        var schedule = Plain(1) with { Decay = LearningRateDecay.Step, DecayTo = 0.5, DecayEvery = 10 };
        Assert.Equal([1, 1, 0.5, 0.5, 0.25, 0.125], ((int[])[0, 9, 10, 19, 25, 39]).Select(step => schedule.At(step)));
        Assert.Equal([10, 20, 30], Enumerable.Range(0, 40).Where(step => schedule.ChangesAt(step)));
    }

    [Fact]
    public void Warmup_and_change_multiply() =>
        Assert.Equal(
            [0.1, 0.2, 0.15, 0.2, 0.2],
            Enumerable.Range(0, 5).Select(step => Math.Round((Plain(0.4, (2, 0.2)) with { Warmup = 4 }).At(step), 15))
        );

    [Theory]
    [InlineData(0.1, 1, 10)] // ten tenths fall short of 1 by rounding: that is no reason for an eleventh
    [InlineData(0.3, 1, 4)]
    [InlineData(2, 1, 1)]
    [InlineData(0.02, 50, 2500)]
    public void A_training_time_takes_the_least_number_of_steps_that_reach_it(double rate, double time, long steps) =>
        Assert.Equal(steps, Plain(rate).StepsUntil(time, 10_000));

    [Fact]
    public void A_time_that_is_not_reached_has_no_step() => Assert.Null(Plain(0.1).StepsUntil(2, 19));

    [Fact]
    public void Bursts_begin_at_the_first_step_at_or_after_each_multiple_of_their_spacing()
    {
        Assert.Equal([0, 10, 20, 30], Plain(0.1).EveryTime(1, 3, 30));
        Assert.Equal([0, 4, 7, 10], Plain(0.3).EveryTime(1, 3, 12)); // times 0, 1.2, 2.1, 3
        Assert.Equal([0, 3, 6, 9], Plain(5).EveryTime(1, 3, 10)); // never nearer than a burst is long
        Assert.Equal([0, 5, 10, 20, 30], Plain(0.2, (10, 0.1)).EveryTime(1, 3, 30));
    }

    [Fact]
    public void Whatever_the_rates_bursts_lie_apart_and_none_is_missed() =>
        Gen.Select(Gen.Double[0.01, 3], Gen.Double[0.01, 3], Gen.Int[1, 50], Gen.Double[0.2, 5], Gen.Int[1, 5])
            .Sample(
                (first, second, change, spacing, apart) =>
                {
                    var schedule = Plain(first, (change, second));
                    var starts = schedule.EveryTime(spacing, apart, 200);
                    double Time(long step) => Enumerable.Range(0, (int)step).Sum(at => schedule.At(at));
                    Assert.Equal(0, starts[0]);
                    foreach (var (before, after) in starts.Zip(starts.Skip(1)))
                    {
                        Assert.True(after - before >= apart);
                        // A multiple of the spacing lies in between, or at the burst itself.
                        Assert.True(
                            Math.Floor(Time(after) / spacing + 1e-6) > Math.Floor(Time(before) / spacing - 1e-6)
                        );
                    }
                    var last = starts[^1];
                    Assert.True(
                        last + apart > 200
                            || Math.Floor(Time(200) / spacing - 1e-6)
                                <= Math.Floor(Time(Math.Min(200, last + apart)) / spacing + 1e-6)
                            || Time(200) - Time(last) < spacing + apart * Math.Max(first, second)
                    );
                },
                iter: 300
            );
}
