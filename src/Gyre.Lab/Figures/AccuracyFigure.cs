using Gyre.Lab.Claims;
using Gyre.Lab.Quantities;
using ScottPlot;

namespace Gyre.Lab.Figures;

/// <summary>
/// Test accuracy and sharpness against the learning rate, with regions shaded by the outcome of the runs.
/// </summary>
internal static class AccuracyFigure
{
    /// <summary>Returns the page; null if no cell is finished.</summary>
    public static FigurePage? Page(SweepReportData data)
    {
        var groups = data.Groups;
        if (groups.Count == 0)
            return null;
        var across = SeriesDrawing.Rates(groups);
        var below = across with { Above = [] };
        List<FigurePanel> panels = [Accuracy(across, groups), .. Enlarged(below, groups), Sharpness(below, groups)];
        foreach (var panel in panels)
            panel.Finish();
        return new FigurePage(
            "Test accuracy and sharpness against the learning rate",
            "mean over seeds with its 95 % t interval; small circles: single seeds",
            $"{data.Source} · shading and letters: outcome of the runs, M where seeds differ · arrows: bars "
                + $"that continue beyond the frame{(data.Forks.Count > 0 ? " · without reduced runs" : "")}",
            [.. panels.Where(panel => !panel.Empty)]
        );
    }

    private static FigurePanel Accuracy(FigureAxis across, IReadOnlyList<SeriesGroup> groups)
    {
        var panel = new FigurePanel(
            across,
            "test accuracy, %",
            260,
            FigureScale.Linear,
            AccuracyRange.FromGroups(groups)
        );
        Draw(panel, groups);
        var below = AccuracyRange.Diverged(groups);
        panel.Points(
            "diverged (no accuracy)",
            groups
                .SelectMany(group => group.Cells)
                .Where(cell => cell.Measures.Diverged)
                .Select(cell => (cell.Measures.Cell.LearningRate, below)),
            OkabeIto.Black,
            MarkerShape.Eks,
            8
        );
        if (groups.All(group => group.Series == groups[0].Series))
            OutcomeRegions.Shade(panel, groups);
        return panel;
    }

    /// <summary>Repeats the best few percent if the whole range hides their differences.</summary>
    private static IEnumerable<FigurePanel> Enlarged(FigureAxis across, IReadOnlyList<SeriesGroup> groups)
    {
        if (AccuracyRange.Best(groups) is not { } best)
            yield break;
        var panel = new FigurePanel(across, "enlarged, %", 200, FigureScale.Linear, best)
        {
            Note = "the best few percent",
        };
        Draw(panel, groups);
        yield return panel;
    }

    private static void Draw(FigurePanel panel, IReadOnlyList<SeriesGroup> groups)
    {
        var series = groups.GroupBy(group => group.Series).ToArray();
        panel.Points(
            "one seed",
            groups
                .SelectMany(group => group.Sound)
                .Select(cell => (cell.Measures.Cell.LearningRate, 100 * cell.Measures.TestAccuracy)),
            OkabeIto.Gray,
            MarkerShape.OpenCircle,
            5
        );
        for (var i = 0; i < series.Length; i++)
            SeriesDrawing.Means(
                panel,
                series[i].Key.Length == 0 ? "mean over seeds" : series[i].Key,
                series[i],
                Measure.TestPercent,
                SeriesStyle.At(i)
            );
    }

    private static FigurePanel Sharpness(FigureAxis across, IReadOnlyList<SeriesGroup> groups)
    {
        var one = groups.GroupBy(group => group.Series).First().ToArray();
        var seen = one.SelectMany(group =>
            group
                .GetValues(cell => cell.PeakSharpness)
                .Concat(group.GetValues(cell => cell.FinalSharpness))
                .Append(group.Sound.Count > 0 ? group.Threshold : double.NaN)
        );
        var panel = new FigurePanel(
            across,
            "sharpness",
            220,
            FigureScale.Logarithmic,
            SeriesDrawing.Range(FigureScale.Logarithmic, seen, 0.1)
        )
        {
            Note = one[0].Series,
        };
        SeriesDrawing.Means(
            panel,
            "peak",
            one,
            Measure.PeakSharpness,
            new(OkabeIto.Vermilion, MarkerShape.FilledTriangleUp)
        );
        SeriesDrawing.Means(
            panel,
            "final (mean of the last fifth)",
            one,
            Measure.FinalSharpness,
            new(OkabeIto.Blue, MarkerShape.FilledCircle)
        );
        if (!panel.Empty)
            panel.Line(
                "threshold",
                one.Where(group => group.Sound.Count > 0).Select(group => (group.LearningRate, group.Threshold)),
                OkabeIto.Black,
                1.6f,
                dashed: true
            );
        return panel;
    }
}
