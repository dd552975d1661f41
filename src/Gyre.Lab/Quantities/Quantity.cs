using Gyre.Lab.RunFiles;

namespace Gyre.Lab.Quantities;

/// <summary>
/// A measured quantity, with everything that the pages, figures and exports need. It is a number of a step or of a
/// measurement: exactly one of <see cref="FromStep"/> and <see cref="FromMeasurement"/> is set.
/// </summary>
/// <param name="Name">Name in snake_case, as in the run folder; also its column on the page.</param>
/// <param name="Label">Description in lists and on axes.</param>
/// <param name="Tag">TensorBoard tag.</param>
internal sealed record Quantity(string Name, string Label, string Tag)
{
    /// <summary>The unit shown after the label.</summary>
    public string Unit { get; init; } = "";

    /// <summary>The identifier in the page's URLs.</summary>
    public string Id { get; init; } = Name.Replace('_', '-');

    /// <summary>Reads the value from a step.</summary>
    public Func<StepRecord, MeasuredValue>? FromStep { get; init; }

    /// <summary>Reads the value from a measurement.</summary>
    public Func<CurvatureRecord, MeasuredValue>? FromMeasurement { get; init; }

    /// <summary>Reads the whole rotation record, if the quantity is a rotation.</summary>
    public Func<CurvatureRecord, RotationRecord?>? Rotation { get; init; }

    /// <summary>Pages and figures multiply the record's number by this factor: 100 for a share in percent.</summary>
    public double Factor { get; init; } = 1;

    /// <summary>
    /// The meaning of the error bar, which is drawn as a band; empty: no band is drawn. The residual of an
    /// eigenvalue, which is thinner than a line, is only in the tables.
    /// </summary>
    public string Band { get; init; } = "";

    /// <summary>Whether the quantity's own axis is logarithmic.</summary>
    public bool Logarithmic { get; init; }

    /// <summary>The ends of the quantity's own axis; null: those of the values shown.</summary>
    public (double Low, double High)? Range { get; init; }

    /// <summary>The quantity's line in a panel of a run; null: it is drawn only in the page's comparison.</summary>
    public QuantityLine? Line { get; init; }

    /// <summary>Whether `gyre run` shows the quantity on the terminal while it runs.</summary>
    public bool OnTerminal { get; init; }

    /// <summary>The label with the unit.</summary>
    public string Title => Unit.Length == 0 ? Label : $"{Label}, {Unit}";

    /// <summary>The column of the error bar's lower end.</summary>
    public string LowName => $"{Name}_low";

    /// <summary>The column of the error bar's upper end.</summary>
    public string HighName => $"{Name}_high";
}

/// <summary>How a quantity is drawn in a panel.</summary>
/// <param name="Name">Legend text on the page.</param>
/// <param name="Color">A color of <see cref="OkabeIto"/>; black in the figure is gray and dashed on the page.</param>
internal sealed record QuantityLine(QuantityPanel Panel, string Name, string Color)
{
    /// <summary>The legend text in the figure.</summary>
    public string PaperName { get; init; } = Name;

    public QuantityShape Shape { get; init; }

    /// <summary>The marker at its points in the figure.</summary>
    public QuantityMark Mark { get; init; }

    /// <summary>Line width in the figure, in pixels.</summary>
    public float Width { get; init; } = 1.2f;

    /// <summary>
    /// Whether the line is drawn after the other lines of its panel, whatever its place in the catalog.
    /// </summary>
    public bool Last { get; init; }
}

/// <summary>How the points of a quantity are joined.</summary>
internal enum QuantityShape
{
    /// <summary>Each point is joined to the next.</summary>
    Joined,

    /// <summary>In the figure, a strong line within a burst and a pale one between bursts.</summary>
    Bursts,

    /// <summary>In the figure, the points are not joined, since nothing is measured between them.</summary>
    Events,

    /// <summary>The points are never joined: markers only.</summary>
    Marks,

    /// <summary>Each value holds until the next.</summary>
    Held,
}

/// <summary>The marker at the points of a quantity.</summary>
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

/// <summary>Several numbers of one kind in a measurement, distinguished by index.</summary>
/// <param name="Name">Column name, followed by the number.</param>
/// <param name="Tag">TensorBoard tag, followed by the index.</param>
/// <param name="Symbol">Legend symbol, followed by the number.</param>
/// <param name="Panel">The panel that shows them.</param>
/// <param name="Read">Reads the numbers; empty if a file of another version lacks them.</param>
internal sealed record QuantityFamily(
    string Name,
    string Tag,
    string Symbol,
    QuantityPanel Panel,
    Func<CurvatureRecord, IReadOnlyList<double>> Read
)
{
    /// <summary>The largest number of lines drawn.</summary>
    public const int MostDrawn = 6;

    /// <summary>Returns the number at an index, or NaN if there are fewer.</summary>
    public double At(CurvatureRecord record, int index) =>
        Read(record) is var values && index < values.Count ? values[index] : double.NaN;

    /// <summary>Returns the column name for an index.</summary>
    public string Column(int index) => FormattableString.Invariant($"{Name}_{index + 1}");

    /// <summary>Returns the TensorBoard tag for an index.</summary>
    public string TagAt(int index) => FormattableString.Invariant($"{Tag}/{index}");

    /// <summary>Returns the legend text for an index.</summary>
    public string Legend(int index) => FormattableString.Invariant($"{Symbol}{index + 1}");
}
