using Gyre.Lab.Specs;

namespace Gyre.Tests.Lab.Specs;

public class BurstScheduleTests
{
    [Theory]
    [InlineData("every=10", new[] { 0, 1, 2, 10, 11, 12, 20, 21, 22, 25 })]
    [InlineData("every=10 burst_at_start=false", new[] { 0, 10, 11, 12, 20, 21, 22, 25 })]
    [InlineData("every_time=5 burst_at_start=false", new[] { 0, 10, 11, 12, 20, 21, 22, 25 })] // at eta = 0.5
    [InlineData("every=10 burst=1", new[] { 0, 10, 20, 25 })]
    [InlineData("every=23", new[] { 0, 1, 2, 23, 24, 25 })]
    [InlineData("every=100 burst_at_start=false", new[] { 0, 25 })]
    [InlineData("every=0", new int[0])]
    public void Bursts_begin_at_every_multiple_and_the_last_step_is_measured(string settings, int[] measured)
    {
        var schedule = Schedule(settings);
        Assert.Equal(measured, Enumerable.Range(0, 26).Where(step => schedule.Find(step) is not null));
    }

    [Fact]
    public void A_place_is_the_burst_and_the_step_within_it()
    {
        var schedule = Schedule("every=10 burst_at_start=false");
        (int, BurstPlace?)[] expected =
        [
            (0, new(0, 0)),
            (1, null),
            (10, new(1, 0)),
            (12, new(1, 2)),
            (13, null),
            (22, new(2, 2)),
            (25, new(3, 0)),
        ];
        Assert.All(expected, pair => Assert.Equal(pair.Item2, schedule.Find(pair.Item1)));
        Assert.Equal(3, schedule.Count);
    }

    private static BurstSchedule Schedule(string settings) =>
        RunSchedules.Bursts(
            SpecReader.Read(
                "quick",
                [
                    "training.steps=25",
                    "training.learning_rate=0.5",
                    .. settings.Split(' ').Select(setting => "curvature." + setting),
                ]
            )
        );
}
