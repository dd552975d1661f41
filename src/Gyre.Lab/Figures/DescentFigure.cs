using Gyre.Lab.Dynamics;
using Gyre.Lab.Quantities;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Theory;
using Gyre.Torch;
using ScottPlot;

namespace Gyre.Lab.Figures;

/// <summary>
/// An exact descent over its steps: loss, sharpness against 2/eta, the angle of v1 and rotation, with instabilities
/// shaded.
/// </summary>
internal static class DescentFigure
{
    /// <summary>Returns the page.</summary>
    public static FigurePage Page(ExactStudy study, string source)
    {
        var descent = study.Descent;
        var last = Math.Max(1, descent.Points[^1].Step);
        var across = FigureAxis.Steps(last);
        FigurePanel[] panels =
        [
            Loss(across, descent),
            Sharpness(across, study),
            Angle(across, descent),
            Rotation(across, descent),
        ];
        var spans = descent
            .Cycles.Select(cycle =>
                (From: (double)cycle.Onset, To: (double)(cycle.Resolution ?? last), Even: cycle.Number % 2 == 0)
            )
            .ToArray();
        foreach (var panel in panels)
            panel.Finish(spans);
        var network = descent.Network;
        var title =
            $"Diagonal linear network, depth {network.Depth}, width {network.Width}: "
            + $"{SnakeCase.Spaced(descent.Outcome.Name)}";
        return new FigurePage(
            title,
            $"eta = {FigurePanel.Number(descent.LearningRate)}; {Found(descent.Cycles)} (shading: sharpness ≥ "
                + "2/eta until both it and the loss are back)",
            source,
            panels
        );
    }

    private static string Found(IReadOnlyList<Instability> cycles) =>
        cycles.Count == 0
            ? "no instability"
            : $"{cycles.Count} {Counted.Noun(cycles.Count, "instability", "instabilities")}, "
                + $"{cycles.Count(cycle => cycle.Resolution is not null)} resolved";

    private static FigurePanel Loss(FigureAxis across, ExactDescent descent)
    {
        var panel = new FigurePanel(across, "loss", 150, FigureScale.Logarithmic);
        panel.Line("loss", Over(descent, point => point.Loss), OkabeIto.Blue);
        return panel;
    }

    private static FigurePanel Sharpness(FigureAxis across, ExactStudy study)
    {
        var panel = new FigurePanel(
            across,
            "sharpness",
            180,
            FigureScale.For(study.Descent.Points.Select(point => point.Sharpness))
        );
        panel.Line(
            "sharpness",
            Over(study.Descent, point => point.Sharpness),
            OkabeIto.Blue,
            1.5f,
            MarkerShape.FilledCircle
        );
        panel.Level("threshold 2/eta", study.Descent.Threshold, OkabeIto.Black, 2.2f);
        panel.Level("sharpness at the end of gradient flow", study.Flow.Sharpness, OkabeIto.Green);
        return panel;
    }

    private static FigurePanel Angle(FigureAxis across, ExactDescent descent)
    {
        var panel = new FigurePanel(across, "angle of v1, degrees", 150, FigureScale.Linear);
        panel.Line(
            "to the axis of the sharpest parameter",
            Over(descent, point => 180 / Math.PI * Math.Acos(Math.Sqrt(Math.Min(1, point.SharpestShare)))),
            OkabeIto.Purple,
            1.5f,
            MarkerShape.FilledCircle
        );
        return panel;
    }

    private static FigurePanel Rotation(FigureAxis across, ExactDescent descent)
    {
        var panel = new FigurePanel(across, "rotation of v1", 150, FigureScale.Linear);
        panel.Line(
            "flip (lag 1)",
            Over(descent, point => point.Flip),
            OkabeIto.Vermilion,
            1.5f,
            MarkerShape.FilledTriangleUp
        );
        panel.Line(
            "drift per bounce (lag 2)",
            Over(descent, point => point.DriftPerBounce),
            OkabeIto.Blue,
            1.5f,
            MarkerShape.OpenCircle
        );
        return panel;
    }

    private static IEnumerable<(double X, double Y)> Over(ExactDescent descent, Func<ExactPoint, double> value) =>
        descent.Points.Select(point => ((double)point.Step, value(point)));
}
