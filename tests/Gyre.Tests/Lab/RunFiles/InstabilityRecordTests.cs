using Gyre.Lab.Measuring;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.RunFiles;

/// <summary>The cycles that events tell of, beside those of the summary that the same run ends with.</summary>
public class InstabilityRecordTests
{
    private static readonly RunSpec Spec = SpecReader.Read("quick");

    [Fact]
    public void Cycles_of_a_finished_runs_events_have_the_peaks_of_its_summary()
    {
        var data = SyntheticRun.Usual();
        var cycles = InstabilityRecord.FromEvents(Events(data.Steps, data.Curvature, ended: true));
        var summary = RunSummary.Create(Spec, data.Steps, data.Curvature, null, 1, 1).Cycles;
        Assert.InRange(summary.Length, 2, 100);
        Assert.Contains(summary, cycle => cycle.PeakStep > cycle.Onset);
        Assert.Equal(summary.Select(Known), cycles.Select(Known));
    }

    [Fact]
    public void Cycles_so_far_are_those_resolved_and_an_open_one_without_a_peak()
    {
        var data = SyntheticRun.Usual();
        var all = RunSummary.Create(Spec, data.Steps, data.Curvature, null, 1, 1).Cycles;
        var open = all.First(cycle => cycle.PeakStep > cycle.Onset);
        var soFar = Events([.. data.Steps.Take((int)open.PeakStep + 1)], data.Curvature, ended: false);
        var cycles = InstabilityRecord.FromEvents(soFar);
        Assert.Equal(all.Take(open.Number - 1).Select(Known), cycles.SkipLast(1).Select(Known));
        Assert.Equal((open.Number, open.Onset, open.Onset, double.NaN, null), Known(cycles[^1]));
    }

    [Fact]
    public void Losses_that_no_event_holds_are_NaN()
    {
        var data = SyntheticRun.Usual();
        Assert.All(
            InstabilityRecord.FromEvents(Events(data.Steps, data.Curvature, ended: true)),
            cycle => Assert.Equal((double.NaN, double.NaN), (cycle.OnsetLoss, cycle.PeakLoss))
        );
    }

    private static (int, long, long, double, long?) Known(InstabilityRecord cycle) =>
        (cycle.Number, cycle.Onset, cycle.PeakStep, cycle.PeakSharpness, cycle.Resolution);

    private static List<EventRecord> Events(
        IReadOnlyList<StepRecord> steps,
        IReadOnlyList<CurvatureRecord> curvature,
        bool ended
    )
    {
        var tracker = new InstabilityTracker(Spec.Instability);
        var measured = curvature.ToDictionary(record => record.Step);
        List<EventRecord> events =
        [
            .. steps.SelectMany(step => tracker.Next(step, measured.GetValueOrDefault(step.Step))),
        ];
        return ended ? [.. events, .. tracker.End()] : events;
    }
}
