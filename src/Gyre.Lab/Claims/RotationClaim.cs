using Gyre.Lab.Statistics;

namespace Gyre.Lab.Claims;

/// <summary>C1: above the threshold the leading eigenvectors rotate, below it they do not, and rotation grows with eta.</summary>
internal static class RotationClaim
{
    private const double StillFlip = 0.05;
    private const string NoBaseline = "no re-solve baseline was measured; set curvature.resolve = true";

    public static IReadOnlyList<Verdict> Parts(ClaimData data) => [Above(data), Below(data), Grows(data)];

    private static Verdict Above(ClaimData data)
    {
        const string Statement = "above the threshold the leading eigenvectors rotate";
        const string Rule = "flip from onset to resolution at the low end of its error bar, less the re-solve baseline at its high end, mean over unstable groups by seed: t interval above 0";
        var groups = data.SoundGroups.Where(group => group.Cells.All(cell => cell.Unstable)).Select(group => (group.Name, Values: group.Of(cell => cell.FlipUnstableLow - cell.BaselineHigh))).ToArray();
        if (groups.Length == 0)
            return Judge.Missing("C1a", Statement, Rule, "no group was unstable at every seed");
        var measured = groups.Where(group => group.Values.All(double.IsFinite)).ToArray();
        return measured.Length == 0
            ? Judge.Missing("C1a", Statement, Rule, NoBaseline)
            : Judge.BySide("C1a", Statement, Rule, MeanInterval.Student(ClaimData.BySeed([.. measured.Select(group => group.Values)])!), "flip beyond its error bars", 0, above: true, ByGroup(measured));
    }

    private static Verdict Below(ClaimData data)
    {
        const string Statement = "below the threshold they do not";
        const string Rule = "mean flip less the mean re-solve baseline, mean over stable groups by seed: t interval below 0.05";
        var groups = data.SoundGroups.Where(group => group.Cells.All(cell => !cell.Unstable)).Select(group => (group.Name, Values: group.Of(cell => cell.Flip - cell.Baseline))).ToArray();
        if (groups.Length == 0)
            return Judge.Missing("C1b", Statement, Rule, "no group stayed below the threshold at every seed");
        var measured = groups.Where(group => group.Values.All(double.IsFinite)).ToArray();
        return measured.Length == 0
            ? Judge.Missing("C1b", Statement, Rule, NoBaseline)
            : Judge.BySide("C1b", Statement, Rule, MeanInterval.Student(ClaimData.BySeed([.. measured.Select(group => group.Values)])!), "mean flip below the threshold", StillFlip, above: false, ByGroup(measured));
    }

    private static Verdict Grows(ClaimData data)
    {
        const string Statement = "rotation grows with eta";
        const string Rule = "Page's trend test over rates, blocks are seeds, for mean flip and mean drift: both rise with p < 0.05";
        var groups = data.SoundGroups.Where(group => group.Cells.All(cell => double.IsFinite(cell.Flip) && double.IsFinite(cell.Drift))).ToArray();
        if (groups.Length < 3)
            return Judge.Missing("C1c", Statement, Rule, "fewer than three rates were measured at every seed");
        return Judge.ByTrend("C1c", Statement, Rule, [("flip", Trend.Of(groups, cell => cell.Flip)), ("drift", Trend.Of(groups, cell => cell.Drift))], rising: true);
    }

    private static Evidence[] ByGroup(IEnumerable<(string Name, double[] Values)> groups) =>
        [.. groups.Select(group => MeanInterval.Student(group.Values) is var mean ? new Evidence(group.Name, mean.Value, mean.Low, mean.High, mean.Method) : null!)];
}
