using Gyre.Lab.Statistics;

namespace Gyre.Lab.Claims;

/// <summary>
/// C1: above the threshold the leading eigenvectors rotate, below it they do not, and rotation grows with eta.
/// </summary>
internal static class RotationClaim
{
    private const double StillFlip = 0.05;

    public static IReadOnlyList<Verdict> Parts(ClaimData data) => [Above(data), Below(data), Grows(data)];

    private static Verdict Above(ClaimData data)
    {
        const string Statement = "above the threshold the leading eigenvectors rotate";
        const string Rule =
            "flip from onset to resolution at the low end of its error bar, minus the re-solve baseline at "
            + "its high end, mean over unstable groups by seed: t interval above 0";
        var groups = data.SoundGroups.Where(group => group.Cells.All(cell => cell.Unstable)).ToArray();
        return groups.Length == 0
            ? Judge.Missing("C1a", Statement, Rule, "no group was unstable at every seed")
            : Judge.BySeed(
                "C1a",
                Statement,
                Rule,
                Beyond(groups, cell => cell.FlipUnstableLow - cell.BaselineHigh),
                "flip beyond its error bars and the re-solve baseline",
                0,
                above: true,
                Lack(groups),
                Bounds.Coefficient,
                VerdictKind.NotSupported
            );
    }

    private static Verdict Below(ClaimData data)
    {
        const string Statement = "below the threshold they do not";
        const string Rule =
            "mean flip minus the mean re-solve baseline, mean over stable groups by seed: t interval below 0.05";
        var groups = data.SoundGroups.Where(group => group.Cells.All(cell => !cell.Unstable)).ToArray();
        return groups.Length == 0
            ? Judge.Missing("C1b", Statement, Rule, "no group stayed below the threshold at every seed")
            : Judge.BySeed(
                "C1b",
                Statement,
                Rule,
                Beyond(groups, cell => cell.Flip - cell.Baseline),
                "mean flip below the threshold minus the re-solve baseline",
                StillFlip,
                above: false,
                Lack(groups),
                Bounds.Coefficient,
                VerdictKind.NotSupported
            );
    }

    private static Verdict Grows(ClaimData data)
    {
        const string Statement = "rotation grows with eta";
        const string Rule =
            "Page's trend test over learning rates, with seeds as blocks, for mean flip and mean drift: both rise with p < 0.05";
        var groups = data
            .SoundGroups.Where(group =>
                group.Cells.All(cell => double.IsFinite(cell.Flip) && double.IsFinite(cell.Drift))
            )
            .ToArray();
        if (groups.Length < 3)
            return Judge.Missing("C1c", Statement, Rule, "fewer than three learning rates were measured at every seed");
        return Judge.ByTrend(
            "C1c",
            Statement,
            Rule,
            [("flip", Trend.Test(groups, cell => cell.Flip)), ("drift", Trend.Test(groups, cell => cell.Drift))],
            rising: true
        );
    }

    private static (string Name, double[] Values)[] Beyond(
        IEnumerable<ClaimGroup> groups,
        Func<CellMeasures, double> measure
    ) => [.. groups.Select(group => (group.Name, group.GetValues(measure)))];

    private static string Lack(IEnumerable<ClaimGroup> groups) =>
        groups.SelectMany(group => group.Cells).All(cell => double.IsFinite(cell.Baseline))
            ? "no flip was measured where it is needed; set curvature.burst to at least 2, or measure more often"
            : "no re-solve baseline was measured; set curvature.resolve = true";
}
