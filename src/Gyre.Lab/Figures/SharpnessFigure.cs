using Gyre.Lab.Quantities;

namespace Gyre.Lab.Figures;

/// <summary>Sharpness over its threshold against training time, with one panel per learning rate.</summary>
internal static class SharpnessFigure
{
    private const int MostPanels = 12;

    /// <summary>Returns the page; null if nothing was measured.</summary>
    public static FigurePage? Page(SweepReportData data)
    {
        var all = data.Groups.Where(group => group.Cells.Any(cell => cell.Sharpness.Count > 0)).ToArray();
        if (all.Length == 0)
            return null;
        var groups = SeriesDrawing.Spread(all, MostPanels);
        // Diverged runs set the scale only if there are no others.
        var sound = groups.SelectMany(group => group.Sound).ToArray();
        var ratios = (sound.Length > 0 ? sound : groups.SelectMany(group => group.Cells))
            .SelectMany(Ratios)
            .Select(point => point.Value)
            .Append(1)
            .ToArray();
        var scale = FigureScale.Logarithmic;
        var across = FigureAxis.Over(
            SeriesDrawing.TimeLabel,
            FigureScale.Linear,
            groups.SelectMany(group => group.Cells).SelectMany(Ratios).Select(point => point.Time),
            0.05
        );
        var range = SeriesDrawing.Range(scale, ratios);
        return new FigurePage(
            "Sharpness over threshold against training time",
            "line: mean over seeds · band: smallest to largest · above 1, descent is unstable · inside the "
                + "frames: the outcome",
            $"{data.Source} · at the first step of each burst{SeriesDrawing.Shown(groups.Count, all.Length, "rates")}",
            [.. groups.Select(group => Panel(group, across, scale, range))]
        )
        {
            Columns = Math.Min(3, groups.Count),
        };
    }

    private static FigurePanel Panel(
        SeriesGroup group,
        FigureAxis across,
        FigureScale scale,
        (double Low, double High)? range
    )
    {
        var panel = new FigurePanel(across, "S/threshold", 170, scale, range)
        {
            Heading = group.Heading,
            InnerLabelsBelow = true,
        };
        var cells = group.Sound.Count > 0 ? group.Sound : group.Cells;
        SeriesDrawing.OverTime(
            panel,
            "sharpness over threshold",
            [.. cells.Select(cell => (IReadOnlyList<(double, double)>)[.. Ratios(cell)])],
            SeriesStyle.At(0)
        );
        panel.InnerLabels.Add(
            new AxisLabel(
                across.Scale.Back((across.Low + across.High) / 2),
                group.Outcome.Replace("edge of stability", "edge", StringComparison.Ordinal)
            )
        );
        panel.Level("threshold", 1, OkabeIto.Black);
        panel.Finish();
        return panel;
    }

    private static IEnumerable<(double Time, double Value)> Ratios(CellSeries cell) =>
        cell.Sharpness.Select(point => (point.Time, point.Sharpness / point.Threshold));
}
