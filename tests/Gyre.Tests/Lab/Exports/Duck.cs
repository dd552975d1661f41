using DuckDB.NET.Data;

namespace Gyre.Tests.Lab.Exports;

/// <summary>DuckDB, a program that reads CSV and Parquet by its own code.</summary>
public static class Duck
{
    /// <summary>Rows of a query; an absent value is null.</summary>
    public static IReadOnlyList<object?[]> Rows(string query)
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = query;
        using var reader = command.ExecuteReader();
        var rows = new List<object?[]>();
        while (reader.Read())
            rows.Add([
                .. Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? null : reader.GetValue(i)),
            ]);
        return rows;
    }

    /// <summary>Name and type of each column of a file.</summary>
    public static IReadOnlyList<(string Name, string Type)> Columns(string file) =>
        [.. Rows($"DESCRIBE SELECT * FROM '{file}'").Select(row => ((string)row[0]!, (string)row[1]!))];
}
