using System.Globalization;
using Gyre.Lab.Quantities;

namespace Gyre.Lab.Figures;

/// <summary>Peak sharpness of each instability against its number, with one panel per learning rate.</summary>
internal static class PeaksFigure
{
    private const int MostPanels = 12;

    /// <summary>Returns the page; null if no run without divergence had an instability.</summary>
    public static FigurePage? Page(SweepReportData data)
    {
        var all = data.Groups.Where(group => group.Sound.Any(cell => cell.Summary.Cycles.Length > 0)).ToArray();
        if (all.Length == 0)
            return null;
        var groups = SeriesDrawing.Spread(all, MostPanels);
        var peaks = groups.SelectMany(group => group.Sound).SelectMany(cell => cell.Summary.Cycles).ToArray();
        int[] seeds = [.. data.Plan.Cells.Select(cell => cell.Seed).Distinct().Order()];
        var thresholds = groups.Select(group => 2 / group.LearningRate);
        var range = SeriesDrawing.Range(
            FigureScale.Logarithmic,
            peaks.Select(cycle => cycle.PeakSharpness).Concat(thresholds)
        );
        var across = FigureAxis.Over(
            "number of the instability",
            FigureScale.Linear,
            peaks.Select(cycle => (double)cycle.Number).Append(1).Append(3),
            0.06
        ) with
        {
            Whole = true,
        };
        return new FigurePage(
            "Progressive flattening: peak sharpness of each instability",
            "one line per run",
            $"{data.Source} · learning rates without an instability have no "
                + $"panel{SeriesDrawing.Shown(groups.Count, all.Length, "rates")}",
            [.. groups.Select(group => Panel(group, seeds, across, range))]
        )
        {
            Columns = Math.Min(3, groups.Count),
        };
    }

    private static FigurePanel Panel(
        SeriesGroup group,
        int[] seeds,
        FigureAxis across,
        (double Low, double High)? range
    )
    {
        var panel = new FigurePanel(across, "peak sharpness", 170, FigureScale.Logarithmic, range)
        {
            Heading = group.Heading,
        };
        foreach (var cell in group.Sound)
        {
            var style = SeriesStyle.At(Array.IndexOf(seeds, cell.Measures.Cell.Seed));
            panel.Line(
                string.Create(CultureInfo.InvariantCulture, $"seed {cell.Measures.Cell.Seed}"),
                cell.Summary.Cycles.Select(cycle => ((double)cycle.Number, cycle.PeakSharpness)),
                style.Color,
                1.2f,
                style.Marker,
                size: SeriesDrawing.MarkerSize
            );
        }
        panel.Level("threshold", group.Threshold, OkabeIto.Black);
        panel.Finish();
        return panel;
    }
}
