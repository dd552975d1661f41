using Gyre.Lab.Quantities;
using Gyre.Lab.Theory;
using ScottPlot;

namespace Gyre.Lab.Figures;

/// <summary>
/// The loss of two parameters, ½(xy − 1)², as a plane with gradient descent on it, next to the imbalance, which every
/// step shrinks.
/// </summary>
internal static class SurfaceFigure
{
    private const int Size = 300;
    private const int Curve = 400;
    private static readonly double[] Levels = [0.02, 0.1, 0.4, 1.2, 3, 8];

    /// <summary>
    /// Returns the page; null unless the network is the two-parameter one, since other losses cannot be drawn on a
    /// plane.
    /// </summary>
    public static FigurePage? Page(ExactStudy study, string source)
    {
        var descent = study.Descent;
        if (descent.Network.Dimension != 2 || descent.Network.Depth != 2 || descent.Network.Targets[0] != 1)
            return null;
        var points = descent.Points.Where(point => point.Theta.All(entry => Math.Abs(entry) < 1e3)).ToArray();
        var subtitle =
            $"descent at eta = {FigurePanel.Number(descent.LearningRate)} from "
            + $"({FigurePanel.Number(points[0].Theta[0])}, {FigurePanel.Number(points[0].Theta[1])}); level "
            + "lines of the loss are hyperbolas";
        return new FigurePage(
            "Two parameters: descent bounces across the valley and slides along it to flatter minima",
            subtitle,
            source,
            [Plane(points, study.Flow), Imbalance(points)]
        )
        {
            Columns = 2,
        };
    }

    private static FigurePanel Plane(ExactPoint[] points, FlowEnd flow)
    {
        var across = FigureAxis.Over(
            "x",
            FigureScale.Linear,
            points.Select(point => point.Theta[0]).Append(flow.Theta[0]),
            0.15
        );
        var ups = points.Select(point => point.Theta[1]).Append(flow.Theta[1]).ToArray();
        var room = Math.Max(0.05, 0.15 * (ups.Max() - ups.Min()));
        var (low, high) = (ups.Min() - room, ups.Max() + room);
        var panel = new FigurePanel(across, "y", Size, FigureScale.Linear, (low, high)) { IsSquare = true };
        foreach (
            var product in Levels.SelectMany(level => new[] { 1 - Math.Sqrt(2 * level), 1 + Math.Sqrt(2 * level) })
        )
            panel.Curve("", Hyperbola(product, across, low, high), OkabeIto.Gray, 0.6f);
        panel.Curve("minima, xy = 1", Hyperbola(1, across, low, high), OkabeIto.Black, 2);
        panel.Curve(
            "descent",
            points.Select(point => (point.Theta[0], point.Theta[1])),
            OkabeIto.Blue,
            0.8f,
            MarkerShape.FilledCircle
        );
        panel.Points(
            "start",
            [(points[0].Theta[0], points[0].Theta[1])],
            OkabeIto.Vermilion,
            MarkerShape.FilledSquare,
            9
        );
        panel.Points(
            "end",
            [(points[^1].Theta[0], points[^1].Theta[1])],
            OkabeIto.Vermilion,
            MarkerShape.FilledTriangleUp,
            9
        );
        panel.Points(
            "end of gradient flow",
            [(flow.Theta[0], flow.Theta[1])],
            OkabeIto.Green,
            MarkerShape.OpenDiamond,
            11
        );
        panel.Finish();
        return panel;
    }

    /// <summary>Returns the points of xy = c within the frame, with a gap between the two branches.</summary>
    private static IEnumerable<(double X, double Y)> Hyperbola(
        double product,
        FigureAxis across,
        double low,
        double high
    ) =>
        from i in Enumerable.Range(0, Curve + 1)
        let x = across.Low + i * (across.High - across.Low) / Curve
        let y = x == 0 ? double.NaN : product / x
        select (x, y >= low && y <= high ? y : double.NaN);

    private static FigurePanel Imbalance(ExactPoint[] points)
    {
        var panel = new FigurePanel(
            FigureAxis.Steps(Math.Max(1, points[^1].Step)),
            "imbalance",
            Size,
            FigureScale.Linear
        )
        {
            IsSquare = true,
        };
        panel.Line(
            "x² − y²",
            points.Select(point =>
                ((double)point.Step, point.Theta[0] * point.Theta[0] - point.Theta[1] * point.Theta[1])
            ),
            OkabeIto.Blue,
            1.5f,
            MarkerShape.FilledCircle
        );
        panel.Level(
            "under gradient flow",
            points[0].Theta[0] * points[0].Theta[0] - points[0].Theta[1] * points[0].Theta[1],
            OkabeIto.Green
        );
        panel.Finish();
        return panel;
    }
}
