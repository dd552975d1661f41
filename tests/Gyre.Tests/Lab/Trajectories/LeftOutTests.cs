using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Lab.Trajectories;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.Trajectories;

/// <summary>What is named as not shown, by the spacing of checkpoints.</summary>
public class LeftOutTests
{
    private static readonly RunSpec Spec = SpecReader.Read("quick");

    [Theory]
    [InlineData(new long[] { 0, 1, 2, 3 }, "")]
    [InlineData(
        new long[] { 0, 1, 2, 10, 11, 12 },
        "instabilities between checkpoints (up to 8 steps apart)|rises of the loss"
    )]
    [InlineData(
        new long[] { 0, 10, 20 },
        "flip and drift per bounce|instabilities between checkpoints (up to 10 steps apart)|rises of the loss"
    )]
    [InlineData(
        new long[] { 0, 2, 4 },
        "flip|instabilities between checkpoints (up to 2 steps apart)|rises of the loss"
    )]
    [InlineData(
        new long[] { 0, 1, 10, 11 },
        "drift per bounce|instabilities between checkpoints (up to 9 steps apart)|rises of the loss"
    )]
    [InlineData(new long[] { 5, 6, 7 }, "start")]
    public void Each_thing_that_the_spacing_cannot_show_is_named(long[] steps, string named) =>
        Assert.Equal(named, string.Join('|', Sentences(steps).Select(sentence => sentence.Split(": ")[0])));

    [Fact]
    public void Where_flips_cannot_be_seen_a_line_of_a_script_is_given() =>
        Assert.Contains(Sentences([0, 10]), sentence => sentence.Contains(LeftOut.BurstHint, StringComparison.Ordinal));

    [Fact]
    public void Odd_distances_are_named_since_flips_are_in_their_drift()
    {
        CurvatureRecord Drift(int lag) => SampleRecords.Curvature() with { Drift = Turn(lag) };
        var steps = new[] { SampleRecords.Step(0), SampleRecords.Step(15) };
        Assert.Contains(
            LeftOut.Find(Spec, steps, [Drift(15)]),
            sentence => sentence.StartsWith("drift without flips: 1 drift", StringComparison.Ordinal)
        );
        Assert.DoesNotContain(
            LeftOut.Find(Spec, steps, [Drift(14), Drift(1)]),
            sentence => sentence.StartsWith("drift without", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void A_loss_that_is_not_finite_and_a_schedule_between_checkpoints_are_named()
    {
        var spec = Spec with { Training = Spec.Training with { Schedule = [new RateChange(5, 0.1)] } };
        var left = LeftOut.Find(spec, [SampleRecords.Step(0), SampleRecords.Step(10, double.NaN)], []);
        Assert.Contains(
            left,
            sentence => sentence.StartsWith("step 10: its loss is not finite", StringComparison.Ordinal)
        );
        Assert.Contains(
            left,
            sentence => sentence.StartsWith("changes of the learning rate", StringComparison.Ordinal)
        );
        Assert.Contains(left, sentence => sentence.StartsWith("sharpness: no checkpoint", StringComparison.Ordinal));
    }

    private static RotationRecord Turn(int lag) => new(lag, 1, 1, 1, 0, 0, [], [], [], [], [], []);

    private static IReadOnlyList<string> Sentences(long[] steps) =>
        LeftOut.Find(
            Spec,
            [.. steps.Select(step => SampleRecords.Step(step))],
            [.. steps.Select(step => SampleRecords.Curvature(step))]
        );
}
