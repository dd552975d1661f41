using static Gyre.Dashboard.Charts.PlotlyValues;
using PlotlyShape = Plotly.Blazor.LayoutLib.Shape;

namespace Gyre.Dashboard.Charts;

/// <summary>Draws the shades behind a chart's lines.</summary>
internal static class ShadeDrawing
{
    private const int MostShades = 200;

    /// <summary>Returns the shades of the visible range.</summary>
    public static List<PlotlyShape> Shapes(Chart chart, Window window)
    {
        // Hundreds of shades cannot be distinguished, so neighbors are merged.
        var seen = chart.Shades.Where(shade => !(shade.To < window.From) && !(shade.From > window.To)).ToArray();
        var together = (seen.Length + MostShades - 1) / MostShades;
        return together < 2
            ? [.. seen.Select(Shape)]
            :
            [
                .. seen.Chunk(together)
                    .Select(some =>
                        Shape(new Shade(some[0].From, some[^1].To, "", some[0].Color) { Opacity = some[0].Opacity })
                    ),
            ];
    }

    private static PlotlyShape Shape(Shade shade) =>
        new()
        {
            Type = Plotly.Blazor.LayoutLib.ShapeLib.TypeEnum.Rect,
            XRef = "x",
            YRef = "paper",
            X0 = Boxed(shade.From),
            X1 = Boxed(shade.To),
            Y0 = 0,
            Y1 = 1,
            FillColor = Translucent(shade.Color, shade.Opacity),
            Layer = Plotly.Blazor.LayoutLib.ShapeLib.LayerEnum.Below,
            Line = new Plotly.Blazor.LayoutLib.ShapeLib.Line { Width = 0 },
            Label =
                shade.Label.Length == 0
                    ? null
                    : new Plotly.Blazor.LayoutLib.ShapeLib.Label
                    {
                        Text = Plain(shade.Label),
                        TextPosition = Plotly.Blazor.LayoutLib.ShapeLib.LabelLib.TextPositionEnum.TopCenter,
                        Font = new Plotly.Blazor.LayoutLib.ShapeLib.LabelLib.Font { Size = 10 },
                    },
        };
}
