using ScottPlot;

namespace Gyre.Lab.Reports;

/// <summary>One panel of a figure: a plot with its legend beside it, over steps. Colours are those of Okabe and Ito (2008), apart also in print and for the colour-blind.</summary>
internal sealed class FigurePanel
{
    public const string Black = "#000000";
    public const string Orange = "#E69F00";
    public const string Sky = "#56B4E9";
    public const string Green = "#009E73";
    public const string Blue = "#0072B2";
    public const string Vermilion = "#D55E00";
    public const string Purple = "#CC79A7";

    public FigurePanel(string label)
    {
        FigureFont.Use();
        Plot.YLabel(label, 12);
        Plot.Axes.Left.Label.Bold = false;
        Plot.Grid.MajorLineColor = Color.FromHex("#E5E5E5");
        Plot.FigureBackground.Color = Colors.White;
        Plot.Legend.FontSize = 11;
        Plot.Legend.OutlineWidth = 0;
        Plot.Legend.ShadowColor = Colors.Transparent;
    }

    public Plot Plot { get; } = new();

    /// <summary>A line through the points, decimated for display. Lines are told apart by markers and width, not by dashes: the SVG canvas knows none.</summary>
    public void Line(string name, IEnumerable<(double X, double Y)> points, string color, float width = 1.5f, MarkerShape marker = MarkerShape.None)
    {
        var (x, y) = Decimation.Reduce(points);
        if (x.Length == 0)
            return;
        var line = Plot.Add.Scatter(x, y, Color.FromHex(color));
        line.LegendText = name;
        line.LineWidth = width;
        line.MarkerShape = x.Length == 1 ? MarkerShape.FilledCircle : marker;
        line.MarkerSize = 4;
    }

    /// <summary>A band between two values at each step: an error bar over many points.</summary>
    public void Band(IEnumerable<(double X, double Low, double High)> points, string color)
    {
        var finite = points.Where(point => double.IsFinite(point.Low) && double.IsFinite(point.High)).ToArray();
        if (finite.Length < 2)
            return;
        var band = Plot.Add.FillY([.. finite.Select(point => point.X)], [.. finite.Select(point => point.Low)], [.. finite.Select(point => point.High)]);
        band.FillStyle.Color = Color.FromHex(color).WithAlpha(0.30);
        band.LineStyle.Width = 0;
        band.MarkerStyle.IsVisible = false;
    }

    /// <summary>Shades steps from one to another, with a number at the top where there is room.</summary>
    public void Shade(double from, double to, bool open)
    {
        var span = Plot.Add.HorizontalSpan(from, to, Color.FromHex(Orange).WithAlpha(open ? 0.20 : 0.13));
        span.LineStyle.Width = 0;
    }

    /// <summary>Ticks of a logarithmic axis whose values are plotted as log10.</summary>
    public void LogarithmicTicks(double least, double most)
    {
        if (!double.IsFinite(least) || !double.IsFinite(most))
            return;
        double[] steps = most - least > 3 ? [1] : [1, 2, 5];
        var ticks = new ScottPlot.TickGenerators.NumericManual();
        for (var power = (int)Math.Floor(least) - 1; power <= (int)Math.Ceiling(most); power++)
        {
            foreach (var step in steps)
                ticks.AddMajor(power + Math.Log10(step), (step * Math.Pow(10, power)).ToString("G3", System.Globalization.CultureInfo.InvariantCulture));
        }
        Plot.Axes.Left.TickGenerator = ticks;
    }
}
