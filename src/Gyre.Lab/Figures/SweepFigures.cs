namespace Gyre.Lab.Figures;

/// <summary>A figure of a sweep's report.</summary>
/// <param name="Name">Name of the files, without an extension.</param>
/// <param name="Caption">Explains how to read the figure.</param>
/// <param name="Page">Draws the page; null if the sweep lacks the data.</param>
internal sealed record SweepFigure(string Name, string Caption, Func<SweepReportData, FigurePage?> Page);

/// <summary>The figures of a sweep's report, in order. A figure is one file and one line here.</summary>
internal static class SweepFigures
{
    public static IReadOnlyList<SweepFigure> Catalog { get; } =
    [
        new(
            "accuracy",
            "Each small circle is one run. Regions show the outcome of the runs, as defined in the report. Accuracy "
                + "that rises into the unstable regions and falls beyond them supports the Goldilocks claim (C3).",
            AccuracyFigure.Page
        ),
        new(
            "sharpness",
            "If the line is above 1, gradient descent is unstable along the sharpest direction. The axis is training "
                + "time, not steps, so that learning rates can be compared.",
            SharpnessFigure.Page
        ),
        new(
            "rotation",
            "Lags are drawn separately because they measure different things: at the edge of stability, eigenvectors flip "
                + "from step to step and hardly drift over two steps (C1).",
            RotationFigure.Page
        ),
        new("peaks", "Falling lines are progressive flattening (C2).", PeaksFigure.Page),
        new(
            "ladder",
            "The paper's own measure of flattening: the longer the learning rate was large, the lower sharpness "
                + "climbs once it is small (C2d). The third panel shows test accuracy at equal training loss (C3c).",
            LadderFigure.Page
        ),
        new(
            "reductions",
            "Shows whether the flatness gained at a large learning rate remains after the reduction (C2), and whether "
                + "accuracy improves with it (C3).",
            ReductionFigure.Page
        ),
        new(
            "correlations",
            "Sharpness follows the learning rate, so a raw correlation only reproduces the sweep's own "
                + "axis. The partial correlations control for the learning rate (C4).",
            CorrelationFigure.Page
        ),
        new(
            "overlap",
            "A light square along the diagonal is a period in which the leading eigenvectors stayed the same. Dark "
                + "areas next to it mean that they had turned away.",
            OverlapFigure.Page
        ),
    ];
}
