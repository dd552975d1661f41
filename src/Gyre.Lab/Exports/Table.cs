namespace Gyre.Lab.Exports;

/// <summary>The type of a column's values.</summary>
internal enum ColumnKind
{
    /// <summary>64-bit integers.</summary>
    Whole,

    /// <summary>Finite doubles; a number that is not finite is absent.</summary>
    Real,

    /// <summary>true or false.</summary>
    Flag,

    Text,
}

/// <summary>A column of a table. Every value may be absent.</summary>
/// <param name="Name">In snake_case; the name in the run folder if the column comes from there.</param>
internal sealed record Column(string Name, ColumnKind Kind);

/// <summary>A table for export to other programs.</summary>
/// <param name="Name">File name without extension.</param>
/// <param name="Rows">Read from the folder piece by piece while they are enumerated. Each value is a long, a finite
/// double, a bool or a string, according to its column's kind, or null.</param>
internal sealed record Table(string Name, IReadOnlyList<Column> Columns, IEnumerable<object?[]> Rows)
{
    /// <summary>Creates a table whose columns are the scalar properties of a record.</summary>
    internal static Table Create<T>(string name, IEnumerable<T> rows) =>
        Create(name, rows, RecordFields.Get<T, T>(row => row));

    internal static Table Create<T>(string name, IEnumerable<T> rows, IReadOnlyList<Field<T>> fields) =>
        new(
            name,
            [.. fields.Select(field => field.Column)],
            rows.Select(row => fields.Select(field => field.Read(row)).ToArray())
        );

    /// <summary>
    /// Concatenates tables that have the same name and columns, with a first column that names each row's owner.
    /// </summary>
    internal static Table Joined(string owner, IReadOnlyList<(string Owner, Table Table)> parts) =>
        new(
            parts[0].Table.Name,
            [new Column(owner, ColumnKind.Text), .. parts[0].Table.Columns],
            parts.SelectMany(part => part.Table.Rows.Select(object?[] (row) => [part.Owner, .. row]))
        );
}
