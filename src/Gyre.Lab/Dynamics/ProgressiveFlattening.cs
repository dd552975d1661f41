using Gyre.Lab.Statistics;

namespace Gyre.Lab.Dynamics;

/// <summary>Whether peaks of sharpness fall from instability to instability.</summary>
/// <param name="Trend">Theil–Sen slope of peak S against the cycle's number, with its 95 % interval.</param>
/// <param name="Rank">Kendall's tau of the same.</param>
/// <param name="Cycles">How many peaks.</param>
/// <param name="FinalOverFirstPeak">S at the last resolution over S at the first peak; null while none is
/// resolved.</param>
internal sealed record ProgressiveFlattening(TheilSen Trend, KendallTau Rank, int Cycles, double? FinalOverFirstPeak)
{
    /// <summary>Fewest peaks that can show a trend.</summary>
    public const int FewestCycles = 3;

    /// <summary>Of the cycles in order; null with fewer than three.</summary>
    public static ProgressiveFlattening? TryMeasure(IReadOnlyList<Instability> cycles)
    {
        ArgumentNullException.ThrowIfNull(cycles);
        if (cycles.Count < FewestCycles)
            return null;
        var numbers = cycles.Select(cycle => (double)cycle.Number).ToArray();
        var peaks = cycles.Select(cycle => cycle.PeakSharpness).ToArray();
        var last = cycles.LastOrDefault(cycle => cycle.Resolution is not null)?.ResolvedSharpness;
        return new ProgressiveFlattening(
            TheilSen.Compute(numbers, peaks),
            KendallTau.Compute(numbers, peaks),
            cycles.Count,
            last / peaks[0]
        );
    }
}
