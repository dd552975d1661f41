using Gyre.Lab.Reports;
using Plotly.Blazor;
using Plotly.Blazor.Traces;
using HeatColorBar = Plotly.Blazor.Traces.HeatMapLib.ColorBar;
using HeatTitle = Plotly.Blazor.Traces.HeatMapLib.ColorBarLib.Title;

namespace Gyre.Dashboard.Charts;

/// <summary>Maps as Plotly draws them.</summary>
internal static class MapDrawing
{
    private const string Scale = "Viridis";
    private const int Levels = 16;
    private const int Thickness = 14;

    /// <summary>Colours in cells, or between level lines.</summary>
    /// <param name="map">The numbers.</param>
    /// <param name="logarithmic">Whether colours go by their logarithm.</param>
    public static ITrace Trace(HeatMap map, bool logarithmic)
    {
        if (map.Classes.Count > 0)
            return Classes(map);
        var ends = Ends(map, logarithmic);
        return map.Smooth && ends is { } range && range.High > range.Low ? Smooth(map, logarithmic, range) : Cells(map, logarithmic, ends);
    }

    private static Plotly.Blazor.Traces.HeatMap Cells(HeatMap map, bool logarithmic, (double Low, double High)? ends) => new()
    {
        X = Places(map.X),
        Y = Places(map.Y),
        Z = Heights(map, logarithmic),
        ZMin = (decimal?)ends?.Low,
        ZMax = (decimal?)ends?.High,
        ColorScale = Scale,
        HoverOnGaps = false,
        ColorBar = new HeatColorBar { Title = new HeatTitle { Text = Title(map, logarithmic), Side = Plotly.Blazor.Traces.HeatMapLib.ColorBarLib.TitleLib.SideEnum.Right }, Thickness = Thickness },
    };

    private static Contour Smooth(HeatMap map, bool logarithmic, (double Low, double High) ends) => new()
    {
        X = Places(map.X),
        Y = Places(map.Y),
        Z = Heights(map, logarithmic),
        ZMin = (decimal)ends.Low,
        ZMax = (decimal)ends.High,
        ColorScale = Scale,
        ReverseScale = true, // the valley is bright
        AutoContour = false,
        Contours = new Plotly.Blazor.Traces.ContourLib.Contours { Coloring = Plotly.Blazor.Traces.ContourLib.ContoursLib.ColoringEnum.HeatMap, Start = (decimal)ends.Low, End = (decimal)ends.High, Size = (decimal)((ends.High - ends.Low) / Levels) },
        Line = new Plotly.Blazor.Traces.ContourLib.Line { Width = 0.5m, Color = "rgba(255,255,255,0.45)" },
        Text = [.. map.Z.Select(row => (object)row.Select(value => RunTable.Text(value, 4)).ToArray())],
        HoverTemplate = "%{x:.4~g}, %{y:.4~g}: %{text}<extra></extra>",
        HoverOnGaps = false,
        ColorBar = new Plotly.Blazor.Traces.ContourLib.ColorBar
        {
            Title = new Plotly.Blazor.Traces.ContourLib.ColorBarLib.Title { Text = Title(map, logarithmic), Side = Plotly.Blazor.Traces.ContourLib.ColorBarLib.TitleLib.SideEnum.Right },
            Thickness = Thickness,
        },
    };

    private static Plotly.Blazor.Traces.HeatMap Classes(HeatMap map)
    {
        var count = map.Classes.Count;
        return new()
        {
            X = Places(map.X),
            Y = Places(map.Y),
            Z = Heights(map, logarithmic: false),
            ZMin = -0.5m,
            ZMax = count - 0.5m,
            // Every colour from its lower end to its upper: steps, no blend.
            ColorScale = map.Classes.SelectMany((one, i) => new[] { new object[] { (double)i / count, one.Color }, [(i + 1.0) / count, one.Color] }).ToArray(),
            Text = [.. map.Z.Select(row => (object)row.Select(value => double.IsFinite(value) ? PlotlyDrawing.Plain(map.Classes[(int)value].Name) : "").ToArray())],
            HoverTemplate = "%{x:.4~g}, %{y:.4~g}: %{text}<extra></extra>",
            HoverOnGaps = false,
            ColorBar = new HeatColorBar
            {
                TickVals = [.. Enumerable.Range(0, count).Select(i => (object)i)],
                TickText = [.. map.Classes.Select(one => (object)PlotlyDrawing.Plain(one.Name))],
                Thickness = Thickness,
            },
        };
    }

    private static (double Low, double High)? Ends(HeatMap map, bool logarithmic)
    {
        if (map.Range is { } range)
            return logarithmic ? (Math.Log10(range.Low), Math.Log10(range.High)) : range;
        if (!map.Smooth)
            return null;
        double[] known = [.. map.Z.SelectMany(row => row).Select(value => Height(map, value, logarithmic)).Where(double.IsFinite)];
        return known.Length == 0 ? null : (known.Min(), known.Max());
    }

    private static List<object> Heights(HeatMap map, bool logarithmic) => [.. map.Z.Select(row => (object)row.Select(value => PlotlyDrawing.Boxed(Height(map, value, logarithmic))).ToArray())];

    private static double Height(HeatMap map, double value, bool logarithmic) => !logarithmic ? value : Math.Log10(Math.Max(value, map.Floor));

    private static string Title(HeatMap map, bool logarithmic) => PlotlyDrawing.Plain(logarithmic ? $"log10 of {map.Label}" : map.Label);

    private static List<object> Places(IReadOnlyList<object> places) => [.. places.Select(place => place is double number ? PlotlyDrawing.Boxed(number)! : PlotlyDrawing.Plain((string)place))];
}
