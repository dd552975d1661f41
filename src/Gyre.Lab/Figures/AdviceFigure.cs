using System.Globalization;
using Gyre.Lab.Claims;
using Gyre.Lab.Quantities;
using ScottPlot;

namespace Gyre.Lab.Figures;

/// <summary>
/// The score of runs against the learning rate, both without a reduction and reduced at each of the moments tried.
/// The recommended way is marked.
/// </summary>
internal static class AdviceFigure
{
    /// <summary>Returns the page; null if no cell is finished.</summary>
    public static FigurePage? Page(SweepReportData data, Advice advice)
    {
        if (data.Groups.Count == 0)
            return null;
        var measure = advice.Score.Measure;
        var panel = new FigurePanel(
            SeriesDrawing.Rates(data.Groups),
            measure.Name,
            300,
            FigureScale.Linear,
            Range([.. data.Groups, .. data.Forks], advice.Score)
        );
        Runs(panel, data, measure);
        Marks(panel, advice);
        OutcomeRegions.Shade(panel, data.Groups);
        panel.Finish();
        return new FigurePage(
            $"{char.ToUpperInvariant(advice.Score.Name[0])}{advice.Score.Name[1..]} against the learning rate",
            "mean over seeds with its 95 % t interval; small circles: single seeds",
            $"{data.Source} · shading and letters: outcome of the runs, M where seeds differ · arrows: bars "
                + "that continue beyond the frame",
            [panel]
        );
    }

    private static (double Low, double High)? Range(IReadOnlyList<SeriesGroup> groups, Score score) =>
        score.IsLoss
            ? SeriesDrawing.Range(
                FigureScale.Linear,
                groups.SelectMany(group => group.GetValues(score.Measure.Get)),
                0.15
            )
            : AccuracyRange.FromGroups(groups);

    /// <summary>
    /// Draws single seeds, and the means of runs without a reduction and by the moment of a reduction.
    /// </summary>
    private static void Runs(FigurePanel panel, SweepReportData data, Measure measure)
    {
        panel.Points(
            "one seed",
            data.Groups.SelectMany(group => group.Sound)
                .Select(cell => (cell.Measures.Cell.LearningRate, measure.Get(cell.Measures))),
            OkabeIto.Gray,
            MarkerShape.OpenCircle,
            5
        );
        SeriesDrawing.Means(panel, "constant learning rate", data.Groups, measure, SeriesStyle.At(0));
        foreach (
            var (number, moment) in data
                .Forks.GroupBy(fork => fork.Cells[0].Measures.Cell.ForkStep)
                .OrderBy(moment => moment.Key)
                .Index()
        )
            SeriesDrawing.Means(
                panel,
                string.Create(CultureInfo.InvariantCulture, $"reduced at step {moment.Key}"),
                moment,
                measure,
                SeriesStyle.At(1 + number),
                0.006 * (1 + number)
            );
    }

    /// <summary>Marks the recommended way and the ways whose score was still rising at the end.</summary>
    private static void Marks(FigurePanel panel, Advice advice)
    {
        double Shown(double score) => advice.Score.IsLoss ? -score : 100 * score;
        if (advice.Recommended is { } best)
            panel.Points(
                "recommended: smallest expected regret",
                [(best.LearningRate, Shown(best.Mean))],
                OkabeIto.Black,
                MarkerShape.OpenDiamond,
                16
            );
        if (
            advice.Tried.Where(one => one.Rising).Select(one => (one.LearningRate, Shown(one.Mean))).ToArray() is
            { Length: > 0 } rising
        )
            panel.Points("still rising at the end", rising, OkabeIto.Orange, MarkerShape.OpenTriangleUp, 13);
    }
}
