namespace Gyre.Lab.Exports;

/// <summary>What the values of a column are.</summary>
internal enum ColumnKind
{
    /// <summary>64-bit integers.</summary>
    Whole,

    /// <summary>Finite doubles; a number that is not finite is not there.</summary>
    Real,

    /// <summary>true or false.</summary>
    Flag,

    /// <summary>Text.</summary>
    Text,
}

/// <summary>A column of a table. Every value may be absent.</summary>
/// <param name="Name">In snake_case, as in the run folder where it comes from there.</param>
/// <param name="Kind">What its values are.</param>
internal sealed record Column(string Name, ColumnKind Kind);

/// <summary>A table laid out for other programs.</summary>
/// <param name="Name">Of its file, without an ending.</param>
/// <param name="Columns">In order.</param>
/// <param name="Rows">Read from the folder piece by piece as they are asked for; each value is a long, a finite double,
/// a bool or a string by its column's kind, or null.</param>
internal sealed record Table(string Name, IReadOnlyList<Column> Columns, IEnumerable<object?[]> Rows)
{
    /// <summary>A table whose columns are the scalar properties of a record.</summary>
    internal static Table Create<T>(string name, IEnumerable<T> rows) =>
        Create(name, rows, RecordFields.Get<T, T>(row => row));

    /// <summary>A table by its fields.</summary>
    internal static Table Create<T>(string name, IEnumerable<T> rows, IReadOnlyList<Field<T>> fields) =>
        new(
            name,
            [.. fields.Select(field => field.Column)],
            rows.Select(row => fields.Select(field => field.Read(row)).ToArray())
        );

    /// <summary>
    /// Tables of one name and the same columns, one below the other, with a first column that says whose row it is.
    /// </summary>
    internal static Table Joined(string owner, IReadOnlyList<(string Owner, Table Table)> parts) =>
        new(
            parts[0].Table.Name,
            [new Column(owner, ColumnKind.Text), .. parts[0].Table.Columns],
            parts.SelectMany(part => part.Table.Rows.Select(object?[] (row) => [part.Owner, .. row]))
        );
}
