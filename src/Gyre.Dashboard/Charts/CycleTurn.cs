using Gyre.Dashboard.Reading;
using Gyre.Lab.Runs;

namespace Gyre.Dashboard.Charts;

/// <summary>How far the leading eigenvectors turned in an instability: means over the measured steps from its onset to its resolution.</summary>
/// <param name="Mean">Mean of 1 − overlap; NaN where none was measured.</param>
/// <param name="Low">Mean of the lower ends that the angle error bars allow.</param>
/// <param name="High">Mean of the upper ends.</param>
/// <param name="Count">Measurements.</param>
internal readonly record struct CycleTurn(double Mean, double Low, double High, int Count)
{
    /// <summary>Of a kind of rotation: flip, drift_per_bounce or drift.</summary>
    public static CycleTurn Of(RunSnapshot run, CycleRecord cycle, string kind)
    {
        var (steps, values, low, high) = (run.Curvature[GrowingTable.Step].ToArray(), run.Curvature[kind].ToArray(), run.Curvature[$"{kind}_low"].ToArray(), run.Curvature[$"{kind}_high"].ToArray());
        var places = Enumerable.Range(0, values.Length).Where(i => steps[i] >= cycle.Onset && steps[i] <= (cycle.Resolution ?? long.MaxValue) && double.IsFinite(values[i])).ToArray();
        return places.Length == 0 ? new CycleTurn(double.NaN, double.NaN, double.NaN, 0) : new CycleTurn(places.Average(i => values[i]), places.Average(i => low[i]), places.Average(i => high[i]), places.Length);
    }
}
