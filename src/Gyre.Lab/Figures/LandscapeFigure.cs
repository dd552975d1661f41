using System.Globalization;
using Gyre.Lab.Quantities;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Statistics;
using ScottPlot;

namespace Gyre.Lab.Figures;

/// <summary>
/// The losses evaluated by `gyre landscape`: lines with their quadratic model, and planes as filled contours, with
/// the iterates drawn in.
/// </summary>
internal static class LandscapeFigure
{
    private const int Left = 82;
    private const int Bands = 16;
    private const int Finer = 16;

    /// <summary>Returns the page of the lines, side by side.</summary>
    public static FigurePage Lines(LandscapeRecord record, IReadOnlyList<LandscapePoint> points, string source)
    {
        var panels = record
            .Grid.Slices.Where(slice => slice.Axes.Count == 1)
            .Select(slice => Line(record, slice, Losses(slice, points)))
            .ToArray();
        var subtitle = string.Create(
            CultureInfo.InvariantCulture,
            $"through theta({record.Grid.Step}): loss {FigurePanel.Number(record.Loss)}, sharpness "
                + $"{FigurePanel.Number(record.Eigenvalues[0])}{Edge(record)} · points: iterates "
                + $"{record.Grid.First} to {record.Grid.Last} at their own loss, above their projection onto the "
                + $"line"
        );
        return new FigurePage("Loss along the leading eigenvector and along the gradient", subtitle, source, panels)
        {
            Columns = 2,
            Left = Left,
        };
    }

    /// <summary>Returns the page of a plane, with the iterates' distance from it below.</summary>
    public static FigurePage Plane(
        LandscapeRecord record,
        LandscapeSlice slice,
        IReadOnlyList<LandscapePoint> points,
        string source
    )
    {
        var losses = Losses(slice, points);
        var heights = Heights.FromLosses(losses);
        var iterates = record.Iterates[slice.Name];
        return new FigurePage(
            Title(slice),
            Subtitle(record, slice),
            source,
            [Contours(record, slice, losses, heights), Distance(record, iterates), Shadows(record, iterates)]
        )
        {
            Left = Left,
            ColorBar =
                $"loss, in {Bands} bands that are narrower for smaller losses; half of the plane is below "
                + $"{FigurePanel.Number(heights.Median)}",
            ColorEnds = (FigurePanel.Number(heights.High), FigurePanel.Number(heights.Low)),
        };
    }

    private static string Title(LandscapeSlice slice) =>
        slice.Origin == LandscapeSlice.AtStep
            ? "Loss on the plane of the two leading eigenvectors, with projected iterates"
            : "Loss on the principal plane of the trajectory, with projected iterates";

    private static string Edge(LandscapeRecord record) =>
        record.Threshold is { } threshold ? $", threshold {FigurePanel.Number(threshold)}" : "";

    private static string Subtitle(LandscapeRecord record, LandscapeSlice slice) =>
        slice.Origin == LandscapeSlice.AtStep
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"through theta({record.Grid.Step}), eigenvalues {FigurePanel.Number(record.Eigenvalues[0])} "
                    + $"and {FigurePanel.Number(record.Eigenvalues[1])}{Edge(record)} · iterates "
                    + $"{record.Grid.First} to {record.Grid.Last}"
            )
            : string.Create(
                CultureInfo.InvariantCulture,
                $"through the mean of iterates {record.Grid.First} to {record.Grid.Last} · "
                    + $"{Percent.Format(record.VarianceShares[0])} and {Percent.Format(record.VarianceShares[1])} of their "
                    + $"variance"
            );

    private static FigurePanel Line(LandscapeRecord record, LandscapeSlice slice, double[] losses)
    {
        var axis = slice.Axes[0];
        var across = new FigureAxis(
            $"distance along {(axis.Direction == LandscapeAxis.Gradient ? "the gradient" : axis.Direction)}",
            FigureScale.Linear,
            axis.Low,
            axis.High
        );
        var iterates = record.Iterates[slice.Name];
        var seen = losses.Concat(iterates.Select(iterate => iterate.Loss)).ToArray();
        var scale = FigureScale.For(seen);
        var panel = new FigurePanel(across, "loss", 380, scale, SeriesDrawing.Range(scale, seen));
        var places = losses.Select((_, i) => axis.At(i)).ToArray();
        panel.Line(
            "quadratic model",
            places.Select(a => (a, axis.Quadratic(record.Loss, a))),
            OkabeIto.Gray,
            1.5f,
            dashed: true
        );
        panel.Line("loss", places.Zip(losses), OkabeIto.Blue, 2.2f);
        Path(panel, record, iterates, iterate => (iterate.Place[0], iterate.Loss));
        panel.Finish();
        return panel;
    }

    private static FigurePanel Contours(LandscapeRecord record, LandscapeSlice slice, double[] losses, Heights height)
    {
        var (x, y) = (slice.Axes[0], slice.Axes[1]);
        var across = new FigureAxis($"distance along {x.Direction}", FigureScale.Linear, x.Low, x.High);
        var panel = new FigurePanel(across, $"distance along {y.Direction}", 480, FigureScale.Linear, (y.Low, y.High));
        var heights = new double[y.Points, x.Points];
        for (var number = 0; number < losses.Length; number++)
            heights[number / x.Points, number % x.Points] = height.At(losses[number]);
        var bands = Banded(heights);
        var (halfX, halfY) = (
            (x.High - x.Low) / (bands.GetLength(1) - 1) / 2,
            (y.High - y.Low) / (bands.GetLength(0) - 1) / 2
        );
        if (losses.Any(double.IsFinite))
            panel.Map(bands, new CoordinateRect(x.Low - halfX, x.High + halfX, y.Low - halfY, y.High + halfY));
        panel.Curve(
            "",
            record.Iterates[slice.Name].Select(iterate => (iterate.Place[0], iterate.Place[1])),
            OkabeIto.White,
            3.4f
        );
        Path(panel, record, record.Iterates[slice.Name], iterate => (iterate.Place[0], iterate.Place[1]));
        panel.Finish();
        return panel;
    }

    /// <summary>
    /// Draws the iterates, joined in order, and marks the first, the last and the step itself. The step has a white
    /// background, so that it is visible on every color.
    /// </summary>
    private static void Path(
        FigurePanel panel,
        LandscapeRecord record,
        IReadOnlyList<PlacedIterate> iterates,
        Func<PlacedIterate, (double X, double Y)> place
    )
    {
        var step = iterates.Single(iterate => iterate.Step == record.Grid.Step);
        panel.Curve("iterates", iterates.Select(place), OkabeIto.Vermilion, 1.3f, MarkerShape.FilledCircle);
        panel.Points(
            FormattableString.Invariant($"first, {iterates[0].Step}"),
            [place(iterates[0])],
            OkabeIto.Vermilion,
            MarkerShape.FilledSquare,
            10
        );
        panel.Points(
            FormattableString.Invariant($"last, {iterates[^1].Step}"),
            [place(iterates[^1])],
            OkabeIto.Vermilion,
            MarkerShape.FilledTriangleUp,
            11
        );
        panel.Curve("", [place(step)], OkabeIto.White, 0, MarkerShape.FilledDiamond, 17);
        panel.Points(
            FormattableString.Invariant($"step {step.Step}"),
            [place(step)],
            OkabeIto.Black,
            MarkerShape.FilledDiamond,
            12
        );
    }

    private static FigurePanel Distance(LandscapeRecord record, IReadOnlyList<PlacedIterate> iterates)
    {
        var panel = new FigurePanel(Steps(iterates), "distance", 120, FigureScale.Linear);
        panel.Line(
            "from the plane",
            iterates.Select(iterate => ((double)iterate.Step, iterate.Distance)),
            OkabeIto.Purple,
            1.5f,
            MarkerShape.FilledTriangleUp
        );
        panel.Line(
            "from the origin, within the plane",
            iterates.Select(iterate => ((double)iterate.Step, Math.Sqrt(iterate.Place.Sum(one => one * one)))),
            OkabeIto.Green,
            1.5f,
            MarkerShape.OpenCircle
        );
        return Finished(panel, record);
    }

    private static FigurePanel Shadows(LandscapeRecord record, IReadOnlyList<PlacedIterate> iterates)
    {
        var panel = new FigurePanel(
            Steps(iterates),
            "loss",
            120,
            FigureScale.For(iterates.SelectMany(iterate => new[] { iterate.Loss, iterate.ShadowLoss }))
        );
        panel.Line(
            "at the iterate",
            iterates.Select(iterate => ((double)iterate.Step, iterate.Loss)),
            OkabeIto.Vermilion,
            1.5f,
            MarkerShape.FilledCircle
        );
        panel.Line(
            "at its projection onto the plane",
            iterates.Select(iterate => ((double)iterate.Step, iterate.ShadowLoss)),
            OkabeIto.Blue,
            1.5f,
            MarkerShape.OpenSquare
        );
        return Finished(panel, record);
    }

    private static FigurePanel Finished(FigurePanel panel, LandscapeRecord record)
    {
        panel.Moment("", record.Grid.Step, OkabeIto.Black);
        panel.Finish();
        return panel;
    }

    private static FigureAxis Steps(IReadOnlyList<PlacedIterate> iterates) =>
        FigureAxis.Over("step", FigureScale.Linear, iterates.Select(iterate => (double)iterate.Step)) with
        {
            Whole = true,
        };

    private static double[] Losses(LandscapeSlice slice, IReadOnlyList<LandscapePoint> points) =>
        [.. points.Where(point => point.Slice == slice.Name).Select(point => point.Loss)];

    /// <summary>
    /// Interpolates heights from 0 to 1 between the points of the grid, in bands. Low heights are light, so that the
    /// valley is bright. NaN leaves a gap.
    /// </summary>
    private static double[,] Banded(double[,] heights)
    {
        var (rows, columns) = (Finer * (heights.GetLength(0) - 1) + 1, Finer * (heights.GetLength(1) - 1) + 1);
        var bands = new double[rows, columns];
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
                bands[row, column] =
                    1
                    - Math.Min(
                        Bands - 1,
                        Math.Floor(Bands * Between(heights, (double)row / Finer, (double)column / Finer))
                    ) / (Bands - 1);
        }
        return bands;
    }

    /// <summary>Interpolates linearly in each direction.</summary>
    private static double Between(double[,] heights, double row, double column)
    {
        var (r, c) = (Math.Min((int)row, heights.GetLength(0) - 2), Math.Min((int)column, heights.GetLength(1) - 2));
        var (up, right) = (row - r, column - c);
        return (1 - up) * ((1 - right) * heights[r, c] + right * heights[r, c + 1])
            + up * ((1 - right) * heights[r + 1, c] + right * heights[r + 1, c + 1]);
    }

    /// <summary>
    /// Maps losses to heights from 0 to 1 by a power of the loss above the smallest, chosen such that the median lies
    /// in the middle. The bands then divide the walls of a parabola as finely as its floor.
    /// </summary>
    private sealed record Heights(double Low, double Median, double High, double Power)
    {
        private const double Steepest = 0.1; // limits the power if a corner of the plane dwarfs everything else

        public static Heights FromLosses(double[] losses)
        {
            double[] finite = [.. losses.Where(double.IsFinite).DefaultIfEmpty(0).Order()];
            var (low, median, high) = (finite[0], finite[finite.Length / 2], finite[^1]);
            return new Heights(
                low,
                median,
                high,
                median > low && high > median
                    ? Math.Clamp(Math.Log(0.5) / Math.Log((median - low) / (high - low)), Steepest, 1)
                    : 1
            );
        }

        public double At(double loss) => High > Low ? Math.Pow((loss - Low) / (High - Low), Power) : 0 * loss;
    }
}
