namespace Gyre.Lab.Clusters;

/// <summary>One cell or calibration, as a cluster sees it.</summary>
/// <param name="Name">Folder of the cell, or id of the calibration.</param>
/// <param name="Spec">Resolved, as TOML.</param>
/// <param name="Seconds">Estimated; NaN where nothing is known.</param>
/// <param name="Parent">The part that it starts after, or null.</param>
internal sealed record ClusterPart(string Name, string Spec, double Seconds, string? Parent = null);

/// <summary>Lays parts into tasks. Pure.</summary>
internal static class Packing
{
    /// <summary>
    /// What a task should take at least: a scheduler starts about three tasks a second, and each has a start of its
    /// own. Default: chosen.
    /// </summary>
    public const double WorthwhileSeconds = 60;

    /// <summary>
    /// Parts a task at most, where the number is not given: what a dead node takes with it stays small.
    /// </summary>
    public const int MostParts = 50;

    /// <summary>Parts in waves: those of a wave need only parts of the waves before.</summary>
    public static IReadOnlyList<IReadOnlyList<ClusterPart>> Waves(IReadOnlyList<ClusterPart> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        var byName = parts.ToDictionary(part => part.Name);
        int Depth(ClusterPart part) =>
            part.Parent is { } parent && byName.TryGetValue(parent, out var above) ? 1 + Depth(above) : 0;
        return [.. parts.GroupBy(Depth).OrderBy(wave => wave.Key).Select(wave => wave.ToArray())];
    }

    /// <summary>Parts of one wave as units, longest first, so that what ends last is short.</summary>
    /// <param name="wave">In any order.</param>
    /// <param name="pack">Parts a unit; null: as many as take <see cref="WorthwhileSeconds"/> together.</param>
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
            // A sum with NaN is never below: what is unknown stays alone.
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
