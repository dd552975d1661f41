using Gyre.Dashboard.Reading;
using Gyre.Lab.Dynamics;
using Gyre.Lab.Quantities;

namespace Gyre.Dashboard.Charts;

/// <summary>The columns of a run as lines over steps or training time.</summary>
/// <param name="Run">The run.</param>
/// <param name="Time">Whether the horizontal axis is training time.</param>
internal sealed record RunView(RunSnapshot Run, bool Time)
{
    private const double Strides = 16;

    private readonly Dictionary<NumberTable, ReadOnlyMemory<double>> _across = [];

    /// <summary>The measurements.</summary>
    public NumberTable Curvature => Run.Curvature;

    /// <summary>Creates a chart over this axis.</summary>
    public Chart Chart(string id, string title, string label, IReadOnlyList<Line> lines) =>
        new(id, title, Time ? "training time, Σ eta" : "step", label, lines) { Across = Ends };

    /// <summary>
    /// The range from the first step to the last, with a small margin for markers at the ends. While a run is active,
    /// the end moves in strides of 1/32 to 1/16 of the length, so that charts without new points need not be redrawn.
    /// </summary>
    public (double From, double To)? Ends
    {
        get
        {
            if (Run.Steps.Count < 2)
                return null;
            var (from, to) = (Place(Run.Steps.Steps[0]), Place(Run.Steps.Steps[^1]));
            if (!(to > from))
                return null;
            if (!Time && Run.Summary is null && Math.Pow(2, Math.Floor(Math.Log2(to / Strides))) is >= 1 and var stride)
                to = stride * Math.Ceiling(to / stride);
            return (from - 0.01 * (to - from), to + 0.01 * (to - from));
        }
    }

    /// <summary>
    /// Returns a panel over this axis: one line per measured quantity, and the eigenvalues if they belong to it.
    /// </summary>
    public Chart Chart(QuantityPanel panel) =>
        Chart(
            panel.Id,
            panel.Title,
            panel.Label,
            [
                .. Lines(QuantityCatalog.Eigenvalues, panel),
                .. QuantityCatalog
                    .DrawnIn(panel)
                    .Where(quantity => TableOf(quantity).Has(quantity.Name))
                    .Select(CreateLine),
            ]
        ) with
        {
            Logarithmic = panel.Logarithmic,
            Range = panel.Range,
        };

    /// <summary>Returns a quantity as a line, with a band if it has error bars.</summary>
    public Line CreateLine(Quantity quantity, string name, string color)
    {
        var table = TableOf(quantity);
        var line = quantity.FromMeasurement is null
            ? CreateLine(table, name, quantity.Name, color)
            : Measured(name, quantity.Name, color);
        return quantity.Band.Length > 0 && table.Has(quantity.Name)
            ? line with
            {
                Low = table[quantity.LowName],
                High = table[quantity.HighName],
            }
            : line;
    }

    /// <summary>Returns the table that has a quantity as a column.</summary>
    private NumberTable TableOf(Quantity quantity) => quantity.FromMeasurement is null ? Run.Steps : Curvature;

    /// <summary>
    /// Returns a quantity as drawn in its panel. Black is invisible on a dark background, so it becomes gray and
    /// dashed.
    /// </summary>
    private Line CreateLine(Quantity quantity)
    {
        var drawn = quantity.Line!;
        var quiet = drawn.Color == OkabeIto.Black;
        var color = quiet ? OkabeIto.Gray : drawn.Color;
        var line =
            quantity == QuantityCatalog.Threshold ? Threshold(drawn.Name) : CreateLine(quantity, drawn.Name, color);
        return line with { Dashed = quiet, Shape = Shape(drawn.Shape) };
    }

    private static LineShape Shape(QuantityShape shape) =>
        shape switch
        {
            QuantityShape.Held => LineShape.Held,
            QuantityShape.Marks => LineShape.Marks,
            _ => LineShape.Straight,
        };

    private IEnumerable<Line> Lines(QuantityFamily family, QuantityPanel panel) =>
        family.Panel != panel
            ? []
            : Enumerable
                .Range(0, QuantityFamily.MostDrawn)
                .TakeWhile(index => Curvature.Has(family.Column(index)))
                .Select(index => Measured(family.Legend(index), family.Column(index), OkabeIto.At(index)));

    /// <summary>Returns a column of the measurements as a line.</summary>
    public Line Measured(string name, string column, string color) =>
        CreateLine(Curvature, name, column, color) with
        {
            Dotted = true,
        };

    /// <summary>Returns the cumulative seconds of a part of the work.</summary>
    public Line Summed(string part, string color)
    {
        var (sum, seconds) = (0.0, Column(Run.Timings, part).ToArray());
        for (var i = 0; i < seconds.Length; i++)
            seconds[i] = sum += double.IsFinite(seconds[i]) ? seconds[i] : 0;
        return new Line(part, Across(Run.Timings), seconds, color);
    }

    private Line Threshold(string name) =>
        new(
            name,
            Across(Run.Steps),
            ThresholdLine.AtEachStep(
                Run.Steps.Steps,
                Column(Run.Steps, "learning_rate").Span,
                Curvature.Steps,
                Column(Curvature, QuantityCatalog.Threshold.Name).Span
            ),
            OkabeIto.Gray
        )
        {
            Width = 2,
        };

    /// <summary>Returns the instabilities; one that is not resolved extends to the last step.</summary>
    public IReadOnlyList<Shade> Shades()
    {
        var last = Math.Max(Run.LastStep, 0);
        return
        [
            .. Run
                .Cycles.Select(cycle => new Shade(
                    Place(cycle.Onset),
                    Place(cycle.Resolution ?? last),
                    FormattableString.Invariant($"{cycle.Number}")
                ))
                .Where(shade => double.IsFinite(shade.From) && double.IsFinite(shade.To)),
        ];
    }

    private Line CreateLine(NumberTable table, string name, string column, string color) =>
        new(name, Across(table), Column(table, column), color);

    private static ReadOnlyMemory<double> Column(NumberTable table, string column) =>
        table[column] is { Length: > 0 } values ? values : Enumerable.Repeat(double.NaN, table.Count).ToArray();

    private ReadOnlyMemory<double> Across(NumberTable table)
    {
        if (!Time)
            return table[GrowingTable.Step];
        if (!_across.TryGetValue(table, out var across))
            _across[table] = across = table[GrowingTable.Step].ToArray().Select(Place).ToArray();
        return across;
    }

    private double Place(double step)
    {
        if (!Time)
            return step;
        var place = Run.Steps.Steps.BinarySearch(step);
        return place < 0 ? double.NaN : Run.Steps[RunColumns.Time].Span[place];
    }

    private double Place(long step) => Place((double)step);
}
