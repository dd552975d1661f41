using System.Globalization;
using Gyre.Lab.Runs;
using ScottPlot;
using SkiaSharp;

namespace Gyre.Lab.Reports;

/// <summary>One line of a legend.</summary>
internal sealed record LegendEntry(string Name, string Color, float Width, MarkerShape Marker);

/// <summary>One panel of a figure, over steps. Colours are those of Okabe and Ito (2008); in print without colour, lines differ by marker, width or order.</summary>
internal sealed class FigurePanel
{
    public const string Black = "#000000";
    public const string Grey = "#8C8C8C";
    public const string Orange = "#E69F00";
    public const string Sky = "#56B4E9";
    public const string Green = "#009E73";
    public const string Blue = "#0072B2";
    public const string Vermilion = "#D55E00";
    public const string Purple = "#CC79A7";

    /// <summary>Room left and right of the steps, as a share of them: markers at the ends stay whole.</summary>
    public const double Margin = 0.006;

    private const int MostPoints = 1800; // two a pixel
    private const int MostMarkers = 320;

    private readonly FigureScale _scale;
    private readonly (double Low, double High)? _range;
    private readonly List<LegendEntry> _legend = [];
    private (double Low, double High) _extent = (double.PositiveInfinity, double.NegativeInfinity);

    /// <summary>An empty panel.</summary>
    /// <param name="label">Of the vertical axis.</param>
    /// <param name="height">Of the frame, in pixels.</param>
    /// <param name="scale">Of the vertical axis.</param>
    /// <param name="range">Of the vertical axis, where it is not the data's.</param>
    public FigurePanel(string label, int height, FigureScale scale, (double Low, double High)? range = null)
    {
        FigureFont.Use();
        (_scale, _range, Height) = (scale, range, height);
        Plot.RenderManager.RenderActions.RemoveAll(action => action is ScottPlot.Rendering.RenderActions.ClearCanvas); // panels share one canvas
        Plot.FigureBackground.Color = Colors.White;
        Plot.HideLegend();
        Plot.Grid.MajorLineColor = Color.FromHex("#E8E8E8");
        Plot.YLabel(label + scale.Note, 12);
        Plot.XLabel("step", 12);
        foreach (var axis in (IAxis[])[Plot.Axes.Left, Plot.Axes.Bottom])
        {
            axis.Label.Bold = false;
            axis.TickLabelStyle.FontSize = 11;
            axis.FrameLineStyle.Color = Color.FromHex(Grey);
            axis.MajorTickStyle.Color = Color.FromHex(Grey);
            axis.MinorTickStyle.Length = 0;
        }
        Plot.Axes.Right.FrameLineStyle.Width = 0;
        Plot.Axes.Top.FrameLineStyle.Width = 0;
    }

    public Plot Plot { get; } = new();

    /// <summary>Of the plot's frame, in pixels.</summary>
    public int Height { get; }

    public IReadOnlyList<LegendEntry> Legend => _legend;

    /// <summary>What the legend's line says at its right end.</summary>
    public string Note { get; set; } = "";

    /// <summary>Whether nothing was drawn.</summary>
    public bool Empty => _legend.Count == 0;

    /// <summary>A line through the points, decimated for display; with <paramref name="steps"/> each value holds until the next.</summary>
    public void Line(string name, IEnumerable<(double X, double Y)> points, string color, float width = 1.5f, MarkerShape marker = MarkerShape.None, bool steps = false)
    {
        var (x, y) = Reduced(points);
        if (x.Length == 0)
            return;
        _legend.Add(new LegendEntry(name, color, width, marker));
        var line = Draw(x, y, color, width, x.Length > MostMarkers ? MarkerShape.None : x.Length == 1 ? MarkerShape.FilledCircle : marker);
        line.ConnectStyle = steps ? ConnectStyle.StepHorizontal : ConnectStyle.Straight;
    }

    /// <summary>As <see cref="Line"/>, where measurements come in bursts: strong within a burst, pale across the steps in between, where nothing was measured.</summary>
    public void Bursts(string name, IReadOnlyList<CurvatureRecord> curvature, Func<CurvatureRecord, double> value, string color, float width = 1.5f, MarkerShape marker = MarkerShape.None)
    {
        if (curvature.Count > MostPoints || curvature.All(record => record.Burst == 0))
        {
            Line(name, curvature.Select(record => ((double)record.Step, value(record))), color, width, marker);
            return;
        }
        var (x, y) = Reduced(curvature.Select(record => ((double)record.Step, value(record))));
        if (x.Length == 0)
            return;
        _legend.Add(new LegendEntry(name, color, width, marker));
        Draw(x, y, color + "80", 0.6f * width, MarkerShape.None);
        var gapped = curvature.SelectMany(record => record.Burst == 0
            ? new[] { ((double)record.Step, double.NaN), (record.Step, _scale.Map(value(record))) }
            : [(record.Step, _scale.Map(value(record)))]).ToArray();
        Draw([.. gapped.Select(point => point.Item1)], [.. gapped.Select(point => point.Item2)], color, width, x.Length > MostMarkers ? MarkerShape.None : marker);
    }

    /// <summary>A band between two values at each step: an error bar over many points.</summary>
    public void Band(IEnumerable<(double X, double Low, double High)> points, string color)
    {
        var finite = points.Where(point => double.IsFinite(point.Low) && double.IsFinite(point.High)).ToArray();
        if (finite.Length < 2)
            return;
        var low = Decimation.Reduce(finite.Select(point => (point.X, point.Low)), MostPoints);
        var high = Decimation.Reduce(finite.Select(point => (point.X, point.High)), MostPoints);
        Coordinates[] outline = [.. low.X.Zip(low.Y, (x, y) => new Coordinates(x, y)), .. high.X.Zip(high.Y, (x, y) => new Coordinates(x, y)).Reverse()];
        var band = Plot.Add.Polygon(outline);
        band.FillColor = Color.FromHex(color).WithAlpha(0.28);
        band.LineWidth = 0;
        band.MarkerStyle.IsVisible = false;
    }

    /// <summary>Fixes axes and ticks, and shades the instabilities behind everything.</summary>
    public void Finish(double last, IReadOnlyList<(double From, double To, bool Even)> instabilities)
    {
        foreach (var (from, to, even) in instabilities)
        {
            var span = Plot.Add.HorizontalSpan(from, to, Color.FromHex(Orange).WithAlpha(even ? 0.24 : 0.14));
            span.LineStyle.Width = 0;
            Plot.MoveToBack(span);
        }
        var (low, high) = _range ?? Extent();
        Plot.Axes.SetLimits(-Margin * last, (1 + Margin) * last, low, high);
        Plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic { IntegerTicksOnly = true, LabelFormatter = step => Number((long)Math.Round(step)) };
        Plot.Axes.Left.TickGenerator = Ticks(low, high);
        using var nowhere = new SKNoDrawCanvas(1, 1);
        Plot.Render(nowhere, new PixelRect(0, FigurePage.Width, Height, 0)); // ScottPlot draws everything twice the first time
    }

    private ITickGenerator Ticks(double low, double high)
    {
        if (_scale.Ticks(_scale.Back(low), _scale.Back(high)) is not { } values)
            return new ScottPlot.TickGenerators.NumericAutomatic { LabelFormatter = FigureScale.Label };
        var ticks = new ScottPlot.TickGenerators.NumericManual();
        foreach (var value in values)
            ticks.AddMajor(_scale.Map(value), FigureScale.Label(value));
        return ticks;
    }

    private (double Low, double High) Extent()
    {
        if (_extent.Low > _extent.High)
            return (0, 1);
        var room = _extent.High > _extent.Low ? 0.05 * (_extent.High - _extent.Low) : Math.Max(0.1, 0.1 * Math.Abs(_extent.High));
        return (_extent.Low - room, _extent.High + room);
    }

    private (double[] X, double[] Y) Reduced(IEnumerable<(double X, double Y)> points)
    {
        var reduced = Decimation.Reduce(points.Select(point => (point.X, _scale.Map(point.Y))), MostPoints);
        if (reduced.Y.Length > 0)
            _extent = (Math.Min(_extent.Low, reduced.Y.Min()), Math.Max(_extent.High, reduced.Y.Max()));
        return reduced;
    }

    private ScottPlot.Plottables.Scatter Draw(double[] x, double[] y, string color, float width, MarkerShape marker)
    {
        var line = Plot.Add.Scatter(x, y, Color.FromHex(color));
        line.LineWidth = width;
        line.MarkerShape = marker;
        line.MarkerSize = 4;
        return line;
    }

    /// <summary>A number for headings: three digits, or a dash where there is none.</summary>
    public static string Number(double value) => double.IsFinite(value) ? FigureScale.Label(value) : "—";

    /// <summary>A whole number.</summary>
    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
