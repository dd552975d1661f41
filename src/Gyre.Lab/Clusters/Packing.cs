namespace Gyre.Lab.Clusters;

/// <summary>One cell or calibration, as submitted to a cluster.</summary>
/// <param name="Name">The folder of the cell, or the id of the calibration.</param>
/// <param name="Spec">The resolved spec, as TOML.</param>
/// <param name="Seconds">The estimated duration; NaN if unknown.</param>
/// <param name="Parent">The part that must end before this one starts, or null.</param>
internal sealed record ClusterPart(string Name, string Spec, double Seconds, string? Parent = null);

/// <summary>Packs parts into tasks. Pure.</summary>
internal static class Packing
{
    /// <summary>
    /// The least time that a task should take: a scheduler starts about three tasks per second, and each task has its
    /// own startup cost. Default: chosen.
    /// </summary>
    public const double WorthwhileSeconds = 60;

    /// <summary>
    /// The maximum number of parts per task if the number is not given; it limits what a dead node takes with it.
    /// </summary>
    public const int MostParts = 50;

    /// <summary>Groups parts into waves; the parts of a wave depend only on parts of earlier waves.</summary>
    public static IReadOnlyList<IReadOnlyList<ClusterPart>> Waves(IReadOnlyList<ClusterPart> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        var byName = parts.ToDictionary(part => part.Name);
        int Depth(ClusterPart part) =>
            part.Parent is { } parent && byName.TryGetValue(parent, out var above) ? 1 + Depth(above) : 0;
        return [.. parts.GroupBy(Depth).OrderBy(wave => wave.Key).Select(wave => wave.ToArray())];
    }

    /// <summary>
    /// Packs the parts of one wave into units, longest first, so that the last ones to end are short.
    /// </summary>
    /// <param name="wave">The parts, in any order.</param>
    /// <param name="pack">Parts per unit; null for as many as take <see cref="WorthwhileSeconds"/> together.</param>
    public static IReadOnlyList<IReadOnlyList<ClusterPart>> Units(IReadOnlyList<ClusterPart> wave, int? pack)
    {
        ArgumentNullException.ThrowIfNull(wave);
        var sorted = wave.OrderByDescending(part => double.IsFinite(part.Seconds) ? part.Seconds : double.MaxValue)
            .ToArray();
        return pack is { } size ? [.. sorted.Chunk(size)] : Filled(sorted);
    }

    private static List<List<ClusterPart>> Filled(ClusterPart[] sorted)
    {
        var units = new List<List<ClusterPart>>();
        foreach (var part in sorted)
        {
            // A sum with NaN fails the comparison, so a part of unknown duration stays alone.
            if (
                units is [.., var last]
                && last.Count < MostParts
                && last.Sum(one => one.Seconds) + part.Seconds <= WorthwhileSeconds
            )
                last.Add(part);
            else
                units.Add([part]);
        }
        return units;
    }
}
