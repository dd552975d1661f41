using System.Globalization;
using Gyre.Lab.Claims;
using ScottPlot;

namespace Gyre.Lab.Reports;

/// <summary>What runs are compared by, against the step size: one rate throughout, and reduced at each of the moments tried; what was recommended is marked.</summary>
internal static class AdviceFigure
{
    /// <summary>The page; null where no cell is finished.</summary>
    public static FigurePage? Page(SweepReportData data, Advice advice)
    {
        if (data.Groups.Count == 0)
            return null;
        double Shown(double score) => advice.Score.IsLoss ? -score : 100 * score;
        double Of(CellMeasures cell) => Shown(advice.Score.Of(cell));
        var panel = new FigurePanel(
            SeriesDrawing.Rates(data.Groups), advice.Score.IsLoss ? $"log10 of the {advice.Score.Name}" : $"{advice.Score.Name}, %", 300, FigureScale.Linear,
            SeriesDrawing.Range(FigureScale.Linear, data.Groups.Concat(data.Forks).SelectMany(group => group.Of(Of)), 0.15));
        panel.Points("one seed", data.Groups.SelectMany(group => group.Sound).Select(cell => (cell.Measures.Cell.LearningRate, Of(cell.Measures))), FigurePanel.Grey, MarkerShape.OpenCircle, 5);
        SeriesDrawing.Means(panel, "one rate throughout", data.Groups, Of, SeriesStyle.At(0));
        foreach (var (number, moment) in data.Forks.GroupBy(fork => fork.Cells[0].Measures.Cell.ForkStep).OrderBy(moment => moment.Key).Index())
            SeriesDrawing.Means(panel, string.Create(CultureInfo.InvariantCulture, $"reduced at step {moment.Key}"), moment, Of, SeriesStyle.At(1 + number), 0.006 * (1 + number));
        if (advice.Recommended is { } best)
            panel.Points(advice.Evidence ? "recommended" : "best of the stable rates, recommended for want of evidence", [(best.LearningRate, Shown(best.Mean))], FigurePanel.Black, MarkerShape.OpenDiamond, 16);
        OutcomeRegions.Shade(panel, data.Groups);
        panel.Finish();
        return new FigurePage(
            $"{char.ToUpperInvariant(advice.Score.Name[0])}{advice.Score.Name[1..]} against the step size", "mean over seeds with its 95 % t interval; small circles: single seeds",
            $"{data.Source} · shaded and lettered: what became of the runs; M where seeds differ · bars that leave a frame go on", [panel]);
    }
}
