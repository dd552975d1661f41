using ScottPlot;

namespace Gyre.Lab.Figures;

/// <summary>Vertical error bars.</summary>
internal sealed partial class FigurePanel
{
    private const MarkerShape Cap = MarkerShape.HorizontalBar;
    private const float CapSize = 7;
    private const float ArrowSize = 8;
    private const float BarWidth = 1.2f;

    private readonly List<Bar> _bars = [];

    /// <summary>
    /// Draws vertical error bars. An end outside the frame, or without a place (the logarithm of a negative number),
    /// has an arrow at the frame instead of a cap. A bar whose value is outside the frame is left out, as are bars whose
    /// ends are not finite.
    /// </summary>
    public void Bars(IEnumerable<(double X, double Value, double Low, double High)> points, string color)
    {
        foreach (
            var (x, value, low, high) in points.Where(point =>
                double.IsFinite(point.Low) && double.IsFinite(point.High)
            )
        )
        {
            var bar = new Bar(Across.Scale.Map(x), _scale.Map(value), _scale.Map(low), _scale.Map(high), color);
            if (!double.IsFinite(bar.Across) || !double.IsFinite(bar.Value))
                continue;
            See(Finite(bar.Low, bar.Value), Finite(bar.High, bar.Value));
            _bars.Add(bar);
        }
    }

    private void Draw(Bar bar, double low, double high)
    {
        if (bar.Value < low || bar.Value > high)
            return;
        var (from, to) = (Math.Max(Finite(bar.Low, low), low), Math.Min(Finite(bar.High, high), high));
        var line = Plot.Add.Line(bar.Across, from, bar.Across, to);
        (line.Color, line.LineWidth, line.MarkerShape) = (Color.FromHex(bar.Color), BarWidth, MarkerShape.None);
        var tip = ArrowSize / 2 * (high - low) / Height;
        End(bar, bar.Low >= low ? from : from + tip, bar.Low >= low ? Cap : MarkerShape.FilledTriangleDown);
        End(bar, bar.High <= high ? to : to - tip, bar.High <= high ? Cap : MarkerShape.FilledTriangleUp);
    }

    /// <summary>Draws a cap or an arrow.</summary>
    private void End(Bar bar, double at, MarkerShape shape)
    {
        var color = Color.FromHex(bar.Color);
        var end = Plot.Add.Marker(bar.Across, at, shape, shape == Cap ? CapSize : ArrowSize, color);
        (end.MarkerLineColor, end.MarkerLineWidth) = (color, shape == Cap ? BarWidth : 0);
    }

    private static double Finite(double place, double otherwise) => double.IsFinite(place) ? place : otherwise;

    /// <summary>An error bar, as places.</summary>
    private readonly record struct Bar(double Across, double Value, double Low, double High, string Color);
}
