using Gyre.Dashboard.Charts;
using Gyre.Dashboard.Reading;
using Gyre.Lab.Claims;
using Gyre.Lab.Statistics;
using Microsoft.AspNetCore.Components;

namespace Gyre.Dashboard.Pages;

/// <summary>The findings in the finished cells of a sweep.</summary>
public partial class SweepFindingsView
{
    /// <summary>The sweep.</summary>
    [Parameter]
    [EditorRequired]
    public object Shown { get; set; } = null!;

    private SweepSnapshot Sweep => (SweepSnapshot)Shown;

    private SweepFindings? Found => Sweep.Findings;

    /// <summary>The current computation, and the runs that the displayed numbers are based on meanwhile.</summary>
    private string Computing()
    {
        var now = Sweep.Data!.Finished.Count;
        if (Found is not { } found)
            return "They are being computed by permutation and resampling.";
        return found.Finished.Count == now
            ? "Correlations are being computed."
            : $"These are based on {found.Finished.Count} finished runs; those for {now} are being computed.";
    }

    private static string NoCorrelation(SweepFindings found) =>
        found.Whole
            ? "There is none: it needs four finished runs at constant learning rates, with a test accuracy."
            : "They are being computed.";

    /// <summary>Groups each claim with the parts that follow it; a part without a claim stands alone.</summary>
    private static IEnumerable<Verdict[]> Claims(SweepFindings found) =>
        found
            .Verdicts.Select(
                (verdict, i) => (verdict, Whole: found.Verdicts.Take(i + 1).Count(one => one.Claim.Length == 2))
            )
            .GroupBy(pair => pair.Whole, pair => pair.verdict)
            .Select(claim => claim.ToArray());

    private static string[] Measures(SweepFindings found) =>
        [.. found.Groups.Where(row => double.IsFinite(row.Mean.Value)).Select(row => row.Measure).Distinct()];

    private static bool Percent(string measure) => measure.EndsWith("accuracy", StringComparison.Ordinal);

    private static string Mean(IEnumerable<GroupRow> group, string measure)
    {
        var factor = Percent(measure) ? 100 : 1;
        return group.FirstOrDefault(row => row.Measure == measure) is { } row ? Text(row.Mean, factor) : "—";
    }

    private static string GainOnSmallest(IEnumerable<GroupRow> group) =>
        group.FirstOrDefault(row => row.Measure == SweepMeasures.Accuracy)?.Difference is { } gained
            ? Text(gained, 100)
            : "—";

    private static string Number(double value, int digits = 3) => NumberText.Format(value, digits);

    private static string Text(Interval mean, double factor)
    {
        var value = Number(factor * mean.Value, 4);
        return double.IsFinite(mean.Low)
            ? $"{value} [{Number(factor * mean.Low)}, {Number(factor * mean.High)}]"
            : value;
    }

    private static string Gain(Interval? gain) =>
        gain is null ? "—" : NumberText.Interval(gain.Value, gain.Low, gain.High, 2);

    private static string Text(CorrelationTest test) =>
        double.IsFinite(test.Low) ? NumberText.Interval(test.Value, test.Low, test.High, 2) : Number(test.Value, 2);
}
