using Gyre.Lab.Quantities;
using Gyre.Lab.RunFiles;
using ScottPlot;

namespace Gyre.Lab.Figures;

/// <summary>
/// Maps of the overlap of the leading eigenvectors at each pair of bursts, for one run or for a few learning rates of
/// a sweep.
/// </summary>
internal static class OverlapFigure
{
    private const string Bar = "overlap of the leading eigenvectors: 1 the same space, 0 orthogonal";
    private const int MostTicks = 5;
    private const int Size = 300;
    private const double Shortest = 0.1; // minimum length of a mark along the edge, in bursts

    /// <summary>Returns the page of a run; null if its folder has eigenvectors of fewer than two bursts.</summary>
    public static FigurePage? Page(RunFigureData data)
    {
        if (data.Folder is null || OverlapMap.TryRead(data.Folder) is not { } map)
            return null;
        var last = data.Steps.Count > 0 ? data.Steps[^1].Step : map.Steps[^1];
        return Page(data.Name, data.Source, map, data.Cycles, last);
    }

    /// <summary>
    /// Returns the page of a run: the map, and next to it the overlap with the previous burst, with the first and
    /// with the last.
    /// </summary>
    public static FigurePage Page(
        string name,
        string source,
        OverlapMap map,
        IReadOnlyList<InstabilityRecord> cycles,
        double last
    )
    {
        var panel = Map(map, cycles, last, "overlap of any two bursts");
        return new FigurePage(
            $"{name}: overlap of the leading eigenvectors between bursts",
            Subtitle([map]),
            source,
            [panel, Lines(map)]
        )
        {
            Columns = 2,
            ColorBar = Bar,
        };
    }

    /// <summary>Returns the page of a sweep with the available maps; null if there are none.</summary>
    public static FigurePage? Page(SweepReportData data)
    {
        if (data.Maps.Count == 0)
            return null;
        const int Columns = 3;
        var panels = data.Maps.Select(one =>
            Map(one.Map, one.Group.Cells[0].Summary.Cycles, one.Group.Cells[0].Summary.Steps, one.Group.Heading)
        );
        return new FigurePage(
            "Overlap of the leading eigenvectors between bursts",
            $"{Subtitle([.. data.Maps.Select(one => one.Map)])} · first seed of a few groups",
            data.Source,
            [.. panels]
        )
        {
            Columns = Columns,
            ColorBar = Bar,
        };
    }

    private static string Subtitle(IReadOnlyList<OverlapMap> maps)
    {
        var left = maps.Any(map => map.Kept > map.Steps.Count)
            ? FormattableString.Invariant($" · {maps[0].Steps.Count} of {maps[0].Kept} bursts, evenly spaced")
            : "";
        return "at the first step of each burst · orange, along the edges: "
            + $"instabilities{(maps.Any(map => map.Sketched) ? " · from orthonormalized sketches, accurate to about 0.01" : "")}{left}";
    }

    private static FigurePanel Map(OverlapMap map, IReadOnlyList<InstabilityRecord> cycles, double last, string heading)
    {
        var count = map.Steps.Count;
        var edge = 0.045 * count;
        var stride = (count - 1 + MostTicks - 1) / MostTicks;
        var ticks = Enumerable
            .Range(0, count)
            .Where(i => i % stride == 0)
            .Select(i => new AxisLabel(i, FigurePanel.Number(map.Steps[i])))
            .ToArray();
        var across = new FigureAxis("step", FigureScale.Linear, -0.5 - edge, count - 0.5) { Ticks = ticks };
        var panel = new FigurePanel(across, "step", Size, FigureScale.Linear, (-0.5 - edge, count - 0.5))
        {
            Heading = heading,
            IsSquare = true,
            Rows = ticks,
        };
        panel.Map(map.Values);
        foreach (var cycle in cycles)
        {
            var from = Math.Min(Place(map.Steps, cycle.Onset), count - 0.5 - Shortest);
            var to = Math.Min(count - 0.5, Math.Max(Place(map.Steps, cycle.Resolution ?? last), from + Shortest));
            panel.Block(from, to, -0.5 - edge, -0.5 - 0.3 * edge, OkabeIto.Vermilion);
            panel.Block(-0.5 - edge, -0.5 - 0.3 * edge, from, to, OkabeIto.Vermilion);
        }
        panel.Finish();
        return panel;
    }

    /// <summary>
    /// Returns the place of a step on an axis of bursts. The first step of burst i is at i, the middle of its square,
    /// where the axis labels it. Steps between two bursts lie between their places.
    /// </summary>
    internal static double Place(IReadOnlyList<long> steps, double step)
    {
        var after = 0;
        while (after < steps.Count && steps[after] <= step)
            after++;
        if (after == 0)
            return 0;
        var (from, length) = (
            steps[after - 1],
            after < steps.Count ? steps[after] - steps[after - 1] : steps[^1] - steps[^2]
        );
        return Math.Min(steps.Count, after - 1 + (step - from) / length);
    }

    private static FigurePanel Lines(OverlapMap map)
    {
        var end = map.Steps.Count - 1;
        var panel = new FigurePanel(FigureAxis.Steps(map.Steps[^1]), "overlap", Size, FigureScale.Linear, (-0.03, 1.06))
        {
            IsSquare = true,
        };
        IEnumerable<(double, double)> With(Func<int, int> other) =>
            Enumerable
                .Range(0, end + 1)
                .Where(i => other(i) >= 0)
                .Select(i => ((double)map.Steps[i], map.Values[i, other(i)]));
        panel.Line("with the previous burst", With(i => i - 1), OkabeIto.Blue, 1.4f, MarkerShape.FilledCircle);
        panel.Line("with the first burst", With(_ => 0), OkabeIto.Vermilion, 1.4f, MarkerShape.OpenTriangleUp);
        panel.Line("with the last burst", With(_ => end), OkabeIto.Green, 1.4f, MarkerShape.OpenSquare);
        panel.Finish();
        return panel;
    }
}
