using Gyre.Lab.Claims;

namespace Gyre.Lab.Figures;

/// <summary>The ends of an axis of test accuracy over the groups of a sweep, in percent.</summary>
internal static class AccuracyRange
{
    private const double Below = 0.14;
    private const double Above = 0.16;
    private const double Marks = 0.08;
    private const double Under = 3; // percent
    private const double Beyond = 1.5;
    private const double Outside = 5; // percent that the axis may exceed 0 to 100 by, for marks and names

    /// <summary>
    /// Returns the axis, with room above for the names of regions and below for the marks of runs without an
    /// accuracy.
    /// </summary>
    /// <param name="groups">The groups drawn.</param>
    public static (double Low, double High) FromGroups(IReadOnlyList<SeriesGroup> groups)
    {
        var (low, high, room) = Ends(groups);
        return (Math.Max(-Outside, low - Below * room), Math.Min(100 + Outside, high + Above * room));
    }

    /// <summary>Returns the height of the marks of diverged runs.</summary>
    public static double Diverged(IReadOnlyList<SeriesGroup> groups)
    {
        var (low, _, room) = Ends(groups);
        return Math.Max(-Outside / 2, low - Marks * room);
    }

    /// <summary>Returns the axis of the best few percent; null if the whole range shows them well.</summary>
    public static (double Low, double High)? Best(IReadOnlyList<SeriesGroup> groups)
    {
        ArgumentNullException.ThrowIfNull(groups);
        double[] means =
            [.. groups.Select(group => Percent(group).DefaultIfEmpty(double.NaN).Average()).Where(double.IsFinite)],
            seeds = [.. groups.SelectMany(Percent)];
        return means.Length == 0 || seeds.Max() - means.Min() <= 2 * (Under + Beyond)
            ? null
            : (means.Max() - Under, Math.Max(means.Max() + Beyond, seeds.Max() + 0.2));
    }

    /// <summary>Returns the test accuracies of a group's cells that did not diverge.</summary>
    public static double[] Percent(SeriesGroup group)
    {
        ArgumentNullException.ThrowIfNull(group);
        return group.GetValues(cell => 100 * cell.TestAccuracy);
    }

    /// <summary>
    /// Returns the range of the seeds, widened to fit the intervals by at most its own width on each side, within 0
    /// and 100. With two seeds an interval can be wider than the whole range of accuracies.
    /// </summary>
    private static (double Low, double High, double Room) Ends(IReadOnlyList<SeriesGroup> groups)
    {
        ArgumentNullException.ThrowIfNull(groups);
        double[] seeds = [.. groups.SelectMany(Percent)];
        if (seeds.Length == 0)
            return (0, 100, 100);
        var (low, high) = (seeds.Min(), seeds.Max());
        var most = Math.Max(1, high - low);
        var bars = groups
            .Select(group => group.Mean(Measure.TestPercent))
            .Where(mean => double.IsFinite(mean.Low))
            .ToArray();
        var (under, over) = (
            bars.Select(bar => bar.Low).Append(low).Min(),
            bars.Select(bar => bar.High).Append(high).Max()
        );
        (low, high) = (Math.Max(0, Math.Max(under, low - most)), Math.Min(100, Math.Min(over, high + most)));
        return (low, high, Math.Max(1, high - low));
    }
}
