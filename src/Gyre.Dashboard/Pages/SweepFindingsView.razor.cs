using Gyre.Dashboard.Charts;
using Gyre.Dashboard.Reading;
using Gyre.Lab.Claims;
using Gyre.Lab.Reports;
using Gyre.Lab.Statistics;
using Microsoft.AspNetCore.Components;

namespace Gyre.Dashboard.Pages;

/// <summary>What is found in the finished cells of a sweep.</summary>
public partial class SweepFindingsView
{
    /// <summary>The sweep.</summary>
    [Parameter]
    [EditorRequired]
    public object Shown { get; set; } = null!;

    private SweepSnapshot Sweep => (SweepSnapshot)Shown;

    private SweepFindings? Found => Sweep.Findings;

    /// <summary>What is being computed, and what the numbers that are shown are of meanwhile.</summary>
    private string Computing()
    {
        var now = Sweep.Data!.Finished.Count;
        if (Found is not { } found)
            return "They are being computed, by permutation and resampling.";
        return found.Finished.Count == now
            ? "Correlations are being computed."
            : $"These are of {found.Finished.Count} finished runs; those of {now} are being computed.";
    }

    private static string NoCorrelation(SweepFindings found) =>
        found.Whole
            ? "There is none: four finished runs of one rate throughout, with a test accuracy, are needed."
            : "They are being computed.";

    /// <summary>A claim with the parts that follow it; a part that follows none stands by itself.</summary>
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

    private static string Number(double value, int digits = 3) => RunTable.Text(value, digits);

    private static string Text(Interval mean, double factor)
    {
        var value = Number(factor * mean.Value, 4);
        return double.IsFinite(mean.Low)
            ? $"{value} [{Number(factor * mean.Low)}, {Number(factor * mean.High)}]"
            : value;
    }

    private static string Gain(Interval? gain) =>
        gain is null ? "—" : RunTable.Interval(gain.Value, gain.Low, gain.High, 2);

    private static string Text(CorrelationTest test) =>
        double.IsFinite(test.Low) ? RunTable.Interval(test.Value, test.Low, test.High, 2) : Number(test.Value, 2);
}
