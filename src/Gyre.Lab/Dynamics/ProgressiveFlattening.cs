using Gyre.Lab.Statistics;

namespace Gyre.Lab.Dynamics;

/// <summary>A test of whether the peaks of sharpness fall from one instability to the next.</summary>
/// <param name="Trend">Theil–Sen slope of peak S against the number of the instability, with its 95 %
/// interval.</param>
/// <param name="Rank">Kendall's tau of the same pairs.</param>
/// <param name="Cycles">The number of peaks.</param>
/// <param name="FinalOverFirstPeak">S at the last resolution over S at the first peak; null if no instability is
/// resolved.</param>
internal sealed record ProgressiveFlattening(TheilSen Trend, KendallTau Rank, int Cycles, double? FinalOverFirstPeak)
{
    /// <summary>The minimum number of peaks that can show a trend.</summary>
    public const int FewestCycles = 3;

    /// <summary>Measures the trend over instabilities in order; null with fewer than three.</summary>
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
