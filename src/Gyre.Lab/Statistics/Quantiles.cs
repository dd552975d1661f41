namespace Gyre.Lab.Statistics;

/// <summary>Medians and other quantiles.</summary>
internal static class Quantiles
{
    /// <summary>Returns the median of at least one value.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        if (sorted.Length == 0)
            throw new ArgumentException("A median needs at least one value.", nameof(values));
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>
    /// Returns the quantile by linear interpolation between order statistics (type 7 of Hyndman and Fan 1996); NaN if
    /// there are no values.
    /// </summary>
    public static double At(IEnumerable<double> values, double share)
    {
        var sorted = values.Order().ToArray();
        if (sorted.Length == 0)
            return double.NaN;
        var place = share * (sorted.Length - 1);
        var below = (int)Math.Floor(place);
        return sorted[below] + (place - below) * (sorted[Math.Min(below + 1, sorted.Length - 1)] - sorted[below]);
    }
}
