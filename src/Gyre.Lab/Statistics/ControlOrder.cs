namespace Gyre.Lab.Statistics;

/// <summary>
/// Detects a control that orders the points as the quantity does. A partial correlation then rests on the few pairs
/// that the control does not order.
/// </summary>
internal static class ControlOrder
{
    /// <summary>The remark printed for such a quantity.</summary>
    public const string Remark = "it cannot be distinguished from the control, which orders the points in the same way";

    private const double Nearly = 0.95;

    /// <summary>
    /// Whether the quantity orders at least 95 % of the pairs as the control does, or at least 95 % of them against
    /// it. Only pairs within a stratum whose controls differ count. Pairs across strata are no evidence here: effects
    /// shared by a stratum, such as the samples of a seed, move both quantities.
    /// </summary>
    /// <param name="places">The positions of each stratum.</param>
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
