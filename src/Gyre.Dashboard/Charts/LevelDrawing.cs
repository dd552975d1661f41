using Gyre.Lab.Statistics;
using Plotly.Blazor;
using Plotly.Blazor.Traces;
using Plotly.Blazor.Traces.ContourLib;

namespace Gyre.Dashboard.Charts;

/// <summary>Draws a smooth map with Plotly: interpolated colors and contour lines.</summary>
internal static class LevelDrawing
{
    private const int Levels = 16;
    private const int Ticks = 7;
    private const double Narrowest = 1e-12;

    /// <summary>Draws a map with light colors for low values, so that a valley is bright.</summary>
    /// <param name="map">The map.</param>
    /// <param name="logarithmic">Whether the color scale is logarithmic.</param>
    public static ITrace Trace(HeatMap map, bool logarithmic)
    {
        double[][] heights = [.. map.Z.Select(row => row.Select(value => Height(map, value, logarithmic)).ToArray())];
        var (low, high) = Ends(map, heights, logarithmic);
        return new Contour
        {
            X = [.. map.X.Select(PlotlyValues.Place)],
            Y = [.. map.Y.Select(PlotlyValues.Place)],
            Z = [.. heights.Select(row => (object)row.Select(PlotlyValues.Boxed).ToArray())],
            ZMin = (decimal)low,
            ZMax = (decimal)high,
            ColorScale = "Viridis",
            ReverseScale = true,
            AutoContour = false,
            Contours = new Contours
            {
                Coloring = Plotly.Blazor.Traces.ContourLib.ContoursLib.ColoringEnum.HeatMap,
                Start = (decimal)low,
                End = (decimal)high,
                Size = (decimal)((high - low) / Levels),
            },
            Line = new Plotly.Blazor.Traces.ContourLib.Line { Width = 0.6m, Color = "rgba(255,255,255,0.45)" },
            Text = [.. map.Z.Select(row => (object)row.Select(value => NumberText.Format(value, 4)).ToArray())],
            HoverTemplate = "%{x:.4~g}, %{y:.4~g}: %{text}<extra></extra>",
            HoverOnGaps = false,
            ColorBar = Bar(map, low, high, logarithmic),
        };
    }

    /// <summary>Creates the color bar. Its labels are the values themselves, even on a logarithmic scale.</summary>
    private static ColorBar Bar(HeatMap map, double low, double high, bool logarithmic)
    {
        double[] places = [.. Enumerable.Range(0, Ticks).Select(i => low + (high - low) * i / (Ticks - 1))];
        return new ColorBar
        {
            Title = new Plotly.Blazor.Traces.ContourLib.ColorBarLib.Title
            {
                Text = PlotlyValues.Plain(map.Label),
                Side = Plotly.Blazor.Traces.ContourLib.ColorBarLib.TitleLib.SideEnum.Right,
            },
            TickMode = Plotly.Blazor.Traces.ContourLib.ColorBarLib.TickModeEnum.Array,
            TickVals = [.. places.Select(place => PlotlyValues.Boxed(place)!)],
            TickText =
            [
                .. places.Select(
                    (place, i) =>
                        (object)(
                            (logarithmic && i == 0 && map.Z.Any(row => row.Any(value => value < map.Floor)) ? "≤ " : "")
                            + NumberText.Format(logarithmic ? Math.Pow(10, place) : place, 3)
                        )
                ),
            ],
            Thickness = 14,
        };
    }

    /// <summary>
    /// Returns the ends of the color scale, which differ even if the map is constant or empty. Plotly.Blazor converts
    /// them to decimals, so they are clamped to the range of decimals.
    /// </summary>
    private static (double Low, double High) Ends(HeatMap map, double[][] heights, bool logarithmic)
    {
        double[] known = map.Range is { } range
            ? [Height(map, range.Low, logarithmic), Height(map, range.High, logarithmic)]
            : [.. heights.SelectMany(row => row).Where(double.IsFinite)];
        var (low, high) = known.Length == 0 ? (0, 1) : (known.Min(), known.Max());
        (low, high) = (Held(low), Held(high));
        var size = Math.Max(1, Math.Abs(low));
        return high - low > Narrowest * size ? (low, high) : (low - size / 2, low + size / 2);
    }

    private static double Held(double end) =>
        double.IsNaN(end) ? 0 : Math.Clamp(end, -PlotlyValues.LargestDecimal, PlotlyValues.LargestDecimal);

    private static double Height(HeatMap map, double value, bool logarithmic) =>
        logarithmic ? Math.Log10(Math.Max(value, map.Floor)) : value;
}
