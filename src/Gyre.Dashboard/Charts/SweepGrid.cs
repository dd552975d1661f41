using System.Globalization;
using Gyre.Dashboard.Reading;
using Gyre.Lab.Dynamics;
using Gyre.Lab.Figures;
using Gyre.Lab.Statistics;
using Gyre.Torch;

namespace Gyre.Dashboard.Charts;

/// <summary>A column of the map: the cells of one learning rate, or of one reduction.</summary>
/// <param name="Name">The group's name without the other axes.</param>
/// <param name="Short">A shorter name for places with little room.</param>
internal sealed record GridColumn(string Name, string Short);

/// <summary>A row of the map: a seed of one combination of the other axes.</summary>
/// <param name="Series">The combination; empty if only the learning rate varies.</param>
/// <param name="Seed">The seed.</param>
internal sealed record GridRow(string Series, int Seed)
{
    /// <summary>The displayed name.</summary>
    public string Name =>
        FormattableString.Invariant($"{(Series.Length == 0 ? "" : $"{SweepView.Short(Series)}, ")}seed {Seed}");
}

/// <summary>The cells of a sweep by learning rate and seed, as a map and as a table.</summary>
/// <param name="Columns">The columns by increasing learning rate, then reductions.</param>
/// <param name="Rows">The rows by the other axes, then by seed.</param>
/// <param name="Cells">One row per element of <paramref name="Rows"/>; null if the plan has no such cell.</param>
internal sealed record SweepGrid(
    IReadOnlyList<GridColumn> Columns,
    IReadOnlyList<GridRow> Rows,
    IReadOnlyList<IReadOnlyList<SweepCellState?>> Cells
)
{
    private const int MostWritten = 400;
    private const int MostColumnsWritten = 24;
    private const int RowHeight = 26;
    private const int Around = 150;
    private const string Unit = " edge units";

    /// <summary>Name of the chart.</summary>
    public const string Id = "map";

    /// <summary>Value of <c>map</c> in an address: the outcome of the runs.</summary>
    public const string Outcomes = "outcome";

    /// <summary>Creates the grid.</summary>
    public static SweepGrid FromSweep(SweepSnapshot sweep)
    {
        var columns = sweep
            .Cells.GroupBy(state => (Fork: state.Cell.Parent is not null, Name: Name(state)))
            .OrderBy(column => column.Key.Fork)
            .ThenBy(column => column.Average(state => state.Cell.LearningRate))
            .ThenByDescending(column => column.Average(state => state.Cell.ReducedTo ?? 0))
            .ThenBy(column => column.Key.Name, StringComparer.Ordinal)
            .ToArray();
        var rows = sweep
            .Cells.Select(RowOf)
            .Distinct()
            .OrderBy(row => row.Series, StringComparer.Ordinal)
            .ThenBy(row => row.Seed)
            .ToArray();
        var (places, numbers) = (
            columns.Select((column, i) => (column.Key, i)).ToDictionary(pair => pair.Key, pair => pair.i),
            rows.Select((row, i) => (row, i)).ToDictionary(pair => pair.row, pair => pair.i)
        );
        var cells = rows.Select(_ => new SweepCellState?[columns.Length]).ToArray();
        foreach (var state in sweep.Cells)
            cells[numbers[RowOf(state)]][places[(state.Cell.Parent is not null, Name(state))]] = state;
        var edge = columns.All(column => column.Key.Name.Contains(Unit, StringComparison.Ordinal));
        string[] names = [.. columns.Select(column => column.Key.Name)];
        return new SweepGrid([.. names.Select(name => new GridColumn(name, Short(name, names, edge)))], rows, cells);
    }

    /// <summary>Returns the cell at a place of the chart; null if there is none.</summary>
    public SweepCellState? At(double x, double y) =>
        (Math.Round(x), Rows.Count - 1 - Math.Round(y)) is var (column, row)
        && column >= 0
        && column < Columns.Count
        && row >= 0
        && row < Rows.Count
            ? Cells[(int)row][(int)column]
            : null;

    /// <summary>Returns the map of the measure in the address.</summary>
    public Chart Chart(ViewAddress address)
    {
        var chosen = address[Id];
        var measure = chosen == Outcomes ? null : SweepMeasures.Get(chosen, SweepMeasures.Accuracy);
        var label = measure?.Label ?? Outcomes;
        var written = Rows.Count * Columns.Count <= MostWritten && Columns.Count <= MostColumnsWritten;
        // The vertical axis starts at the bottom, with the last row.
        var up = Cells.Reverse().ToArray();
        var map = new HeatMap(
            [.. Columns.Select((_, i) => (object)(double)i)],
            [.. Rows.Select((_, i) => (object)(double)i)],
            [.. up.Select(row => row.Select(state => Value(state, measure)).ToArray())],
            label
        )
        {
            Texts = written ? [.. up.Select(row => row.Select(state => Written(state, measure)).ToArray())] : [],
            Hints = [.. up.Select(row => row.Select(state => Hint(state, measure)).ToArray())],
            Classes = measure is null ? [.. OutcomeStyle.All.Select(style => style.Color)] : [],
            Names = measure is null ? [.. OutcomeStyle.All.Select(style => style.Name)] : [],
        };
        return new Chart(
            Id,
            $"Learning rate × seed: {measure?.Label ?? "outcome of the runs"}",
            Columns.Any(column => column.Name.Contains(Unit, StringComparison.Ordinal))
                ? "learning rate, edge units"
                : "learning rate, eta",
            "seed",
            measure is null ? [] : [.. Unmeasured(up)]
        )
        {
            Map = Rows.Count == 0 ? null : map,
            TicksX = [.. Columns.Select((column, i) => new Tick(i, column.Short))],
            TicksY =
            [
                .. Rows.Reverse()
                    .Select(
                        (row, i) =>
                            new Tick(
                                i,
                                Rows.All(other => other.Series.Length == 0)
                                    ? FormattableString.Invariant($"{row.Seed}")
                                    : row.Name
                            )
                    ),
            ],
            Linked = false,
            Height = Around + RowHeight * Math.Clamp(Rows.Count, 3, 40),
            Note = measure is null
                ? $"{OutcomeStyle.Key(OutcomesOfRuns())}. Blank: not started."
                : "Blank: not started, or not measured.",
            Description =
                $"{Counted.Format(Columns.Count, "column")}, {Counted.Format(Rows.Count, "row")}. The table below has "
                + "the same numbers.",
        };
    }

    private IEnumerable<string> OutcomesOfRuns() =>
        Cells
            .SelectMany(row => row)
            .OfType<SweepCellState>()
            .Where(state => state.Row is not null)
            .Select(state => state.Outcome);

    /// <summary>
    /// Formats a cell's value, or its outcome if no measure is given, the run diverged, or it is not finished and has
    /// no value. A finished run without a value has a dash.
    /// </summary>
    public static string Text(SweepCellState state, SweepMeasure? measure)
    {
        if (measure is null || state.Outcome == OutcomeNames.Diverged)
            return state.Outcome;
        var value = Value(state, measure);
        if (double.IsFinite(value))
            return NumberText.Format(value, 4);
        return state.Finished ? "—" : state.Outcome;
    }

    private static double Value(SweepCellState? state, SweepMeasure? measure)
    {
        if (state?.Row is null)
            return double.NaN;
        if (measure is null)
            return OutcomeStyle.Number(state.Outcome);
        return state.Series is { Measures.Diverged: false } done ? measure.Get(done.Measures) : double.NaN;
    }

    private static string Written(SweepCellState? state, SweepMeasure? measure)
    {
        var value = Value(state, measure);
        if (!double.IsFinite(value))
            return "";
        return measure is null ? OutcomeStyle.Get(state!.Outcome).Letter : NumberText.Format(value, 3);
    }

    private static string Hint(SweepCellState? state, SweepMeasure? measure)
    {
        if (state is null)
            return "";
        var number = measure is null ? "" : $"{measure.Name} {Text(state, measure)}; ";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{state.Cell.Group}, seed {state.Cell.Seed}: {number}{state.Outcome}. Click to open."
        );
    }

    /// <summary>
    /// Returns markers in place of missing values, for runs that diverged, are unfinished, or cannot be read.
    /// </summary>
    private static IEnumerable<Line> Unmeasured(IReadOnlyList<IReadOnlyList<SweepCellState?>> up)
    {
        var places = up.SelectMany((row, y) => row.Select((state, x) => (State: state, X: (double)x, Y: (double)y)))
            .Where(place =>
                place.State
                    is {
                        Row: not null,
                        Outcome: OutcomeNames.Diverged or RunRow.Running or RunRow.Stopped or RunRow.Unreadable
                    }
            );
        return places
            .GroupBy(place => place.State!.Outcome)
            .OrderBy(kind => OutcomeStyle.Number(kind.Key))
            .Select(kind => new Line(
                kind.Key,
                kind.Select(place => place.X).ToArray(),
                kind.Select(place => place.Y).ToArray(),
                OutcomeStyle.Get(kind.Key).Color
            )
            {
                Shape = LineShape.Marks,
                Mark = OutcomeStyle.Get(kind.Key).Mark,
                MarkSize = 9,
                Rising = false,
                Texts = [.. kind.Select(place => Hint(place.State, null))],
            });
    }

    private static GridRow RowOf(SweepCellState state) => new(SeriesGroup.SeriesOf(state.Cell), state.Cell.Seed);

    private static string Name(SweepCellState state) =>
        SeriesGroup.SeriesOf(state.Cell) is { Length: > 0 } series
            ? state.Cell.Group.Replace($" · {series}", "", StringComparison.Ordinal)
            : state.Cell.Group;

    /// <summary>
    /// Shortens a name. Drops the unit if all names have it, and the moment of a reduction if no other name differs
    /// in that alone.
    /// </summary>
    private static string Short(string name, string[] all, bool edge)
    {
        static string Rates(string name) => name.Split(" at ")[0];
        var known = all.Count(other => Rates(other) == Rates(name)) == 1 ? Rates(name) : name;
        return (edge ? known.Replace(Unit, "", StringComparison.Ordinal) : known).Replace(
            "eta ",
            "",
            StringComparison.Ordinal
        );
    }
}
