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
            "Each small circle is one run. Regions show what became of the runs by the rules below; accuracy "
                + "that rises into the unstable regions and falls beyond them is the Goldilocks claim (C3).",
            AccuracyFigure.Page
        ),
        new(
            "sharpness",
            "Where the line is above 1 gradient descent is unstable along the sharpest direction. Training "
                + "time, not steps, so that rates can be compared.",
            SharpnessFigure.Page
        ),
        new(
            "rotation",
            "Lags are apart because they tell different stories: at the edge of stability eigenvectors flip "
                + "from step to step and hardly drift over two (C1).",
            RotationFigure.Page
        ),
        new("peaks", "Falling lines are progressive flattening (C2).", PeaksFigure.Page),
        new(
            "ladder",
            "The paper's own measure of flattening: the longer the rate was large, the lower sharpness "
                + "climbs once it is small (C2d), and what accuracy that brings at equal training loss (C3c).",
            LadderFigure.Page
        ),
        new(
            "reductions",
            "Whether the flatness won at a large rate stays after the rate is reduced (C2), and whether "
                + "accuracy is won by it (C3).",
            ReductionFigure.Page
        ),
        new(
            "correlations",
            "Sharpness follows the learning rate, so that a raw correlation finds the sweep's own axis "
                + "again; the partial ones hold the rate fixed (C4).",
            CorrelationFigure.Page
        ),
        new(
            "overlap",
            "A light square along the diagonal is a time in which the leading eigenvectors stayed; dark "
                + "beside it, they had turned away.",
            OverlapFigure.Page
        ),
    ];
}
