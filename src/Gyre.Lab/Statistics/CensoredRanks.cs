namespace Gyre.Lab.Statistics;

/// <summary>
/// Ranks numbers of which some are lower bounds of the true value (Gehan 1965). Two numbers whose order is unknown
/// share their places, as ties do.
/// </summary>
internal static class CensoredRanks
{
    /// <summary>
    /// Returns twice the rank of each number, a whole number even with ties. If all numbers are known, the smallest
    /// has 2.
    /// </summary>
    /// <param name="lowerBounds">For each number, whether the true number may exceed it.</param>
    /// <exception cref="ArgumentException">A value is not a number, or the lengths differ.</exception>
    public static int[] Doubled(IReadOnlyList<double> values, IReadOnlyList<bool> lowerBounds)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(lowerBounds);
        if (values.Count != lowerBounds.Count || values.Any(double.IsNaN))
            throw new ArgumentException(
                "Every value needs to be a number, and to be known or a lower bound.",
                nameof(values)
            );
        bool Below(int one, int other) => !lowerBounds[one] && values[one] < values[other];
        int Places(int one, int other)
        {
            if (Below(other, one))
                return 2;
            return Below(one, other) ? 0 : 1;
        }
        var all = Enumerable.Range(0, values.Count).ToArray();
        return [.. all.Select(one => 2 + all.Where(other => other != one).Sum(other => Places(one, other)))];
    }
}
