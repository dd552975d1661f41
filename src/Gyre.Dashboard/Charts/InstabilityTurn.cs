using Gyre.Dashboard.Reading;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Statistics;

namespace Gyre.Dashboard.Charts;

/// <summary>
/// The rotation of the leading eigenvectors during an instability: means over the training time from its onset to its
/// resolution.
/// </summary>
/// <param name="Mean">Mean of 1 − overlap; NaN if it was not measured.</param>
/// <param name="Low">Mean of the lower ends of the range that the angle error bars allow.</param>
/// <param name="High">Mean of the upper ends.</param>
/// <param name="Count">The number of measurements.</param>
internal readonly record struct InstabilityTurn(double Mean, double Low, double High, int Count)
{
    /// <summary>Returns the mean of one kind of rotation: flip, drift_per_bounce or drift.</summary>
    public static InstabilityTurn FromCycle(RunSnapshot run, InstabilityRecord cycle, string kind)
    {
        var (steps, values, low, high) = (
            run.Curvature[GrowingTable.Step].ToArray(),
            run.Curvature[kind].ToArray(),
            run.Curvature[$"{kind}_low"].ToArray(),
            run.Curvature[$"{kind}_high"].ToArray()
        );
        var places = Enumerable
            .Range(0, values.Length)
            .Where(i =>
                steps[i] >= cycle.Onset && steps[i] <= (cycle.Resolution ?? long.MaxValue) && double.IsFinite(values[i])
            )
            .ToArray();
        var times = places.Select(i => TimeOf(run, steps[i])).ToArray();
        double Mean(double[] of) =>
            TrainingTime.Mean(places.Select((place, i) => ((long)steps[place], times[i], of[place])));
        return places.Length == 0
            ? new InstabilityTurn(double.NaN, double.NaN, double.NaN, 0)
            : new InstabilityTurn(Mean(values), Mean(low), Mean(high), places.Length);
    }

    /// <summary>
    /// Returns the rotation across the instability, between the eigenvectors before it and at its resolution; null if
    /// it is unknown.
    /// </summary>
    public static InstabilityTurn? Across(RunSnapshot run, InstabilityRecord cycle)
    {
        if (
            cycle.Resolution is not { } end
            || !run.Curvature.Has("across")
            || run.Curvature.Steps.BinarySearch((double)end) is not (>= 0 and var place)
        )
            return null;
        double At(string column) => run.Curvature[column].Span[place];
        return double.IsFinite(At("across"))
            ? new InstabilityTurn(At("across"), At("across_low"), At("across_high"), 1)
            : null;
    }

    /// <summary>Returns the training time of a step; the step itself if its row is missing.</summary>
    private static double TimeOf(RunSnapshot run, double step) =>
        run.Steps.Steps.BinarySearch(step) is >= 0 and var place ? run.Steps["time"].Span[place] : step;
}
