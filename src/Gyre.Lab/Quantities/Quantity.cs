using Gyre.Lab.RunFiles;

namespace Gyre.Lab.Quantities;

/// <summary>
/// A measured quantity, by everything that the pages, the figures and the exports need to know of it. It is a number of
/// a step or of a measurement: exactly one of <see cref="FromStep"/> and <see cref="FromMeasurement"/> is there.
/// </summary>
/// <param name="Name">In snake_case, as in the run folder; its column on the page.</param>
/// <param name="Label">What it is, in lists and at axes.</param>
/// <param name="Tag">Its tag in TensorBoard.</param>
internal sealed record Quantity(string Name, string Label, string Tag)
{
    /// <summary>Behind the label where it is shown.</summary>
    public string Unit { get; init; } = "";

    /// <summary>Its name in addresses of the page.</summary>
    public string Id { get; init; } = Name.Replace('_', '-');

    /// <summary>Reads it from a step.</summary>
    public Func<StepRecord, MeasuredValue>? FromStep { get; init; }

    /// <summary>Reads it from a measurement.</summary>
    public Func<CurvatureRecord, MeasuredValue>? FromMeasurement { get; init; }

    /// <summary>Reads the whole record where it is a rotation.</summary>
    public Func<CurvatureRecord, RotationRecord?>? Rotation { get; init; }

    /// <summary>Pages and figures show the record's number times this: 100 for a share in percent.</summary>
    public double Factor { get; init; } = 1;

    /// <summary>
    /// What its error bar shows, which is drawn as a band; empty: none is drawn. The residual of an eigenvalue, which is
    /// thinner than a line, is left to the tables.
    /// </summary>
    public string Band { get; init; } = "";

    /// <summary>Whether an axis of its own is logarithmic.</summary>
    public bool Logarithmic { get; init; }

    /// <summary>Ends of an axis of its own; null: those of what is shown.</summary>
    public (double Low, double High)? Range { get; init; }

    /// <summary>Its line in a panel of a run; null: it is drawn on the page's comparison alone.</summary>
    public QuantityLine? Line { get; init; }

    /// <summary>Whether `gyre run` shows it on the terminal while it goes.</summary>
    public bool OnTerminal { get; init; }

    /// <summary>Label and unit.</summary>
    public string Title => Unit.Length == 0 ? Label : $"{Label}, {Unit}";

    /// <summary>Column of the lower end of its error bar.</summary>
    public string LowName => $"{Name}_low";

    /// <summary>Column of the upper end of its error bar.</summary>
    public string HighName => $"{Name}_high";
}

/// <summary>How a quantity is drawn in a panel.</summary>
/// <param name="Panel">The panel.</param>
/// <param name="Name">In the legend on the page.</param>
/// <param name="Color">Of <see cref="OkabeIto"/>; what is black on paper is grey and dashed on the page.</param>
internal sealed record QuantityLine(QuantityPanel Panel, string Name, string Color)
{
    /// <summary>In the legend of the figure.</summary>
    public string PaperName { get; init; } = Name;

    /// <summary>How its points are joined.</summary>
    public QuantityShape Shape { get; init; }

    /// <summary>The mark at its points in the figure.</summary>
    public QuantityMark Mark { get; init; }

    /// <summary>Width in the figure, pixels.</summary>
    public float Width { get; init; } = 1.2f;

    /// <summary>Whether it is drawn after the other lines of its panel, whatever its place in the catalog.</summary>
    public bool Last { get; init; }
}

/// <summary>How the points of a quantity are joined.</summary>
internal enum QuantityShape
{
    /// <summary>From each to the next.</summary>
    Joined,

    /// <summary>In the figure, strong within a burst and pale from burst to burst.</summary>
    Bursts,

    /// <summary>In the figure, not at all: nothing is measured between two of them.</summary>
    Events,

    /// <summary>Nowhere: marks alone.</summary>
    Marks,

    /// <summary>Each value holds until the next.</summary>
    Held,
}

/// <summary>The mark at the points of a quantity.</summary>
internal enum QuantityMark
{
    None,
    Disc,
    Ring,
    Triangle,
    Square,
    OpenSquare,
    OpenDiamond,
    Cross,
}

/// <summary>Numbers of one kind in a measurement, told apart by their index.</summary>
/// <param name="Name">Before the number of each in a column's name.</param>
/// <param name="Tag">Before the index of each in TensorBoard.</param>
/// <param name="Symbol">Before the number of each in a legend.</param>
/// <param name="Panel">Where they are drawn.</param>
/// <param name="Read">Reads them; empty where a file of another version lacks them.</param>
internal sealed record QuantityFamily(
    string Name,
    string Tag,
    string Symbol,
    QuantityPanel Panel,
    Func<CurvatureRecord, IReadOnlyList<double>> Read
)
{
    /// <summary>How many are drawn at most.</summary>
    public const int MostDrawn = 6;

    /// <summary>The one of an index; NaN where there are fewer.</summary>
    public double At(CurvatureRecord record, int index) =>
        Read(record) is var values && index < values.Count ? values[index] : double.NaN;

    /// <summary>Column of the one of an index.</summary>
    public string Column(int index) => FormattableString.Invariant($"{Name}_{index + 1}");

    /// <summary>Tag of the one of an index.</summary>
    public string TagAt(int index) => FormattableString.Invariant($"{Tag}/{index}");

    /// <summary>The one of an index in a legend.</summary>
    public string Legend(int index) => FormattableString.Invariant($"{Symbol}{index + 1}");
}
