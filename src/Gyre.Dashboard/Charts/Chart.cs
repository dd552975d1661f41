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
    /// <summary>A disc.</summary>
    Circle,

    /// <summary>A triangle that points up.</summary>
    Triangle,

    /// <summary>A square.</summary>
    Square,

    /// <summary>A square on its corner.</summary>
    Diamond,

    /// <summary>A triangle that points down.</summary>
    TriangleDown,

    /// <summary>Two strokes in the form of an x.</summary>
    Cross,

    /// <summary>Two strokes in the form of a plus.</summary>
    Plus,

    /// <summary>A ring.</summary>
    OpenCircle,

    /// <summary>The outline of a square.</summary>
    OpenSquare,

    /// <summary>The outline of a square on its corner.</summary>
    OpenDiamond,
}

/// <summary>A line of a chart. There is no point at a number that is not finite.</summary>
/// <param name="Name">Name in the legend.</param>
/// <param name="X">Horizontal coordinates.</param>
/// <param name="Y">Vertical coordinates, equally many.</param>
/// <param name="Color">Color as #RRGGBB.</param>
internal sealed record Line(string Name, ReadOnlyMemory<double> X, ReadOnlyMemory<double> Y, string Color)
{
    /// <summary>Lower ends of a band, one per point; empty for no band.</summary>
    public ReadOnlyMemory<double> Low { get; init; }

    /// <summary>Upper ends of the band.</summary>
    public ReadOnlyMemory<double> High { get; init; }

    /// <summary>How points are drawn.</summary>
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

    /// <summary>
    /// Whether a number that is not finite leaves a gap; otherwise its neighbors are joined.
    /// </summary>
    public bool Broken { get; init; }

    /// <summary>Whether the line has no legend entry.</summary>
    public bool Unlisted { get; init; }

    /// <summary>
    /// Whether points have markers if they are few enough to be distinguished, because nothing was measured between
    /// them.
    /// </summary>
    public bool Dotted { get; init; }

    /// <summary>Whether low and high ends are drawn as bars instead of a band.</summary>
    public bool Bars { get; init; }

    /// <summary>Tooltips of the points; empty for their coordinates.</summary>
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

/// <summary>Numbers over a plane, drawn as colors.</summary>
/// <param name="X">Horizontal coordinates.</param>
/// <param name="Y">Vertical coordinates.</param>
/// <param name="Z">One row per value of <paramref name="Y"/>; NaN leaves a gap.</param>
/// <param name="Label">Name of the numbers.</param>
internal sealed record HeatMap(IReadOnlyList<object> X, IReadOnlyList<object> Y, double[][] Z, string Label)
{
    /// <summary>The range of the colors; null for that of the numbers.</summary>
    public (double Low, double High)? Range { get; init; }

    /// <summary>Whether the color scale is logarithmic.</summary>
    public bool Logarithmic { get; init; }

    /// <summary>Whether the reader can switch the color scale between linear and logarithmic.</summary>
    public bool Rescalable { get; init; }

    /// <summary>On a logarithmic scale, everything below this has the same color; 0 for no limit.</summary>
    public double Floor { get; init; }

    /// <summary>
    /// Whether the numbers vary smoothly. Contour lines are then drawn, and colors are interpolated.
    /// </summary>
    public bool Smooth { get; init; }

    /// <summary>Texts drawn on the numbers, one row per value of <see cref="Y"/>; empty for none.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Texts { get; init; } = [];

    /// <summary>Tooltips of the numbers; empty for coordinates and number.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Hints { get; init; } = [];

    /// <summary>
    /// Colors of the integers from 0, as #RRGGBB, if the numbers stand for classes; empty for a color scale.
    /// </summary>
    public IReadOnlyList<string> Classes { get; init; } = [];

    /// <summary>Names of these classes.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];
}

/// <summary>A label at a place of an axis, instead of its number.</summary>
/// <param name="At">The place.</param>
/// <param name="Text">The label.</param>
internal readonly record struct Tick(double At, string Text);

/// <summary>
/// The content of a chart, independent of how it is drawn. Pure: created from the numbers of a run or sweep, drawn by
/// <see cref="PlotlyDrawing"/>, and written as a table by <see cref="ChartFiles"/>.
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

    /// <summary>Range of the vertical axis; null for that of the content.</summary>
    public (double Low, double High)? Range { get; init; }

    /// <summary>Range of the horizontal axis; null for that of the content.</summary>
    public (double From, double To)? Across { get; init; }

    /// <summary>Whether the charts next to it show the same horizontal range.</summary>
    public bool Linked { get; init; } = true;

    /// <summary>Whether both axes have the same scale.</summary>
    public bool Square { get; init; }

    /// <summary>A note for readers, of one or two sentences.</summary>
    public string Note { get; init; } = "";

    /// <summary>Height in pixels.</summary>
    public int Height { get; init; } = 260;

    /// <summary>Names of the categories of the horizontal axis.</summary>
    public bool Categories { get; init; }

    /// <summary>Labels instead of numbers on the horizontal axis; empty for numbers.</summary>
    public IReadOnlyList<Tick> TicksX { get; init; } = [];

    /// <summary>Labels instead of numbers on the vertical axis.</summary>
    public IReadOnlyList<Tick> TicksY { get; init; } = [];

    /// <summary>Whether the vertical axis is on the right.</summary>
    public bool Right { get; init; }

    /// <summary>A description for screen readers; empty for the last number of each line.</summary>
    public string Description { get; init; } = "";

    /// <summary>
    /// Whether coordinates are names, as in a map: there is no other scale, and minimum and maximum have no meaning.
    /// </summary>
    public bool Named => TicksY.Count > 0;

    /// <summary>Whether there is nothing to show.</summary>
    public bool Empty => Map is null && Lines.All(line => !Finite(line));

    /// <summary>
    /// Returns whether another chart has the same content: equally many points, with the same last ones. Lines only
    /// grow, so earlier points are then equal too.
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

/// <summary>The visible range of the horizontal axis; null for all of it.</summary>
/// <param name="From">Left end.</param>
/// <param name="To">Right end.</param>
internal sealed record Window(double? From, double? To)
{
    /// <summary>The whole range.</summary>
    public static Window All { get; } = new(null, null);

    /// <summary>Whether the range is a part of the axis.</summary>
    public bool Part => From is not null || To is not null;

    /// <summary>
    /// Returns the indices of the points of a line inside, with the nearest point beyond each end, so that lines
    /// continue to the edge.
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
