using Gyre.Lab.Dynamics;
using Gyre.Lab.Quantities;
using Gyre.Lab.RunFiles;
using ScottPlot;

namespace Gyre.Lab.Figures;

/// <summary>
/// The panels of a run's figure. Each has the quantities of <see cref="QuantityCatalog"/> that name it, and its own
/// additions.
/// </summary>
internal static class RunPanels
{
    private const float EventSize = 8;

    /// <summary>Draws a panel, which is empty if none of its quantities was measured.</summary>
    public static FigurePanel Draw(QuantityPanel panel, FigureAxis across, RunFigureData data)
    {
        // The threshold is drawn over the others and does not extend the axis.
        var drawn = QuantityCatalog.DrawnIn(panel).Where(one => one != QuantityCatalog.Threshold).ToArray();
        var family = QuantityCatalog.Eigenvalues.Panel == panel ? QuantityCatalog.Eigenvalues : null;
        var figure = new FigurePanel(
            across,
            panel.PaperLabel,
            panel.PaperHeight,
            Scale(panel, drawn, family, data),
            panel.PaperRange
        );
        if (family is not null)
            Add(figure, family, data.Curvature);
        foreach (var quantity in drawn)
            Add(figure, quantity, data);
        if (panel == QuantityPanel.Sharpness)
            FinishSharpness(figure, data);
        if (panel == QuantityPanel.Rotation)
            figure.Note = Chance(data.Curvature);
        return figure;
    }

    private static FigureScale Scale(
        QuantityPanel panel,
        IReadOnlyList<Quantity> drawn,
        QuantityFamily? family,
        RunFigureData data
    )
    {
        if (panel.Logarithmic)
            return FigureScale.Logarithmic;
        if (panel.PaperRange is not null)
            return FigureScale.Linear;
        return FigureScale.For(
            drawn
                .SelectMany(quantity => Points(quantity, data).Select(point => point.Measured.Value))
                .Concat(family is null ? [] : data.Curvature.SelectMany(family.Read))
        );
    }

    private static IEnumerable<(double Step, MeasuredValue Measured)> Points(Quantity quantity, RunFigureData data)
    {
        var points = quantity.FromMeasurement is { } ofMeasurement
            ? data.Curvature.Select(record => ((double)record.Step, ofMeasurement(record)))
            : data.Steps.Select(step => ((double)step.Step, quantity.FromStep!(step)));
        return points.Select(point => (point.Item1, Shown(quantity, point.Item2)));
    }

    private static MeasuredValue Shown(Quantity quantity, MeasuredValue measured) =>
        new(quantity.Factor * measured.Value, quantity.Factor * measured.Low, quantity.Factor * measured.High);

    private static void Add(FigurePanel figure, Quantity quantity, RunFigureData data)
    {
        var line = quantity.Line!;
        if (line.Shape == QuantityShape.Bursts)
        {
            figure.Bursts(
                line.PaperName,
                data.Curvature,
                record => Shown(quantity, quantity.FromMeasurement!(record)).Value,
                line.Color,
                line.Width,
                Mark(line.Mark)
            );
            return;
        }
        var points = Points(quantity, data).Where(point => !double.IsNaN(point.Measured.Value)).ToArray();
        var values = points.Select(point => (point.Step, point.Measured.Value));
        if (line.Shape is QuantityShape.Events or QuantityShape.Marks)
        {
            figure.Points(line.PaperName, values, line.Color, Mark(line.Mark), EventSize);
            return;
        }
        if (quantity.Band.Length > 0)
            figure.Band(points.Select(point => (point.Step, point.Measured.Low, point.Measured.High)), line.Color);
        figure.Line(
            line.PaperName,
            values,
            line.Color,
            line.Width,
            Mark(line.Mark),
            steps: line.Shape == QuantityShape.Held
        );
    }

    /// <summary>
    /// Draws the largest members of the family and, if there are more, the last one. There is no room for those in
    /// between.
    /// </summary>
    private static void Add(FigurePanel figure, QuantityFamily family, IReadOnlyList<CurvatureRecord> curvature)
    {
        var count = curvature.Count == 0 ? 0 : curvature.Max(record => family.Read(record).Count);
        for (var i = 0; i < Math.Min(count, QuantityFamily.MostDrawn); i++)
        {
            var index = i;
            figure.Bursts(
                family.Legend(index),
                curvature,
                record => family.At(record, index),
                OkabeIto.At(index),
                Math.Max(1f, 1.8f - 0.25f * index)
            );
        }
        if (count > QuantityFamily.MostDrawn)
            figure.Bursts(
                family.Legend(count - 1),
                curvature,
                record => family.At(record, count - 1),
                OkabeIto.Gray,
                1f
            );
    }

    private static void FinishSharpness(FigurePanel figure, RunFigureData data)
    {
        if (data.Curvature.Count == 0)
            return;
        var line = QuantityCatalog.Threshold.Line!;
        figure.Line(line.PaperName, Thresholds(data), line.Color, line.Width, steps: true);
        if (
            data.Curvature.Where(record => double.IsFinite(record.Sharpness)).MaxBy(record => record.Sharpness) is
            { } peak
        )
            figure.Note = $"largest {FigurePanel.Number(peak.Sharpness)} at step {FigurePanel.Number(peak.Step)}";
    }

    private static IEnumerable<(double, double)> Thresholds(RunFigureData data)
    {
        double[] steps = [.. data.Steps.Select(step => (double)step.Step)];
        return steps.Zip(
            ThresholdLine.AtEachStep(
                steps,
                [.. data.Steps.Select(step => step.LearningRate)],
                [.. data.Curvature.Select(record => (double)record.Step)],
                [.. data.Curvature.Select(record => record.Threshold)]
            )
        );
    }

    private static string Chance(IReadOnlyList<CurvatureRecord> curvature) =>
        curvature.SelectMany(QuantityCatalog.Turned).Select(turned => turned.Rotation).FirstOrDefault() is { } first
            ? $"random spaces: 1 − {FigurePanel.Number(first.Chance)}"
            : "";

    private static MarkerShape Mark(QuantityMark mark) =>
        mark switch
        {
            QuantityMark.Disc => MarkerShape.FilledCircle,
            QuantityMark.Ring => MarkerShape.OpenCircle,
            QuantityMark.Triangle => MarkerShape.FilledTriangleUp,
            QuantityMark.Square => MarkerShape.FilledSquare,
            QuantityMark.OpenSquare => MarkerShape.OpenSquare,
            QuantityMark.OpenDiamond => MarkerShape.OpenDiamond,
            QuantityMark.Cross => MarkerShape.Cross,
            _ => MarkerShape.None,
        };
}
