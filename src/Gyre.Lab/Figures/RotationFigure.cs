using Gyre.Lab.Claims;
using Gyre.Lab.Quantities;
using ScottPlot;

namespace Gyre.Lab.Figures;

/// <summary>
/// Rotation of the leading eigenvectors against the learning rate, on a linear and on a logarithmic axis, with the
/// rotation measured when nothing turned.
/// </summary>
internal static class RotationFigure
{
    private const double Apart = 0.006; // share of the axis

    private static readonly (string Name, Measure Measure, SeriesStyle Style)[] Kinds =
    [
        ("flip (lag 1)", Measure.Flip, new(OkabeIto.Vermilion, MarkerShape.FilledTriangleUp)),
        ("drift per bounce (lag 2)", Measure.DriftPerBounce, new(OkabeIto.Green, MarkerShape.FilledSquare)),
        ("drift (between bursts)", Measure.Drift, new(OkabeIto.Blue, MarkerShape.FilledCircle)),
        ("re-solve baseline", Measure.Baseline, new(OkabeIto.Purple, MarkerShape.Cross)),
    ];

    /// <summary>Returns the page; null if no rotation was measured.</summary>
    public static FigurePage? Page(SweepReportData data)
    {
        var groups = data
            .Groups.Where(group => Kinds.Any(kind => group.GetValues(kind.Measure.Get).Length > 0))
            .ToArray();
        if (groups.Length == 0)
            return null;
        var across = SeriesDrawing.Rates(groups);
        var smallest = Kinds
            .SelectMany(kind => groups.SelectMany(group => group.GetValues(kind.Measure.Get)))
            .Where(value => value > 0)
            .DefaultIfEmpty(0.01)
            .Min();
        FigurePanel[] panels =
        [
            Panel(new FigurePanel(across, "rotation, 1 − overlap", 260, FigureScale.Linear, (-0.03, 1.06)), groups),
            Panel(
                new FigurePanel(
                    across with
                    {
                        Above = [],
                    },
                    "rotation",
                    220,
                    FigureScale.Logarithmic,
                    (Math.Max(smallest / 3, 1e-12), 2)
                ),
                groups
            ),
        ];
        return new FigurePage(
            "Rotation of the leading eigenvectors against the learning rate",
            "mean over the measurements of a run, then over seeds, with 95 % t intervals (displaced sideways) · 0: the "
                + "same space, 1: orthogonal",
            $"{data.Source} · dashed: random spaces, 1 − k/n{Notes(data, groups)}",
            panels
        );
    }

    private static FigurePanel Panel(FigurePanel panel, SeriesGroup[] groups)
    {
        var series = groups.GroupBy(group => group.Series).ToArray();
        for (var kind = 0; kind < Kinds.Length; kind++)
        {
            var (name, measure, style) = Kinds[kind];
            for (var i = 0; i < series.Length; i++)
                SeriesDrawing.Means(
                    panel,
                    series.Length == 1 ? name : $"{name}, {series[i].Key}",
                    series[i],
                    measure,
                    series.Length == 1 ? style : style with { Marker = SeriesStyle.At(i).Marker },
                    Apart * (kind - (Kinds.Length - 1) / 2.0)
                );
        }
        if (
            groups.SelectMany(group => group.Cells).Select(cell => cell.Chance).FirstOrDefault(double.IsFinite)
            is var chance
                and > 0
        )
            panel.Level("random spaces", chance, OkabeIto.Black);
        panel.Finish();
        return panel;
    }

    private static string Notes(SweepReportData data, SeriesGroup[] groups) =>
        (
            groups.Any(group => group.GetValues(cell => cell.Baseline).Length > 0)
                ? " · baseline: two solves at one step"
                : ""
        ) + (data.Finished.Any(cell => cell.Measures.Diverged) ? " · without diverged runs" : "");
}
