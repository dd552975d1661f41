namespace Gyre.Lab.Statistics;

/// <summary>Whether a control orders a quantity: a partial correlation then rests on the few pairs that it does not
/// order.</summary>
internal static class ControlOrder
{
    /// <summary>What is said of such a quantity.</summary>
    public const string Remark = "it cannot be distinguished from the control, which orders the points the same";

    private const double Nearly = 0.95;

    /// <summary>
    /// Whether at least 95 % of the pairs within strata whose controls differ are ordered as their controls, or all
    /// against.
    /// Pairs of different strata say nothing here: what strata have in common, such as a seed's samples, moves both.
    /// </summary>
    /// <param name="x">The quantity.</param>
    /// <param name="z">The control.</param>
    /// <param name="places">Positions of each stratum.</param>
    public static bool Decides(IReadOnlyList<double> x, IReadOnlyList<double> z, IReadOnlyList<int[]> places)
    {
        var (pairs, with, against) = (0, 0, 0);
        foreach (var (i, j) in places.SelectMany(Pairs).Where(pair => z[pair.One] != z[pair.Other]))
        {
            var sign = Math.Sign(x[i].CompareTo(x[j])) * Math.Sign(z[i].CompareTo(z[j]));
            (pairs, with, against) = (pairs + 1, with + (sign > 0 ? 1 : 0), against + (sign < 0 ? 1 : 0));
        }
        return pairs > 0 && Math.Max(with, against) >= Nearly * pairs;
    }

    private static IEnumerable<(int One, int Other)> Pairs(int[] places) =>
        from i in Enumerable.Range(0, places.Length)
        from j in Enumerable.Range(0, i)
        select (places[i], places[j]);
}
