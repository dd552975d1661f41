using Gyre.Lab.Dynamics;
using Gyre.Lab.RunFiles;

namespace Gyre.Lab.Figures;

/// <summary>A stretch of the learning rate axis whose groups have the same outcome.</summary>
/// <param name="Kind">An outcome, or "mixed" if seeds differ.</param>
/// <param name="From">Left end, as a place of the axis.</param>
/// <param name="To">Right end, as a place of the axis.</param>
internal readonly record struct OutcomeRegion(string Kind, double From, double To);

/// <summary>The outcomes of the runs, as lettered regions of the learning rate axis.</summary>
internal static class OutcomeRegions
{
    private const string Mixed = "mixed";

    private static readonly Dictionary<string, (string Letter, string Color)> Regions = new()
    {
        [OutcomeNames.Stable] = ("S", "#DCEBF7"),
        [SnakeCase.Spaced(OutcomeNames.EdgeOfStability)] = ("E", "#CDEBDD"),
        [OutcomeNames.Catapult] = ("C", "#FBE3B5"),
        [OutcomeNames.Resolved] = ("R", "#F2E0EE"),
        [OutcomeNames.Unresolved] = ("U", "#F8D3BF"),
        [OutcomeNames.Diverged] = ("D", "#D4D4D4"),
        [OutcomeNames.Unmeasured] = ("?", "#FFFFFF"),
        [Mixed] = ("M", "#F1F1E2"),
    };

    /// <summary>The kinds of region: the outcomes, and "mixed".</summary>
    public static IReadOnlyCollection<string> Kinds => Regions.Keys;

    /// <summary>Returns the letter of a kind, for use where its name does not fit.</summary>
    public static string Letter(string kind) =>
        Regions.TryGetValue(kind, out var region) ? region.Letter : Regions[Mixed].Letter;

    /// <summary>
    /// Returns the regions. Each group covers the axis from halfway to the previous group to halfway to the next.
    /// Neighbors of one kind form one region.
    /// </summary>
    /// <param name="groups">The groups in increasing order of place.</param>
    /// <param name="place">Returns the place of a group on the axis.</param>
    /// <param name="low">Left end of the axis.</param>
    /// <param name="high">Right end of the axis.</param>
    public static IReadOnlyList<OutcomeRegion> Find(
        IReadOnlyList<SeriesGroup> groups,
        Func<SeriesGroup, double> place,
        double low,
        double high
    )
    {
        ArgumentNullException.ThrowIfNull(groups);
        var (regions, places, from) = (new List<OutcomeRegion>(), groups.Select(place).ToArray(), low);
        for (var i = 0; i < groups.Count; i++)
        {
            var kind = Kind(groups[i]);
            if (i + 1 < groups.Count && Kind(groups[i + 1]) == kind)
                continue;
            var to = i + 1 < groups.Count ? (places[i] + places[i + 1]) / 2 : high;
            regions.Add(new OutcomeRegion(kind, from, to));
            from = to;
        }
        return regions;
    }

    internal static void Shade(FigurePanel panel, IReadOnlyList<SeriesGroup> groups)
    {
        foreach (
            var region in Find(
                groups,
                group => panel.Across.Scale.Map(group.LearningRate),
                panel.Across.Low,
                panel.Across.High
            )
        )
            panel.Region(region.Kind, Regions[region.Kind].Letter, region.From, region.To, Regions[region.Kind].Color);
    }

    private static string Kind(SeriesGroup group) => Regions.ContainsKey(group.Outcome) ? group.Outcome : Mixed;
}
