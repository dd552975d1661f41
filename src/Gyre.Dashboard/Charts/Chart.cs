using Gyre.Lab.Quantities;

namespace Gyre.Dashboard.Charts;

/// <summary>The ways to draw the points of a line.</summary>
internal enum LineShape
{
    /// <summary>Joined by straight lines.</summary>
    Straight,

    /// <summary>Each value is held until the next.</summary>
    Held,

    /// <summary>Markers only.</summary>
    Marks,

    /// <summary>Markers joined by lines.</summary>
    MarkedLine,
}

/// <summary>The marker at each point, which distinguishes lines without color.</summary>
internal enum LineMark
{
    /// <summary>A filled circle.</summary>
    Circle,

    /// <summary>A triangle that points up.</summary>
    Triangle,

    /// <summary>A square.</summary>
    Square,

    /// <summary>A square standing on a corner.</summary>
    Diamond,

    /// <summary>A triangle that points down.</summary>
    TriangleDown,

    /// <summary>A diagonal cross.</summary>
    Cross,

    /// <summary>An upright cross.</summary>
    Plus,

    /// <summary>The outline of a circle.</summary>
    OpenCircle,

    /// <summary>The outline of a square.</summary>
    OpenSquare,

    /// <summary>The outline of a diamond.</summary>
    OpenDiamond,
}

/// <summary>A line of a chart. Values that are not finite have no point.</summary>
/// <param name="Name">Name in the legend.</param>
/// <param name="X">Horizontal coordinates.</param>
/// <param name="Y">Vertical coordinates, one per element of <paramref name="X"/>.</param>
/// <param name="Color">Color as #RRGGBB.</param>
internal sealed record Line(string Name, ReadOnlyMemory<double> X, ReadOnlyMemory<double> Y, string Color)
{
    /// <summary>Lower ends of a band, one per point; empty if there is no band.</summary>
    public ReadOnlyMemory<double> Low { get; init; }

    /// <summary>Upper ends of the band.</summary>
    public ReadOnlyMemory<double> High { get; init; }

    /// <summary>The way points are drawn and joined.</summary>
    public LineShape Shape { get; init; }

    /// <summary>Width in pixels.</summary>
    public double Width { get; init; } = 1.5;

    /// <summary>Whether the line has a white edge, which keeps it visible on every color of a map.</summary>
    public bool Outlined { get; init; }

    /// <summary>Whether the line is dashed.</summary>
    public bool Dashed { get; init; }

    /// <summary>The marker at each point, if there are markers.</summary>
    public LineMark Mark { get; init; }

    /// <summary>Size of the marker in pixels.</summary>
    public int MarkSize { get; init; } = 6;

    /// <summary>Whether a value that is not finite leaves a gap; otherwise its neighbors are joined.</summary>
    public bool Broken { get; init; }

    /// <summary>Whether the line has no legend entry.</summary>
    public bool Unlisted { get; init; }

    /// <summary>
    /// Whether the points have markers if they are few enough to be distinguished. The markers show that nothing was
    /// measured between the points.
    /// </summary>
    public bool Dotted { get; init; }

    /// <summary>Whether low and high ends are drawn as bars instead of a band.</summary>
    public bool Bars { get; init; }

    /// <summary>Tooltips, one per point; if empty, a tooltip shows the coordinates.</summary>
    public IReadOnlyList<string> Texts { get; init; } = [];

    /// <summary>
    /// Whether the horizontal coordinates increase, so that points can be decimated without losing extremes. A path
    /// that turns back is drawn with all its points.
    /// </summary>
    public bool Rising { get; init; } = true;
}

/// <summary>A shaded range of the horizontal axis, such as an instability.</summary>
/// <param name="From">Left end.</param>
/// <param name="To">Right end.</param>
/// <param name="Label">Label at the top; may be empty.</param>
/// <param name="Color">Color as #RRGGBB; drawn faintly.</param>
internal sealed record Shade(double From, double To, string Label, string Color = OkabeIto.Orange)
{
    /// <summary>Opacity, 0 to 1.</summary>
    public double Opacity { get; init; } = 0.16;
}

/// <summary>Values over a plane, drawn as colors.</summary>
/// <param name="X">Horizontal coordinates.</param>
/// <param name="Y">Vertical coordinates.</param>
/// <param name="Z">One row per value of <paramref name="Y"/>; NaN leaves a gap.</param>
/// <param name="Label">Name of the values.</param>
internal sealed record HeatMap(IReadOnlyList<object> X, IReadOnlyList<object> Y, double[][] Z, string Label)
{
    /// <summary>The range of the color scale; null for the range of the values.</summary>
    public (double Low, double High)? Range { get; init; }

    /// <summary>Whether the color scale is logarithmic.</summary>
    public bool Logarithmic { get; init; }

    /// <summary>Whether the reader can switch the color scale between linear and logarithmic.</summary>
    public bool Rescalable { get; init; }

    /// <summary>On a logarithmic scale, all values below this have the same color; 0 for no limit.</summary>
    public double Floor { get; init; }

    /// <summary>
    /// Whether the values vary smoothly. If so, contour lines are drawn and colors are interpolated.
    /// </summary>
    public bool Smooth { get; init; }

    /// <summary>Texts drawn on the cells, one row per value of <see cref="Y"/>; empty if there are none.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Texts { get; init; } = [];

    /// <summary>Tooltips of the cells; if empty, a tooltip shows the coordinates and the value.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Hints { get; init; } = [];

    /// <summary>
    /// Colors of the classes as #RRGGBB, if the values are class numbers from 0; empty for a color scale.
    /// </summary>
    public IReadOnlyList<string> Classes { get; init; } = [];

    /// <summary>Names of the classes.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];
}

/// <summary>A label on an axis that replaces the number there.</summary>
/// <param name="At">Position on the axis.</param>
/// <param name="Text">The label.</param>
internal readonly record struct Tick(double At, string Text);

/// <summary>
/// The content of a chart, independent of its drawing. It is created from the data of a run or sweep, drawn by
/// <see cref="PlotlyDrawing"/>, and written as a table by <see cref="ChartFiles"/>. Pure.
/// </summary>
/// <param name="Id">Name in addresses.</param>
/// <param name="Title">A short title.</param>
/// <param name="XLabel">Label of the horizontal axis, with its unit.</param>
/// <param name="YLabel">Label of the vertical axis.</param>
/// <param name="Lines">The lines in the order of the legend.</param>
internal sealed record Chart(string Id, string Title, string XLabel, string YLabel, IReadOnlyList<Line> Lines)
{
    /// <summary>The shaded ranges.</summary>
    public IReadOnlyList<Shade> Shades { get; init; } = [];

    /// <summary>A map below the lines.</summary>
    public HeatMap? Map { get; init; }

    /// <summary>Whether the vertical axis is logarithmic.</summary>
    public bool Logarithmic { get; init; }

    /// <summary>Whether the horizontal axis is logarithmic.</summary>
    public bool LogarithmicX { get; init; }

    /// <summary>Range of the vertical axis; null for the range of the content.</summary>
    public (double Low, double High)? Range { get; init; }

    /// <summary>Range of the horizontal axis; null for the range of the content.</summary>
    public (double From, double To)? Across { get; init; }

    /// <summary>Whether the chart shares its horizontal range with the charts next to it.</summary>
    public bool Linked { get; init; } = true;

    /// <summary>Whether both axes have the same scale.</summary>
    public bool Square { get; init; }

    /// <summary>A note for readers: one or two sentences.</summary>
    public string Note { get; init; } = "";

    /// <summary>Height in pixels.</summary>
    public int Height { get; init; } = 260;

    /// <summary>Whether the horizontal axis has categories instead of numbers.</summary>
    public bool Categories { get; init; }

    /// <summary>Labels that replace the numbers on the horizontal axis; empty for numbers.</summary>
    public IReadOnlyList<Tick> TicksX { get; init; } = [];

    /// <summary>Labels that replace the numbers on the vertical axis; empty for numbers.</summary>
    public IReadOnlyList<Tick> TicksY { get; init; } = [];

    /// <summary>Whether the vertical axis is on the right.</summary>
    public bool Right { get; init; }

    /// <summary>A description for screen readers; if empty, it lists the last value of each line.</summary>
    public string Description { get; init; } = "";

    /// <summary>
    /// Whether vertical positions stand for names, as in the map of a sweep. They have no other scale, and their
    /// minimum and maximum have no meaning.
    /// </summary>
    public bool Named => TicksY.Count > 0;

    /// <summary>Whether there is nothing to show.</summary>
    public bool Empty => Map is null && Lines.All(line => !Finite(line));

    /// <summary>
    /// Returns whether another chart has the same content. Lines only grow, so it suffices to compare their lengths
    /// and last points. Charts with a map always count as different.
    /// </summary>
    public bool Like(Chart other) =>
        (Id, Title, Note, Across, Range) == (other.Id, other.Title, other.Note, other.Across, other.Range)
        && Map is null
        && other.Map is null
        && Shades.SequenceEqual(other.Shades)
        && Lines.Count == other.Lines.Count
        && Lines.Zip(other.Lines).All(pair => Like(pair.First, pair.Second));

    private static bool Like(Line one, Line other) =>
        one.Name == other.Name
        && one.X.Length == other.X.Length
        && one.Y.Length == other.Y.Length
        && (one.X.IsEmpty || one.X.Span[^1].Equals(other.X.Span[^1]) && one.Y.Span[^1].Equals(other.Y.Span[^1]));

    private static bool Finite(Line line)
    {
        foreach (var value in line.Y.Span)
        {
            if (double.IsFinite(value))
                return true;
        }
        return false;
    }
}

/// <summary>The visible range of the horizontal axis. An end that is null is not restricted.</summary>
/// <param name="From">Left end.</param>
/// <param name="To">Right end.</param>
internal sealed record Window(double? From, double? To)
{
    /// <summary>The whole range.</summary>
    public static Window All { get; } = new(null, null);

    /// <summary>Whether the range is a part of the axis.</summary>
    public bool Part => From is not null || To is not null;

    /// <summary>
    /// Returns the index range of a line's points inside the window, plus the nearest point beyond each end, so that
    /// lines continue to the edge.
    /// </summary>
    public (int Start, int End) Places(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        var start = From is { } from ? Math.Max(0, Lower(x, from) - 1) : 0;
        var end = To is { } to ? Math.Min(x.Length, Lower(x, to) + 2) : x.Length;
        // For a quantity that is measured occasionally, the nearest point may be many rows away.
        while (start > 0 && !double.IsFinite(y[start]))
            start--;
        while (end < x.Length && end > 0 && !double.IsFinite(y[end - 1]))
            end++;
        return (Math.Min(start, end), end);
    }

    private static int Lower(ReadOnlySpan<double> x, double value) =>
        x.BinarySearch(value) is var place && place < 0 ? ~place : place;
}
