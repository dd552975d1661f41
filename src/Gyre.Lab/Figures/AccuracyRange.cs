using Gyre.Lab.Claims;

namespace Gyre.Lab.Figures;

/// <summary>Ends of an axis of test accuracy over the groups of a sweep, in percent.</summary>
internal static class AccuracyRange
{
    private const double Below = 0.14;
    private const double Above = 0.16;
    private const double Marks = 0.08;
    private const double Under = 3; // percent
    private const double Beyond = 1.5;
    private const double Outside = 5; // percent that the axis goes beyond what an accuracy can be, for marks and names

    /// <summary>
    /// The axis, with room above for the names of regions and below for the marks of runs that have no accuracy.
    /// </summary>
    /// <param name="groups">What is drawn.</param>
    public static (double Low, double High) FromGroups(IReadOnlyList<SeriesGroup> groups)
    {
        var (low, high, room) = Ends(groups);
        return (Math.Max(-Outside, low - Below * room), Math.Min(100 + Outside, high + Above * room));
    }

    /// <summary>Where the marks of runs lie that diverged.</summary>
    public static double Diverged(IReadOnlyList<SeriesGroup> groups)
    {
        var (low, _, room) = Ends(groups);
        return Math.Max(-Outside / 2, low - Marks * room);
    }

    /// <summary>The axis of the best few percent alone; null where the whole range shows them well.</summary>
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

    /// <summary>Test accuracies of a group's cells that did not diverge.</summary>
    public static double[] Percent(SeriesGroup group)
    {
        ArgumentNullException.ThrowIfNull(group);
        return group.GetValues(cell => 100 * cell.TestAccuracy);
    }

    /// <summary>
    /// The seeds' range, widened for intervals by at most as much again, within 0 and 100: with two seeds an interval
    /// can be wider than all there is.
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
