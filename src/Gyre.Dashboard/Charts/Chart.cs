using Gyre.Lab.Quantities;

namespace Gyre.Dashboard.Charts;

/// <summary>How the points of a line are drawn.</summary>
internal enum LineShape
{
    /// <summary>Joined.</summary>
    Straight,

    /// <summary>Each value holds until the next.</summary>
    Held,

    /// <summary>Marks alone.</summary>
    Marks,

    /// <summary>Marks, joined.</summary>
    MarkedLine,
}

/// <summary>The mark at each point: lines are told apart by it where colors are not.</summary>
internal enum LineMark
{
    /// <summary>A disc.</summary>
    Circle,

    /// <summary>A triangle that points up.</summary>
    Triangle,

    /// <summary>A square.</summary>
    Square,

    /// <summary>A square on its tip.</summary>
    Diamond,

    /// <summary>A triangle that points down.</summary>
    TriangleDown,

    /// <summary>Two strokes, as an x.</summary>
    Cross,

    /// <summary>Two strokes, as a plus.</summary>
    Plus,

    /// <summary>A ring.</summary>
    OpenCircle,

    /// <summary>A square's frame.</summary>
    OpenSquare,

    /// <summary>A frame on its tip.</summary>
    OpenDiamond,
}

/// <summary>A line of a chart. Where a number is not finite there is no point.</summary>
/// <param name="Name">For the legend.</param>
/// <param name="X">Across.</param>
/// <param name="Y">As many, up.</param>
/// <param name="Color">As #RRGGBB.</param>
internal sealed record Line(string Name, ReadOnlyMemory<double> X, ReadOnlyMemory<double> Y, string Color)
{
    /// <summary>Lower ends of a band around it, as many; empty: none.</summary>
    public ReadOnlyMemory<double> Low { get; init; }

    /// <summary>Upper ends.</summary>
    public ReadOnlyMemory<double> High { get; init; }

    /// <summary>How points are drawn.</summary>
    public LineShape Shape { get; init; }

    /// <summary>Pixels.</summary>
    public double Width { get; init; } = 1.5;

    /// <summary>Whether it has a white edge, so that it is seen on every color of a map.</summary>
    public bool Outlined { get; init; }

    /// <summary>Drawn in dashes.</summary>
    public bool Dashed { get; init; }

    /// <summary>The mark at each point, where there are marks.</summary>
    public LineMark Mark { get; init; }

    /// <summary>Its size in pixels.</summary>
    public int MarkSize { get; init; } = 6;

    /// <summary>
    /// Whether it ends where a number is not finite and begins again behind it; else its neighbors are joined.
    /// </summary>
    public bool Broken { get; init; }

    /// <summary>Whether the legend leaves it out.</summary>
    public bool Unlisted { get; init; }

    /// <summary>
    /// Whether its points are marked where they are few enough to be told apart: what lies between them was not
    /// measured.
    /// </summary>
    public bool Dotted { get; init; }

    /// <summary>Whether low and high are drawn as bars at each point instead of a band.</summary>
    public bool Bars { get; init; }

    /// <summary>What to say at each point when it is pointed at; empty: its numbers.</summary>
    public IReadOnlyList<string> Texts { get; init; } = [];

    /// <summary>
    /// Whether the points go on to the right, so that there may be fewer of them while none of their extremes is lost.
    /// A path, which turns back, is drawn as it is.
    /// </summary>
    public bool Rising { get; init; } = true;
}

/// <summary>A stretch across that is shaded, such as an instability.</summary>
/// <param name="From">Left end.</param>
/// <param name="To">Right end.</param>
/// <param name="Label">Written on top; may be empty.</param>
/// <param name="Color">As #RRGGBB; drawn faintly.</param>
internal sealed record Shade(double From, double To, string Label, string Color = OkabeIto.Orange)
{
    /// <summary>From 0, not seen, to 1.</summary>
    public double Opacity { get; init; } = 0.16;
}

/// <summary>Numbers over a plane as colors.</summary>
/// <param name="X">Places across.</param>
/// <param name="Y">Places up.</param>
/// <param name="Z">A row for each of <paramref name="Y"/>; NaN: nothing there.</param>
/// <param name="Label">What the numbers are.</param>
internal sealed record HeatMap(IReadOnlyList<object> X, IReadOnlyList<object> Y, double[][] Z, string Label)
{
    /// <summary>Ends of the colors, as numbers; null: those of the numbers.</summary>
    public (double Low, double High)? Range { get; init; }

    /// <summary>Whether colors go by the logarithm.</summary>
    public bool Logarithmic { get; init; }

    /// <summary>Whether the reader can have the colors' scale the other way.</summary>
    public bool Rescalable { get; init; }

    /// <summary>On a logarithmic scale everything below this has one color; 0: none.</summary>
    public double Floor { get; init; }

    /// <summary>
    /// Whether the numbers change evenly from place to place: levels of equal value are then drawn as lines, and
    /// colors between the places.
    /// </summary>
    public bool Smooth { get; init; }

    /// <summary>Written at each number, a row for each of <see cref="Y"/>; empty: nothing.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Texts { get; init; } = [];

    /// <summary>Said of each where it is pointed at; empty: place and number.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Hints { get; init; } = [];

    /// <summary>
    /// Colors of the whole numbers from 0, as #RRGGBB, where the numbers stand for classes; empty: a scale.
    /// </summary>
    public IReadOnlyList<string> Classes { get; init; } = [];

    /// <summary>Names of these classes.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];
}

/// <summary>A name at a place of an axis, in place of its number.</summary>
/// <param name="At">The place.</param>
/// <param name="Text">The name.</param>
internal readonly record struct Tick(double At, string Text);

/// <summary>
/// What a chart shows, whatever draws it. Pure: made of a run's or sweep's numbers, drawn by
/// <see cref="PlotlyDrawing"/>, written as a table by <see cref="ChartFiles"/>.
/// </summary>
/// <param name="Id">Its name in addresses.</param>
/// <param name="Title">What it is, in a few words.</param>
/// <param name="XLabel">What goes across, with its unit.</param>
/// <param name="YLabel">What goes up.</param>
/// <param name="Lines">In the order of the legend.</param>
internal sealed record Chart(string Id, string Title, string XLabel, string YLabel, IReadOnlyList<Line> Lines)
{
    /// <summary>Stretches to shade.</summary>
    public IReadOnlyList<Shade> Shades { get; init; } = [];

    /// <summary>A map below the lines.</summary>
    public HeatMap? Map { get; init; }

    /// <summary>Whether it is logarithmic upwards.</summary>
    public bool Logarithmic { get; init; }

    /// <summary>Whether it is logarithmic across.</summary>
    public bool LogarithmicX { get; init; }

    /// <summary>Ends upwards; null: those of what is shown.</summary>
    public (double Low, double High)? Range { get; init; }

    /// <summary>Ends across; null: those of what is shown.</summary>
    public (double From, double To)? Across { get; init; }

    /// <summary>Whether the charts beside it show the same stretch across.</summary>
    public bool Linked { get; init; } = true;

    /// <summary>Whether a unit is as long across as upwards.</summary>
    public bool Square { get; init; }

    /// <summary>What a reader should know, a sentence or two.</summary>
    public string Note { get; init; } = "";

    /// <summary>Pixels high.</summary>
    public int Height { get; init; } = 260;

    /// <summary>Names of the places across where they are words.</summary>
    public bool Categories { get; init; }

    /// <summary>Names in place of numbers across; empty: numbers.</summary>
    public IReadOnlyList<Tick> TicksX { get; init; } = [];

    /// <summary>Names in place of numbers upwards.</summary>
    public IReadOnlyList<Tick> TicksY { get; init; } = [];

    /// <summary>Whether the axis upwards stands at the right.</summary>
    public bool Right { get; init; }

    /// <summary>What it shows, for who does not see it; empty: the last number of each line.</summary>
    public string Description { get; init; } = "";

    /// <summary>
    /// Whether its places are names, such as a map's: there is no other scale, and smallest and largest say nothing.
    /// </summary>
    public bool Named => TicksY.Count > 0;

    /// <summary>Whether there is nothing to show.</summary>
    public bool Empty => Map is null && Lines.All(line => !Finite(line));

    /// <summary>
    /// Whether another one shows the same: as many points with the same last ones. Lines only grow, so that those
    /// before are the same, too.
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

/// <summary>The stretch across that is looked at; null: all of it.</summary>
/// <param name="From">Left end.</param>
/// <param name="To">Right end.</param>
internal sealed record Window(double? From, double? To)
{
    /// <summary>All there is.</summary>
    public static Window All { get; } = new(null, null);

    /// <summary>Whether it is a part.</summary>
    public bool Part => From is not null || To is not null;

    /// <summary>
    /// Places of the points of a line inside, with the nearest point beyond each end, so that lines go on to the edge.
    /// </summary>
    public (int Start, int End) Places(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        var start = From is { } from ? Math.Max(0, Lower(x, from) - 1) : 0;
        var end = To is { } to ? Math.Min(x.Length, Lower(x, to) + 2) : x.Length;
        // Of what is measured now and then, the nearest may be rows away.
        while (start > 0 && !double.IsFinite(y[start]))
            start--;
        while (end < x.Length && end > 0 && !double.IsFinite(y[end - 1]))
            end++;
        return (Math.Min(start, end), end);
    }

    private static int Lower(ReadOnlySpan<double> x, double value) =>
        x.BinarySearch(value) is var place && place < 0 ? ~place : place;
}
