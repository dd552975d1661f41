using Gyre.Lab.Figures;
using Gyre.Lab.Quantities;
using Plotly.Blazor;
using Plotly.Blazor.LayoutLib;
using Plotly.Blazor.Traces;
using Plotly.Blazor.Traces.ScatterLib;
using static Gyre.Dashboard.Charts.PlotlyValues;
using XTypes = Plotly.Blazor.LayoutLib.XAxisLib.TypeEnum;
using YTypes = Plotly.Blazor.LayoutLib.YAxisLib.TypeEnum;

namespace Gyre.Dashboard.Charts;

/// <summary>
/// Draws charts with Plotly. Long lines are reduced to the smallest and the largest value of each bucket; a visible
/// part that is short enough is sent in full.
/// </summary>
internal static class PlotlyDrawing
{
    /// <summary>The maximum number of points sent per line: twice the pixels of a wide chart.</summary>
    public const int MostPoints = 3000;

    private const int FewPoints = 150; // with more, the markers merge into a line
    private const string Ink = "#222222";
    private const string Faint = "#D8D8D8";

    private static readonly Dictionary<LineMark, Plotly.Blazor.Traces.ScatterLib.MarkerLib.SymbolEnum> Symbols = new()
    {
        [LineMark.Circle] = Plotly.Blazor.Traces.ScatterLib.MarkerLib.SymbolEnum.Circle,
        [LineMark.Triangle] = Plotly.Blazor.Traces.ScatterLib.MarkerLib.SymbolEnum.TriangleUp,
        [LineMark.Square] = Plotly.Blazor.Traces.ScatterLib.MarkerLib.SymbolEnum.Square,
        [LineMark.Diamond] = Plotly.Blazor.Traces.ScatterLib.MarkerLib.SymbolEnum.Diamond,
        [LineMark.TriangleDown] = Plotly.Blazor.Traces.ScatterLib.MarkerLib.SymbolEnum.TriangleDown,
        [LineMark.Cross] = Plotly.Blazor.Traces.ScatterLib.MarkerLib.SymbolEnum.X,
        [LineMark.Plus] = Plotly.Blazor.Traces.ScatterLib.MarkerLib.SymbolEnum.Cross,
        [LineMark.OpenCircle] = Plotly.Blazor.Traces.ScatterLib.MarkerLib.SymbolEnum.CircleOpen,
        [LineMark.OpenSquare] = Plotly.Blazor.Traces.ScatterLib.MarkerLib.SymbolEnum.SquareOpen,
        [LineMark.OpenDiamond] = Plotly.Blazor.Traces.ScatterLib.MarkerLib.SymbolEnum.DiamondOpen,
    };

    /// <summary>Returns the settings: no mode bar, and no links to Plotly's services.</summary>
    public static Config Config() =>
        new()
        {
            DisplayLogo = false,
            DisplayModeBar = Plotly.Blazor.ConfigLib.DisplayModeBarEnum.False,
            Responsive = true,
            ShowSendToCloud = false,
            ShowEditInChartStudio = false,
            PlotlyServerUrl = "",
            ShowTips = false,
            DoubleClick = Plotly.Blazor.ConfigLib.DoubleClickEnum.AutoSize,
        };

    /// <summary>Returns the lines and the map.</summary>
    public static IList<ITrace> Traces(Chart chart, Window window, bool logarithmic) =>
        [
            .. chart.Map is { } map ? [Map(chart, map, logarithmic)] : Array.Empty<ITrace>(),
            .. chart.Lines.SelectMany(line => Traces(line, window, Upwards(chart, logarithmic))),
        ];

    private static ITrace Map(Chart chart, HeatMap map, bool logarithmic) =>
        map.Smooth ? Levels(map, logarithmic) : Map(map, titled: !chart.Named);

    private static ITrace Levels(HeatMap map, bool logarithmic) =>
        LevelDrawing.Trace(map, map.Rescalable ? logarithmic : map.Logarithmic);

    /// <summary>Returns axes and shades.</summary>
    public static Layout Layout(Chart chart, Window window, bool logarithmic) =>
        new()
        {
            AutoSize = true,
            Height = chart.Height,
            PaperBgColor = OkabeIto.White,
            PlotBgColor = OkabeIto.White,
            Font = new Font
            {
                Family = "system-ui, sans-serif",
                Size = 12,
                Color = Ink,
            },
            Margin = new Margin
            {
                L = chart.Right ? 14 : 62,
                R = 14,
                T = 8,
                B = 42,
            },
            ShowLegend = chart.Lines.Count > 1 || chart.Map is not null && chart.Lines.Count > 0,
            Legend =
            [
                new Legend
                {
                    Orientation = Plotly.Blazor.LayoutLib.LegendLib.OrientationEnum.H,
                    TraceOrder = Plotly.Blazor.LayoutLib.LegendLib.TraceOrderFlag.Normal,
                    Y = 1.02m,
                    YAnchor = Plotly.Blazor.LayoutLib.LegendLib.YAnchorEnum.Bottom,
                    X = 0,
                    BgColor = "rgba(0,0,0,0)",
                },
            ],
            HoverMode =
                chart.Map is null && !chart.Square && chart.Lines.All(line => line.Texts.Count == 0)
                    ? HoverModeEnum.XUnified
                    : HoverModeEnum.Closest,
            DragMode = DragModeEnum.Zoom,
            Shapes = ShadeDrawing.Shapes(chart, window),
            XAxis = [Across(chart, window)],
            YAxis = [Up(chart, Upwards(chart, logarithmic))],
        };

    /// <summary>
    /// Returns whether the vertical axis is logarithmic. In a rescalable map, the reader's choice applies to the
    /// colors.
    /// </summary>
    private static bool Upwards(Chart chart, bool logarithmic) =>
        chart.Map is { Rescalable: true } ? chart.Logarithmic : logarithmic;

    private static XTypes TypeAcross(Chart chart)
    {
        if (chart.Categories)
            return XTypes.Category;
        return chart.LogarithmicX ? XTypes.Log : XTypes.Linear;
    }

    private static XAxis Across(Chart chart, Window window)
    {
        var ends = Ends(chart, window);
        var ticks =
            chart.TicksX.Count == 0 && chart.LogarithmicX && ends is { } stretch
                ? LogTicks.Create(stretch.From, stretch.To)
                : chart.TicksX;
        return new XAxis
        {
            Title = new Plotly.Blazor.LayoutLib.XAxisLib.Title { Text = Plain(chart.XLabel) },
            Type = TypeAcross(chart),
            GridColor = Faint,
            ZeroLine = false,
            SeparateThousands = true,
            Range = Stretch(ends, chart.LogarithmicX),
            TickMode = ticks.Count > 0 ? Plotly.Blazor.LayoutLib.XAxisLib.TickModeEnum.Array : null,
            TickVals = Places(ticks),
            TickText = Names(ticks),
            AutoMargin = chart.TicksX.Count > 0 ? Plotly.Blazor.LayoutLib.XAxisLib.AutoMarginFlag.True : null,
            ExponentFormat = Plotly.Blazor.LayoutLib.XAxisLib.ExponentFormatEnum.None,
        };
    }

    /// <summary>
    /// Returns the horizontal range. Linked charts share it, even if one has points in a part of it only.
    /// </summary>
    private static (double From, double To)? Ends(Chart chart, Window window)
    {
        if (!chart.Linked || chart.Across is not { } across)
            return chart.Across;
        double? Placed(double? end) => chart.LogarithmicX && !(end > 0) ? null : end;
        return (Placed(window.From) ?? across.From, Placed(window.To) ?? across.To);
    }

    private static YAxis Up(Chart chart, bool logarithmic)
    {
        var ticks =
            chart.TicksY.Count == 0 && logarithmic && chart.Range is { Low: > 0 } stretch
                ? LogTicks.Create(stretch.Low, stretch.High)
                : chart.TicksY;
        return new YAxis
        {
            Title = new Plotly.Blazor.LayoutLib.YAxisLib.Title
            {
                Text = chart.Right ? "" : Plain(chart.YLabel),
                Standoff = chart.Named ? 10 : null,
            },
            Type = logarithmic ? YTypes.Log : null,
            GridColor = Faint,
            ZeroLine = false,
            FixedRange = !chart.Square,
            ScaleAnchor = chart.Square ? "x" : null,
            Range = Stretch(chart.Range, logarithmic),
            MinorLogLabels = Plotly.Blazor.LayoutLib.YAxisLib.MinorLogLabelsEnum.None,
            HoverFormat = ".5~g",
            TickMode = ticks.Count > 0 ? Plotly.Blazor.LayoutLib.YAxisLib.TickModeEnum.Array : null,
            TickVals = Places(ticks),
            TickText = Names(ticks),
            AutoMargin = chart.TicksY.Count > 0 ? Plotly.Blazor.LayoutLib.YAxisLib.AutoMarginFlag.True : null,
            Side = chart.Right ? Plotly.Blazor.LayoutLib.YAxisLib.SideEnum.Right : null,
            ExponentFormat = Plotly.Blazor.LayoutLib.YAxisLib.ExponentFormatEnum.Power,
        };
    }

    /// <summary>
    /// Returns the ends of an axis as sent to Plotly. If an end has no place on it, returns null: Plotly chooses.
    /// </summary>
    private static List<object>? Stretch((double Low, double High)? ends, bool logarithmic)
    {
        if (ends is not var (low, high) || logarithmic && !(low > 0))
            return null;
        var (from, to) = logarithmic ? (Sent(Math.Log10(low)), Sent(Math.Log10(high))) : (Sent(low), Sent(high));
        return from is null || to is null || !(high > low) ? null : [from, to];
    }

    /// <summary>
    /// Returns the end as a double if decimals can represent it, so that the view recognizes the ends that it set;
    /// otherwise the result of <see cref="Boxed(double)"/>.
    /// </summary>
    private static object? Sent(double end) =>
        Boxed(end) switch
        {
            null => null,
            string text => text,
            _ => end,
        };

    private static IEnumerable<ITrace> Traces(Line line, Window window, bool logarithmic)
    {
        var (start, end) = line.Rising ? window.Places(line.X.Span, line.Y.Span) : (0, line.X.Length);
        var x = line.X.Span[start..end];
        var y = line.Y.Span[start..end];
        var banded = line.High.Length == line.X.Length && !line.Bars;
        if (banded)
        {
            var (low, high) = (
                Reduced(x, line.Low.Span[start..end], line.Rising, logarithmic),
                Reduced(x, line.High.Span[start..end], line.Rising, logarithmic)
            );
            return
            [
                Edge(line, low, fills: false),
                Edge(line, high, fills: true),
                Trace(line, Reduced(x, y, line.Rising, logarithmic)),
            ];
        }
        if (line.Bars && line.High.Length == line.X.Length)
            return [WithBars(line, start, end)];
        var points = Reduced(x, y, line.Rising, logarithmic);
        return line.Outlined && line.Shape is not LineShape.Marks
            ? [Edge(line, points, fills: false, line.Width + 2.5, OkabeIto.White), Trace(line, points)]
            : [Trace(line, points)];
    }

    private static (double[] X, double[] Y) Reduced(
        ReadOnlySpan<double> x,
        ReadOnlySpan<double> y,
        bool rising,
        bool logarithmic
    )
    {
        var all = rising ? Decimation.Reduce(x, y, MostPoints) : (X: x.ToArray(), Y: y.ToArray());
        // Values at or below 0 have no place on a logarithmic scale.
        return !logarithmic ? all : (all.X, [.. all.Y.Select(value => value > 0 ? value : double.NaN)]);
    }

    private static Scatter Trace(Line line, (double[] X, double[] Y) points) =>
        new()
        {
            Name = Plain(line.Name),
            X = Boxed(points.X),
            Y = Boxed(points.Y),
            Mode = Mode(line, points.X.Length),
            Line = new Plotly.Blazor.Traces.ScatterLib.Line
            {
                Color = line.Color,
                Width = (decimal)line.Width,
                Dash = line.Dashed ? "dash" : null,
                Shape = line.Shape is LineShape.Held ? Plotly.Blazor.Traces.ScatterLib.LineLib.ShapeEnum.Hv : null,
            },
            Marker = new Marker
            {
                Color = line.Color,
                Size = line.MarkSize,
                Symbol = Symbols[line.Mark],
                Line = Outline(line),
            },
            ShowLegend = line.Unlisted ? false : null,
            TextArray = line.Texts.Count > 0 ? [.. line.Texts.Select(Plain)] : null,
            HoverInfo = line.Texts.Count > 0 ? HoverInfoFlag.Text : null,
            ConnectGaps = !line.Broken,
        };

    private static ModeFlag Mode(Line line, int points)
    {
        if (line.Shape is LineShape.Marks)
            return ModeFlag.Markers;
        var marked = line.Shape is LineShape.MarkedLine || line.Dotted && points <= FewPoints;
        return marked ? ModeFlag.Lines | ModeFlag.Markers : ModeFlag.Lines;
    }

    private static Plotly.Blazor.Traces.ScatterLib.MarkerLib.Line? Outline(Line line)
    {
        if (!line.Outlined)
            return null;
        return new() { Color = OkabeIto.White, Width = line.MarkSize > 8 ? 1.5m : 0.75m };
    }

    private static Scatter WithBars(Line line, int start, int end)
    {
        var trace = Trace(line, (line.X[start..end].ToArray(), line.Y[start..end].ToArray()));
        var (y, low, high) = (
            line.Y[start..end].ToArray(),
            line.Low[start..end].ToArray(),
            line.High[start..end].ToArray()
        );
        trace.ErrorY = new ErrorY
        {
            Type = Plotly.Blazor.Traces.ScatterLib.ErrorYLib.TypeEnum.Data,
            Symmetric = false,
            Array = Boxed([.. high.Zip(y, (upper, value) => upper - value)]),
            ArrayMinus = Boxed([.. low.Zip(y, (lower, value) => value - lower)]),
            Color = line.Color,
            Thickness = 1,
        };
        return trace;
    }

    private static Scatter Edge(
        Line line,
        (double[] X, double[] Y) points,
        bool fills,
        double width = 0,
        string? color = null
    ) =>
        new()
        {
            X = Boxed(points.X),
            Y = Boxed(points.Y),
            Mode = ModeFlag.Lines,
            Line = new Plotly.Blazor.Traces.ScatterLib.Line { Width = (decimal)width, Color = color ?? line.Color },
            Fill = fills ? FillEnum.ToNextY : null,
            FillColor = Translucent(line.Color, 0.22),
            ShowLegend = false,
            HoverInfo = HoverInfoFlag.Skip,
            ConnectGaps = true,
        };

    private static Plotly.Blazor.Traces.HeatMap Map(HeatMap map, bool titled) =>
        new()
        {
            X = [.. map.X.Select(Place)],
            Y = [.. map.Y.Select(Place)],
            Z =
            [
                .. map.Z.Select(row =>
                    (object)row.Select(value => map.Logarithmic ? Math.Log10(value) : value).Select(Boxed).ToArray()
                ),
            ],
            ZMin = map.Classes.Count > 0 ? -0.5m : Decimal(map.Range?.Low),
            ZMax = map.Classes.Count > 0 ? map.Classes.Count - 0.5m : Decimal(map.Range?.High),
            ColorScale = map.Classes.Count == 0 ? "Viridis" : Steps(map.Classes),
            ShowScale = map.Classes.Count == 0,
            Text = map.Texts.Count > 0 ? Names(map.Texts) : null,
            TextTemplate = map.Texts.Count > 0 ? "%{text}" : null,
            HoverText = map.Hints.Count > 0 ? Names(map.Hints) : null,
            HoverInfo = map.Hints.Count > 0 ? Plotly.Blazor.Traces.HeatMapLib.HoverInfoFlag.Text : null,
            XGap = map.Texts.Count > 0 ? 1 : null,
            YGap = map.Texts.Count > 0 ? 1 : null,
            HoverOnGaps = false,
            ColorBar = new Plotly.Blazor.Traces.HeatMapLib.ColorBar
            {
                Title = titled ? Title(map) : null,
                Thickness = 14,
            },
        };

    private static Plotly.Blazor.Traces.HeatMapLib.ColorBarLib.Title Title(HeatMap map) =>
        new()
        {
            Text = Plain(map.Logarithmic ? $"log10 of {map.Label}" : map.Label),
            Side = Plotly.Blazor.Traces.HeatMapLib.ColorBarLib.TitleLib.SideEnum.Right,
        };

    /// <summary>
    /// Returns a stepped color scale: every class has its color at both ends of its part of the scale.
    /// </summary>
    private static object[][] Steps(IReadOnlyList<string> classes) =>
        [
            .. classes.SelectMany(
                (color, i) =>
                    new object[][] { [(double)i / classes.Count, color], [(double)(i + 1) / classes.Count, color] }
            ),
        ];

    private static List<object>? Places(IReadOnlyList<Tick> ticks) =>
        ticks.Count == 0 ? null : [.. ticks.Select(tick => Boxed(tick.At)!)];

    private static List<object>? Names(IReadOnlyList<Tick> ticks) =>
        ticks.Count == 0 ? null : [.. ticks.Select(tick => Plain(tick.Text))];

    private static List<object> Names(IReadOnlyList<IReadOnlyList<string>> rows) =>
        [.. rows.Select(row => (object)row.Select(Plain).ToArray())];
}
