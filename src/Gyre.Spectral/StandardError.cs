namespace Gyre.Spectral;

/// <summary>Computes the standard error of a mean over independent draws.</summary>
public static class StandardError
{
    /// <summary>
    /// Returns the standard deviation of the draws over the square root of their number, or NaN for fewer than two.
    /// </summary>
    public static double Compute(IReadOnlyList<double> draws)
    {
        ArgumentNullException.ThrowIfNull(draws);
        if (draws.Count < 2)
            return double.NaN;
        var mean = draws.Average();
        return Math.Sqrt(draws.Sum(one => (one - mean) * (one - mean)) / (draws.Count - 1) / draws.Count);
    }
}
