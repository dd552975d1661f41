using Gyre.Dashboard.Reading;
using Gyre.Lab.Exports;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Gyre.Dashboard.Charts;

/// <summary>
/// Serves the complete data behind every chart as a CSV table. The address is the view's address with <c>data/</c> in
/// front and the chart's name in the parameter <c>chart</c>.
/// </summary>
internal static class ChartFiles
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/data/{**path}", Send);

    /// <summary>Returns a table with one row per point of a line, or per cell of a map.</summary>
    internal static Table Table(Chart chart)
    {
        var (x, label) = (Column(chart.XLabel), Column(chart.YLabel));
        var y = label == x ? $"{label}_2" : label;
        return chart.Map is { } map ? TableOfMap(chart, map, x, y) : TableOfLines(chart, x, y);
    }

    private static Table TableOfMap(Chart chart, HeatMap map, string x, string y) =>
        new(
            chart.Id,
            [
                new(x, Kind(map.X, chart.TicksX)),
                new(y, Kind(map.Y, chart.TicksY)),
                new(Column(map.Label), map.Names.Count > 0 ? ColumnKind.Text : ColumnKind.Real),
            ],
            map.Y.SelectMany(
                (up, i) =>
                    map.X.Select(
                        (across, j) =>
                            new object?[]
                            {
                                Named(chart.TicksX, across),
                                Named(chart.TicksY, up),
                                Written(map, map.Z[i][j]),
                            }
                    )
            )
        );

    private static Table TableOfLines(Chart chart, string x, string y) =>
        new(
            chart.Id,
            [
                new("line", ColumnKind.Text),
                new(x, ColumnKind.Real),
                new(y, chart.TicksY.Count > 0 ? ColumnKind.Text : ColumnKind.Real),
                new("low", ColumnKind.Real),
                new("high", ColumnKind.Real),
            ],
            chart.Lines.SelectMany(line => Rows(line, chart.TicksY))
        );

    private static async Task Send(HttpContext context)
    {
        var request = context.Request;
        var view = request.Path.StartsWithSegments("/data", out var rest) ? rest.Value!.TrimStart('/') : "";
        var address = ViewAddress.Parse(
            $"{Uri.EscapeDataString(view).Replace("%2F", "/", StringComparison.Ordinal)}{request.QueryString}"
        );
        if (
            ViewCatalog
                .Charts(context.RequestServices.GetRequiredService<RunLibrary>(), address)
                ?.FirstOrDefault(chart => chart.Id == address["chart"])
            is not { } chart
        )
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        context.Response.ContentType = "text/csv; charset=utf-8";
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"{chart.Id}.csv\"";
        using var whole = new MemoryStream();
        CsvFormat.Write(Table(chart), whole);
        whole.Position = 0;
        await whole.CopyToAsync(context.Response.Body, context.RequestAborted).ConfigureAwait(false);
    }

    private static IEnumerable<object?[]> Rows(Line line, IReadOnlyList<Tick> ticks)
    {
        for (var i = 0; i < line.X.Length; i++)
        {
            if (Finite(line.Y.Span[i]) is { } y)
                yield return (object?[])
                    [
                        line.Name,
                        Finite(line.X.Span[i]),
                        Named(ticks, y),
                        i < line.Low.Length ? Finite(line.Low.Span[i]) : null,
                        i < line.High.Length ? Finite(line.High.Span[i]) : null,
                    ];
        }
    }

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;

    private static ColumnKind Kind(IReadOnlyList<object> places, IReadOnlyList<Tick> ticks) =>
        places is [double, ..] && ticks.Count == 0 ? ColumnKind.Real : ColumnKind.Text;

    /// <summary>Returns the label of a place, or the place itself if the axis has no labels.</summary>
    private static object Named(IReadOnlyList<Tick> ticks, object place) =>
        ticks.Count == 0 ? place : ticks.FirstOrDefault(tick => place is double at && tick.At == at).Text ?? "";

    private static object? Written(HeatMap map, double value)
    {
        if (map.Names.Count == 0)
            return Finite(value);
        return value >= 0 && value < map.Names.Count ? map.Names[(int)value] : null;
    }

    /// <summary>
    /// Converts a label to a column name as in docs/formats.md: the lowercase words before the unit, joined by
    /// underscores.
    /// </summary>
    private static string Column(string label) =>
        string.Join(
            '_',
            label
                .Split(',')[0]
                .Replace("1 − overlap", "rotation", StringComparison.Ordinal)
                .ToLowerInvariant()
                .Split([' ', '·', '(', ')', '−', '/'], StringSplitOptions.RemoveEmptyEntries)
        );
}
