namespace Gyre.Spectral;

/// <summary>How far a mean over independent draws may be off.</summary>
public static class StandardError
{
    /// <summary>Standard deviation of the draws over the root of their number; NaN of fewer than two.</summary>
    public static double Compute(IReadOnlyList<double> draws)
    {
        ArgumentNullException.ThrowIfNull(draws);
        if (draws.Count < 2)
            return double.NaN;
        var mean = draws.Average();
        return Math.Sqrt(draws.Sum(one => (one - mean) * (one - mean)) / (draws.Count - 1) / draws.Count);
    }
}
