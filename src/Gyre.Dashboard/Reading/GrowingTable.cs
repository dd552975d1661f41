namespace Gyre.Dashboard.Reading;

/// <summary>
/// Named columns of numbers that grow row by row. Tables handed out before do not change: rows are added after their
/// end, and rows are removed in a copy.
/// </summary>
/// <remarks>Rows are ordered by their first column, the step. A row whose step exists replaces everything from that
/// step on, since a resumed run writes the steps after its checkpoint again.</remarks>
internal sealed class GrowingTable
{
    private const int FirstRoom = 256;

    private readonly Dictionary<string, double[]> _columns = new(StringComparer.Ordinal) { [Step] = [] };

    /// <summary>Name of the column that orders the rows.</summary>
    public const string Step = "step";

    /// <summary>The number of rows.</summary>
    public int Count { get; private set; }

    /// <summary>Step of the last row; NaN if there is none.</summary>
    public double LastStep => Count == 0 ? double.NaN : _columns[Step][Count - 1];

    /// <summary>Memory of all columns.</summary>
    public long Bytes => _columns.Values.Sum(column => (long)column.Length * sizeof(double));

    /// <summary>
    /// Adds a row. Columns that it lacks have no number there; columns that it introduces have none in earlier rows.
    /// </summary>
    public void Add(double step, IEnumerable<(string Column, double Value)> values)
    {
        if (step <= LastStep)
            Cut(LowerBound(step));
        if (Count == _columns[Step].Length)
            Grow();
        foreach (var column in _columns.Values)
            column[Count] = double.NaN;
        _columns[Step][Count] = step;
        foreach (var (name, value) in values)
            Column(name)[Count] = value;
        Count++;
    }

    /// <summary>Returns the rows so far.</summary>
    public NumberTable Seen() =>
        new(
            Count,
            _columns.ToDictionary(
                pair => pair.Key,
                pair => (ReadOnlyMemory<double>)pair.Value.AsMemory(0, Count),
                StringComparer.Ordinal
            )
        );

    private double[] Column(string name)
    {
        if (_columns.TryGetValue(name, out var column))
            return column;
        column = new double[_columns[Step].Length];
        column.AsSpan().Fill(double.NaN);
        return _columns[name] = column;
    }

    private void Grow() => Copy(Math.Max(FirstRoom, 2 * Count));

    private void Cut(int count)
    {
        Count = count;
        Copy(_columns[Step].Length);
    }

    private void Copy(int room)
    {
        foreach (var (name, column) in _columns.ToArray())
        {
            var copy = new double[room];
            column.AsSpan(0, Count).CopyTo(copy);
            _columns[name] = copy;
        }
    }

    private int LowerBound(double step)
    {
        var place = Array.BinarySearch(_columns[Step], 0, Count, step);
        return place < 0 ? ~place : place;
    }
}

/// <summary>Columns of equal length, as of the time of the request.</summary>
/// <param name="Count">The number of rows.</param>
/// <param name="Columns">The columns by name; NaN if a row has no number.</param>
internal sealed record NumberTable(int Count, IReadOnlyDictionary<string, ReadOnlyMemory<double>> Columns)
{
    /// <summary>A table without rows.</summary>
    public static NumberTable Empty { get; } =
        new(0, new Dictionary<string, ReadOnlyMemory<double>> { [GrowingTable.Step] = default });

    /// <summary>Returns a column; empty if there is none with the name.</summary>
    public ReadOnlyMemory<double> this[string name] => Columns.GetValueOrDefault(name);

    /// <summary>The steps of the rows, increasing.</summary>
    public ReadOnlySpan<double> Steps => this[GrowingTable.Step].Span;

    /// <summary>Returns whether a column has any number.</summary>
    public bool Has(string name) => this[name].Span.ContainsAnyExcept(double.NaN);

    /// <summary>
    /// Returns the value of an increasing column at the row where another column is nearest to a value.
    /// </summary>
    public double At(string from, double value, string to)
    {
        if (Count == 0)
            return value;
        var rows = this[from].Span;
        var place = rows.BinarySearch(value) is var found && found < 0 ? ~found : found;
        if (place == Count || place > 0 && value - rows[place - 1] < rows[place] - value)
            place--;
        return this[to].Span[place];
    }

    /// <summary>Returns the last number of a column; NaN if there is none.</summary>
    public double Last(string name)
    {
        var values = this[name].Span;
        for (var i = values.Length - 1; i >= 0; i--)
        {
            if (!double.IsNaN(values[i]))
                return values[i];
        }
        return double.NaN;
    }
}
