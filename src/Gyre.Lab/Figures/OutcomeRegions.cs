using Gyre.Lab.Dynamics;
using Gyre.Lab.RunFiles;

namespace Gyre.Lab.Figures;

/// <summary>A stretch of the axis of step sizes in which one thing became of the runs.</summary>
/// <param name="Kind">An outcome, or mixed where seeds differ.</param>
/// <param name="From">Left end, as a place of the axis.</param>
/// <param name="To">Right end.</param>
internal readonly record struct OutcomeRegion(string Kind, double From, double To);

/// <summary>What became of the runs, as lettered regions of the axis of step sizes.</summary>
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

    /// <summary>The outcomes there are, and mixed.</summary>
    public static IReadOnlyCollection<string> Kinds => Regions.Keys;

    /// <summary>What a kind is called where there is no room for its name.</summary>
    public static string Letter(string kind) =>
        Regions.TryGetValue(kind, out var region) ? region.Letter : Regions[Mixed].Letter;

    /// <summary>
    /// From half way to the group before to half way to the one after; neighbors of one kind are one region.
    /// </summary>
    /// <param name="groups">By rising place.</param>
    /// <param name="place">Of a group on the axis.</param>
    /// <param name="low">Left end of the axis.</param>
    /// <param name="high">Right end.</param>
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
