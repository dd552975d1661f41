using Gyre.Lab.Claims;
using Gyre.Lab.Quantities;
using Gyre.Lab.Statistics;
using ScottPlot;

namespace Gyre.Lab.Figures;

/// <summary>Rank correlations of every measure with test accuracy, raw and with the learning rate held fixed.</summary>
internal static class CorrelationFigure
{
    private const double Apart = 0.17;

    /// <summary>Returns the page; null if there is no correlation.</summary>
    public static FigurePage? Page(SweepReportData data)
    {
        var rows = data
            .Correlations.Where(row => double.IsFinite(row.Raw.Value) || double.IsFinite(row.Partial.Value))
            .ToArray();
        if (rows.Length == 0)
            return null;
        string[] names = [.. rows.Select(row => row.Measure).Distinct().Reverse()];
        FigurePanel[] panels =
        [
            .. rows.Select(row => row.Kind)
                .Distinct()
                .Select(kind => Panel(kind, names, [.. rows.Where(row => row.Kind == kind)])),
        ];
        return new FigurePage(
            "Rank correlations with test accuracy",
            "over runs · bars: 95 % bootstrap intervals, resampled within seeds · partial: controlled for log eta",
            $"{data.Source} · {rows.Max(row => row.Raw.Count)} runs at a constant learning rate that did not diverge",
            panels
        )
        {
            Columns = panels.Length,
            Left = 150,
        };
    }

    private static FigurePanel Panel(RankKind kind, string[] names, CorrelationRow[] rows)
    {
        var across = new FigureAxis("rank correlation, −1 to 1", FigureScale.Linear, -1.08, 1.08);
        var panel = new FigurePanel(across, "", 40 + 34 * names.Length, FigureScale.Linear, (-0.7, names.Length - 0.3))
        {
            Heading = kind == RankKind.Spearman ? "Spearman's rho" : "Kendall's tau-b",
            Rows = [.. names.Select((name, i) => new AxisLabel(i, name))],
        };
        panel.Moment("", 0, OkabeIto.Black);
        Draw(panel, "raw", rows, names, row => row.Raw, Apart, new(OkabeIto.Blue, MarkerShape.FilledCircle));
        Draw(
            panel,
            "partial (log eta)",
            rows,
            names,
            row => row.Partial,
            -Apart,
            new(OkabeIto.Vermilion, MarkerShape.OpenSquare)
        );
        panel.Finish();
        return panel;
    }

    private static void Draw(
        FigurePanel panel,
        string name,
        CorrelationRow[] rows,
        string[] names,
        Func<CorrelationRow, CorrelationTest> of,
        double above,
        SeriesStyle style
    )
    {
        var found = rows.Select(row => (Test: of(row), Y: Array.IndexOf(names, row.Measure) + above))
            .Where(point => double.IsFinite(point.Test.Value))
            .ToArray();
        panel.Spans(found.Select(point => (point.Test.Low, point.Test.High, point.Y)), style.Color);
        panel.Points(name, found.Select(point => (point.Test.Value, point.Y)), style.Color, style.Marker, 7);
    }
}
