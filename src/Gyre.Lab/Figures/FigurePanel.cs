using System.Globalization;
using Gyre.Lab.Quantities;
using Gyre.Lab.RunFiles;
using ScottPlot;
using SkiaSharp;

namespace Gyre.Lab.Figures;

/// <summary>One panel of a figure, in the colors of <see cref="OkabeIto"/>.</summary>
internal sealed partial class FigurePanel
{
    private const int MostPoints = 1800; // at least two per pixel
    private const int MostMarkers = 320;
    private const float TextSize = 12; // 9 pt

    private readonly FigureScale _scale;
    private readonly (double Low, double High)? _range;
    private readonly List<LegendEntry> _legend = [];
    private (double Low, double High) _extent = (double.PositiveInfinity, double.NegativeInfinity);

    /// <summary>Creates an empty panel.</summary>
    /// <param name="across">The horizontal axis. Panels below one another that share it are labeled once.</param>
    /// <param name="label">Label of the vertical axis.</param>
    /// <param name="height">Height of the frame, in pixels.</param>
    /// <param name="scale">Scale of the vertical axis.</param>
    /// <param name="range">Range of the vertical axis as values; null for the range of the data.</param>
    public FigurePanel(
        FigureAxis across,
        string label,
        int height,
        FigureScale scale,
        (double Low, double High)? range = null
    )
    {
        FigureFont.Use();
        (Across, Label, _scale, _range, Height) = (
            across,
            label,
            scale,
            range is { } ends ? (scale.Map(ends.Low), scale.Map(ends.High)) : null,
            height
        );
        // Panels share one canvas, so none may clear it.
        Plot.RenderManager.RenderActions.RemoveAll(action => action is ScottPlot.Rendering.RenderActions.ClearCanvas);
        Plot.FigureBackground.Color = Colors.White;
        Plot.HideLegend();
        Plot.Grid.MajorLineColor = Color.FromHex("#E8E8E8");
        Plot.YLabel(label + scale.Note, TextSize);
        Plot.XLabel(across.Label, TextSize);
        foreach (var axis in (IAxis[])[Plot.Axes.Left, Plot.Axes.Bottom])
        {
            axis.Label.Bold = false;
            axis.TickLabelStyle.FontSize = TextSize;
            axis.FrameLineStyle.Color = Color.FromHex(OkabeIto.Gray);
            axis.MajorTickStyle.Color = Color.FromHex(OkabeIto.Gray);
            axis.MinorTickStyle.Length = 0;
        }
        Plot.Axes.Right.FrameLineStyle.Width = 0;
        Plot.Axes.Top.FrameLineStyle.Width = 0;
    }

    public Plot Plot { get; } = new();

    public FigureAxis Across { get; }

    /// <summary>
    /// Label of the vertical axis. The page writes it once for a row of panels with the same label.
    /// </summary>
    public string Label { get; }

    /// <summary>Names the quantity and the one it is drawn against, for captions.</summary>
    public string Axes => Label.Length == 0 ? Across.Label : $"{Label}{_scale.Note} against {Across.Label}";

    /// <summary>Height of the plot's frame in pixels, unless the panel is square.</summary>
    public int Height { get; }

    /// <summary>
    /// Heading above the frame. If it is not empty, it replaces the legend, which the page then draws once for all
    /// panels.
    /// </summary>
    public string Heading { get; init; } = "";

    /// <summary>Labels of the vertical axis that replace its numbers.</summary>
    public IReadOnlyList<AxisLabel>? Rows { get; init; }

    /// <summary>Whether the frame is as high as it is wide, whatever its height.</summary>
    public bool IsSquare { get; init; }

    /// <summary>Whether the panel has a row of its own.</summary>
    public bool IsWide { get; init; }

    /// <summary>Whether the labels inside the frame are at its lower edge.</summary>
    public bool InnerLabelsBelow { get; init; }

    /// <summary>Labels inside the frame, at its upper edge by default.</summary>
    public IList<AxisLabel> InnerLabels { get; } = [];

    public IReadOnlyList<LegendEntry> Legend => _legend;

    /// <summary>Text at the right end of the legend's line.</summary>
    public string Note { get; set; } = "";

    /// <summary>Whether nothing with a legend entry was drawn.</summary>
    public bool Empty => _legend.Count == 0;

    /// <summary>
    /// Draws a line through the points, decimated for display. With <paramref name="steps"/> each value is held until
    /// the next.
    /// </summary>
    public void Line(
        string name,
        IEnumerable<(double X, double Y)> points,
        string color,
        float width = 1.5f,
        MarkerShape marker = MarkerShape.None,
        bool steps = false,
        bool dashed = false,
        float size = 4
    )
    {
        var (x, y) = Reduced(points);
        if (x.Length == 0)
            return;
        _legend.Add(new LegendEntry(name, color, width, marker, dashed));
        var line = Draw(x, y, color, width, MarkerAmong(x.Length, marker));
        line.MarkerSize = size;
        line.ConnectStyle = steps ? ConnectStyle.StepHorizontal : ConnectStyle.Straight;
        line.LinePattern = dashed && x.Length > 1 ? LinePattern.Dashed : LinePattern.Solid;
    }

    /// <summary>
    /// Returns the marker of a line. Many markers would hide the line, and a single point is invisible without one.
    /// </summary>
    private static MarkerShape MarkerAmong(int points, MarkerShape wanted)
    {
        if (points > MostMarkers)
            return MarkerShape.None;
        return points == 1 && wanted == MarkerShape.None ? MarkerShape.FilledCircle : wanted;
    }

    /// <summary>
    /// Draws a line through all the points in the given order, which need not be that of the horizontal axis. A point
    /// without a place leaves a gap. A line without a name has no legend entry.
    /// </summary>
    public void Curve(
        string name,
        IEnumerable<(double X, double Y)> points,
        string color,
        float width = 1.5f,
        MarkerShape marker = MarkerShape.None,
        float size = 4
    )
    {
        var places = points.Select(point => (X: Across.Scale.Map(point.X), Y: _scale.Map(point.Y))).ToArray();
        foreach (var (_, y) in places.Where(place => double.IsFinite(place.X) && double.IsFinite(place.Y)))
            See(y, y);
        if (name.Length > 0)
            _legend.Add(new LegendEntry(name, color, width, marker));
        Draw(
            [.. places.Select(place => place.X)],
            [.. places.Select(place => place.Y)],
            color,
            width,
            marker
        ).MarkerSize = size;
    }

    /// <summary>
    /// Draws markers without a line, decimated for display. Unlike those of a line, they are drawn even if there are
    /// many.
    /// </summary>
    public void Points(
        string name,
        IEnumerable<(double X, double Y)> points,
        string color,
        MarkerShape marker,
        float size = 6
    )
    {
        var (x, y) = Reduced(points);
        if (x.Length == 0)
            return;
        _legend.Add(new LegendEntry(name, color, 0, marker));
        Draw(x, y, color, 0, marker).MarkerSize = size;
    }

    /// <summary>
    /// Draws horizontal lines at fixed heights from one value to another, with a cap at each end, as intervals of
    /// rows.
    /// </summary>
    public void Spans(IEnumerable<(double Low, double High, double Y)> spans, string color)
    {
        foreach (
            var (low, high, y) in spans.Where(span =>
                double.IsFinite(Across.Scale.Map(span.Low)) && double.IsFinite(Across.Scale.Map(span.High))
            )
        )
        {
            var line = Plot.Add.Line(Across.Scale.Map(low), y, Across.Scale.Map(high), y);
            (line.Color, line.LineWidth, line.MarkerShape, line.MarkerSize) = (
                Color.FromHex(color),
                1.2f,
                MarkerShape.VerticalBar,
                7
            );
            line.MarkerLineColor = line.Color;
        }
    }

    /// <summary>Draws a horizontal line over the whole width.</summary>
    public void Level(string name, double value, string color, float width = 1.2f)
    {
        var place = _scale.Map(value);
        if (!double.IsFinite(place))
            return;
        See(place, place);
        var line = Plot.Add.HorizontalLine(place, width, Color.FromHex(color), LinePattern.Dashed);
        Plot.MoveToBack(line);
        _legend.Add(new LegendEntry(name, color, width, MarkerShape.None, Dashed: true));
    }

    /// <summary>Draws a vertical line over the whole height.</summary>
    public void Moment(string name, double value, string color)
    {
        if (!double.IsFinite(Across.Scale.Map(value)))
            return;
        // ScottPlot's pen keeps its dots until another line is drawn, and markers alone do not reset it. An axis
        // therefore is a solid line.
        var pattern = name.Length > 0 ? LinePattern.Dotted : LinePattern.Solid;
        var line = Plot.Add.VerticalLine(Across.Scale.Map(value), 1.2f, Color.FromHex(color), pattern);
        Plot.MoveToBack(line);
        if (name.Length > 0)
            _legend.Add(new LegendEntry(name, color, 1.2f, MarkerShape.None, Dashed: true));
    }

    /// <summary>Fills a rectangle whose corners are given as places.</summary>
    public void Block(double left, double right, double bottom, double top, string color)
    {
        if (!double.IsFinite(left + right + bottom + top))
            return;
        var block = Plot.Add.Rectangle(left, right, bottom, top);
        (block.FillColor, block.LineWidth) = (Color.FromHex(color), 0);
    }

    /// <summary>
    /// Shades the horizontal axis from one place to another, behind everything, with a letter that the legend
    /// explains.
    /// </summary>
    public void Region(string name, string letter, double from, double to, string color)
    {
        if (!double.IsFinite(from + to))
            return;
        var span = Plot.Add.HorizontalSpan(from, to, Color.FromHex(color));
        span.LineStyle.Width = 0;
        Plot.MoveToBack(span);
        var entry = new LegendEntry(name, color, 0, MarkerShape.None, false, letter);
        if (!_legend.Contains(entry))
            _legend.Add(entry);
        InnerLabels.Add(new AxisLabel(Across.Scale.Back((from + to) / 2), letter));
    }

    /// <summary>
    /// Draws like <see cref="Line"/>, for measurements that come in bursts. The line is strong from step to step
    /// within a burst, and pale between bursts, where nothing was measured.
    /// </summary>
    public void Bursts(
        string name,
        IReadOnlyList<CurvatureRecord> curvature,
        Func<CurvatureRecord, double> value,
        string color,
        float width = 1.5f,
        MarkerShape marker = MarkerShape.None
    )
    {
        bool Begins(int i) => i == 0 || curvature[i].Step - curvature[i - 1].Step > 1;
        if (curvature.Count > MostPoints || Enumerable.Range(0, curvature.Count).All(Begins))
        {
            Line(name, curvature.Select(record => ((double)record.Step, value(record))), color, width, marker);
            return;
        }
        var (x, y) = Reduced(curvature.Select(record => ((double)record.Step, value(record))));
        if (x.Length == 0)
            return;
        _legend.Add(new LegendEntry(name, color, width, marker));
        Draw(x, y, color + "80", 0.6f * width, MarkerShape.None);
        var gapped = curvature
            .SelectMany(
                (record, i) =>
                    Begins(i)
                        ? new[] { ((double)record.Step, double.NaN), (record.Step, _scale.Map(value(record))) }
                        : [(record.Step, _scale.Map(value(record)))]
            )
            .ToArray();
        Draw(
            [.. gapped.Select(point => point.Item1)],
            [.. gapped.Select(point => point.Item2)],
            color,
            width,
            x.Length > MostMarkers ? MarkerShape.None : marker
        );
    }

    /// <summary>Draws a band between two values at each point, as error bars of many points.</summary>
    public void Band(IEnumerable<(double X, double Low, double High)> points, string color)
    {
        var finite = points
            .Select(point => (X: Across.Scale.Map(point.X), Low: _scale.Map(point.Low), High: _scale.Map(point.High)))
            .Where(point => double.IsFinite(point.X) && double.IsFinite(point.Low) && double.IsFinite(point.High))
            .ToArray();
        if (finite.Length < 2)
            return;
        var low = Decimation.Reduce(finite.Select(point => (point.X, point.Low)), MostPoints);
        var high = Decimation.Reduce(finite.Select(point => (point.X, point.High)), MostPoints);
        Coordinates[] outline =
        [
            .. low.X.Zip(low.Y, (x, y) => new Coordinates(x, y)),
            .. high.X.Zip(high.Y, (x, y) => new Coordinates(x, y)).Reverse(),
        ];
        See(low.Y.Min(), high.Y.Max());
        var band = Plot.Add.Polygon(outline);
        band.FillColor = Color.FromHex(color).WithAlpha(0.28);
        band.LineWidth = 0;
        band.MarkerStyle.IsVisible = false;
    }

    /// <summary>Fixes axes and ticks, and shades the instabilities behind everything.</summary>
    public void Finish(IReadOnlyList<(double From, double To, bool Even)>? instabilities = null)
    {
        foreach (var (from, to, even) in instabilities ?? [])
        {
            var span = Plot.Add.HorizontalSpan(from, to, Color.FromHex(OkabeIto.Orange).WithAlpha(even ? 0.24 : 0.14));
            span.LineStyle.Width = 0;
            Plot.MoveToBack(span);
        }
        var (low, high) = _range is { } given
            ? FigureScale.Ends(given.Low, given.High, 0)
            : FigureScale.Ends(_extent.Low, _extent.High, 0.05);
        Plot.Axes.SetLimits(Across.Low, Across.High, low, high);
        foreach (var bar in _bars)
            Draw(bar, low, high);
        Plot.Axes.Bottom.TickGenerator = FigureTicks.Between(
            Across.Scale,
            Across.Ticks,
            Across.Low,
            Across.High,
            Across.Whole
        );
        Plot.Axes.Left.TickGenerator = FigureTicks.Between(_scale, Rows, low, high, whole: false);
        using var nowhere = new SKNoDrawCanvas(1, 1);
        // ScottPlot draws everything twice on the first render.
        Plot.Render(nowhere, new PixelRect(0, FigureSheet.Screen.Width, Height, 0));
    }

    private (double[] X, double[] Y) Reduced(IEnumerable<(double X, double Y)> points)
    {
        var reduced = Decimation.Reduce(
            points.Select(point => (Across.Scale.Map(point.X), _scale.Map(point.Y))),
            MostPoints
        );
        if (reduced.Y.Length > 0)
            See(reduced.Y.Min(), reduced.Y.Max());
        return reduced;
    }

    private void See(double low, double high) => _extent = (Math.Min(_extent.Low, low), Math.Max(_extent.High, high));

    private ScottPlot.Plottables.Scatter Draw(double[] x, double[] y, string color, float width, MarkerShape marker)
    {
        var line = Plot.Add.Scatter(x, y, Color.FromHex(color));
        line.LineWidth = width;
        line.MarkerShape = marker;
        line.MarkerSize = 4;
        return line;
    }

    /// <summary>Formats a number for headings, with three digits; a dash if it is not finite.</summary>
    public static string Number(double value) => double.IsFinite(value) ? FigureScale.Label(value) : "—";

    /// <summary>Formats a whole number.</summary>
    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
