using Gyre.Lab.Dynamics;
using Gyre.Lab.Quantities;
using Gyre.Lab.RunFiles;
using ScottPlot;

namespace Gyre.Lab.Figures;

/// <summary>
/// The self-stabilization of a run: the loop of displacement and sharpness, the terms that drive sharpness, and how
/// well three numbers predict it.
/// </summary>
internal static class StabilizationFigure
{
    private const int Left = 84;
    private const int Height = 300;

    /// <summary>Returns the page of a run; null if self-stabilization was not measured.</summary>
    public static FigurePage? Page(RunFigureData data) => Page(data.Name, data.Source, data.Curvature);

    /// <summary>Returns the page; null if self-stabilization was not measured.</summary>
    public static FigurePage? Page(string name, string source, IReadOnlyList<CurvatureRecord> curvature)
    {
        var measured = curvature.Where(record => record.SelfStabilisation is not null).ToArray();
        if (measured.Length == 0)
            return null;
        return new FigurePage(
            $"{name}: self-stabilisation at the edge of stability",
            "x: displacement along v1; S and alpha = −∇L·∇S: at the floor of the valley, x = 0. If alpha "
                + "> 0, descent sharpens; a bounce flattens by beta·x²/2",
            source,
            [Loop(measured), Displacement(measured), Alpha(measured), Changes(measured)]
        )
        {
            Columns = 2,
            Left = Left,
        };
    }

    private static FigurePanel Loop(CurvatureRecord[] measured)
    {
        var across = FigureAxis.Over(
            "S at the floor − 2/eta",
            FigureScale.For(measured.Select(record => record.SelfStabilisation!.Distance)),
            measured.Select(record => record.SelfStabilisation!.Distance)
        );
        var panel = new FigurePanel(across, "|x|", Height, FigureScale.Logarithmic);
        var points = measured
            .Select(record => (record.SelfStabilisation!.Distance, Math.Abs(record.SelfStabilisation.Displacement)))
            .ToArray();
        panel.Curve("step by step", points, OkabeIto.Sky, 0.7f);
        panel.Points("measured", points, OkabeIto.Blue, MarkerShape.FilledCircle, 3);
        panel.Points("first", points.Take(1), OkabeIto.Vermilion, MarkerShape.FilledSquare, 9);
        panel.Points("last", points.TakeLast(1), OkabeIto.Vermilion, MarkerShape.FilledTriangleUp, 9);
        panel.Moment("2/eta", 0, OkabeIto.Black);
        panel.Finish();
        return panel;
    }

    private static FigurePanel Displacement(CurvatureRecord[] measured)
    {
        var panel = new FigurePanel(
            FigureAxis.Steps(Math.Max(1, measured[^1].Step)),
            "|x|",
            Height,
            FigureScale.Logarithmic
        );
        panel.Line(
            "displacement",
            measured.Select(record => ((double)record.Step, Math.Abs(record.SelfStabilisation!.Displacement))),
            OkabeIto.Blue,
            1.2f
        );
        panel.Line(
            "solution of alpha = beta·x²/2",
            measured.Select(record => ((double)record.Step, FixedPoint(record.SelfStabilisation!))),
            OkabeIto.Green,
            1.2f,
            MarkerShape.OpenDiamond
        );
        panel.Finish();
        return panel;
    }

    private static double FixedPoint(StabilizationRecord found) =>
        found is { Alpha: > 0, Beta: > 0 } ? Math.Sqrt(2 * found.Alpha / found.Beta) : double.NaN;

    private static FigurePanel Alpha(CurvatureRecord[] measured)
    {
        var panel = new FigurePanel(
            FigureAxis.Steps(Math.Max(1, measured[^1].Step)),
            "change of S per unit of eta",
            Height,
            FigureScale.For(
                measured.SelectMany(record => new[] { record.SelfStabilisation!.Alpha, record.SelfStabilisation.Drive })
            )
        );
        panel.Line(
            "alpha",
            measured.Select(record => ((double)record.Step, record.SelfStabilisation!.Alpha)),
            OkabeIto.Vermilion,
            1.5f,
            MarkerShape.FilledTriangleUp
        );
        panel.Line(
            "alpha − beta·x²/2",
            measured.Select(record => ((double)record.Step, record.SelfStabilisation!.Drive)),
            OkabeIto.Blue,
            1.2f,
            MarkerShape.OpenCircle
        );
        panel.Level("0", 0, OkabeIto.Black, 0.8f);
        panel.Finish();
        return panel;
    }

    private static FigurePanel Changes(CurvatureRecord[] measured)
    {
        var changes = SelfStabilization.Changes([
            .. measured
                .Where(record => Math.Abs(record.Sharpness / record.Threshold - 1) <= Outcome.EdgeBand)
                .Select(record =>
                    (record.Step, record.Threshold, record.SelfStabilisation!.Distance, record.SelfStabilisation.Drive)
                ),
        ]);
        var scale = FigureScale.For(changes.SelectMany(change => new[] { change.Predicted, change.Seen }));
        var across = FigureAxis.Over(
            "predicted change of S at the floor per step",
            scale,
            changes.Select(change => change.Predicted)
        );
        var panel = new FigurePanel(across, "observed change", Height, scale);
        panel.Points(
            "consecutive steps within 15 % of 2/eta",
            changes.Select(change => (change.Predicted, change.Seen)),
            OkabeIto.Blue,
            MarkerShape.OpenCircle,
            4
        );
        if (changes.Count > 0)
        {
            var (low, high) = (changes.Min(change => change.Predicted), changes.Max(change => change.Predicted));
            panel.Curve(
                "equal to the prediction",
                Enumerable.Range(0, 101).Select(i => low + i * (high - low) / 100).Select(value => (value, value)),
                OkabeIto.Black,
                1
            );
        }
        panel.Finish();
        return panel;
    }
}
