namespace Gyre.Lab.Statistics;

/// <summary>Ranks of numbers some of which are lower bounds of what they stand for (Gehan 1965): two numbers whose
/// order is not known share their places as ties do.</summary>
internal static class CensoredRanks
{
    /// <summary>
    /// Twice the rank of each number, 2 for the smallest where all are known: whole numbers, ties too.
    /// </summary>
    /// <param name="values">The numbers.</param>
    /// <param name="lowerBounds">Which of them the true number may exceed.</param>
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
