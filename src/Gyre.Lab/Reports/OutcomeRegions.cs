namespace Gyre.Lab.Reports;

/// <summary>What became of the runs, as lettered regions of the axis of step sizes.</summary>
internal static class OutcomeRegions
{
    private static readonly Dictionary<string, (string Letter, string Color)> Regions = new()
    {
        ["stable"] = ("S", "#DCEBF7"),
        ["edge of stability"] = ("E", "#CDEBDD"),
        ["catapult"] = ("C", "#FBE3B5"),
        ["resolved"] = ("R", "#F2E0EE"),
        ["unresolved"] = ("U", "#F8D3BF"),
        ["diverged"] = ("D", "#D4D4D4"),
        ["unmeasured"] = ("?", "#FFFFFF"),
        ["mixed"] = ("M", "#F1F1E2"),
    };

    /// <summary>From half way to the group before to half way to the one after, on the axis; neighbours of one kind are one region.</summary>
    public static void Shade(FigurePanel panel, IReadOnlyList<SeriesGroup> groups)
    {
        double[] places = [.. groups.Select(group => panel.Across.Scale.Map(group.LearningRate))];
        var from = panel.Across.Low;
        for (var i = 0; i < groups.Count; i++)
        {
            var kind = Kind(groups[i]);
            if (i + 1 < groups.Count && Kind(groups[i + 1]) == kind)
                continue;
            var to = i + 1 < groups.Count ? (places[i] + places[i + 1]) / 2 : panel.Across.High;
            panel.Region(kind, Regions[kind].Letter, from, to, Regions[kind].Color);
            from = to;
        }
    }

    private static string Kind(SeriesGroup group) => Regions.ContainsKey(group.Outcome) ? group.Outcome : "mixed";
}
