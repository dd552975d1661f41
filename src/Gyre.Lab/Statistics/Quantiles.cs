namespace Gyre.Lab.Statistics;

/// <summary>Medians.</summary>
public static class Quantiles
{
    /// <summary>Median of at least one value.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        if (sorted.Length == 0)
            throw new ArgumentException("A median needs at least one value.", nameof(values));
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
