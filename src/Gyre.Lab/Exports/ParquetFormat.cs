using Parquet;
using Parquet.Schema;

namespace Gyre.Lab.Exports;

/// <summary>Apache Parquet: typed, compressed columns; null if a value is absent.</summary>
internal static class ParquetFormat
{
    /// <summary>
    /// Rows held in memory at a time. Chosen: large enough for readers to work efficiently, small enough for tables
    /// of any length.
    /// </summary>
    private const int RowsAGroup = 1 << 16;

    /// <summary>Returns one file per table.</summary>
    public static IEnumerable<ExportFile> Files(ExportSource source) =>
        source.Tables.Select(table => new ExportFile(
            $"{table.Name}.parquet",
            stream => WriteAsync(table, stream).GetAwaiter().GetResult()
        ));

    /// <summary>Writes a table; the stream stays open.</summary>
    private static async Task WriteAsync(Table table, Stream stream)
    {
        var fields = table
            .Columns.Select(column => new DataField(column.Name, ClrType(column.Kind), isNullable: true))
            .ToArray();
        await using var writer = await ParquetWriter
            .CreateAsync(new ParquetSchema(fields), stream)
            .ConfigureAwait(false);
        foreach (var rows in table.Rows.Chunk(RowsAGroup))
        {
            using var group = writer.CreateRowGroup();
            for (var i = 0; i < fields.Length; i++)
                await WriteColumnAsync(group, fields[i], table.Columns[i].Kind, rows, i).ConfigureAwait(false);
            group.CompleteValidate();
        }
    }

    private static Task WriteColumnAsync(
        ParquetRowGroupWriter group,
        DataField field,
        ColumnKind kind,
        object?[][] rows,
        int column
    )
    {
        T?[] Values<T>()
            where T : struct => [.. rows.Select(row => (T?)row[column])];
        return kind switch
        {
            ColumnKind.Whole => group.WriteAsync<long>(field, Values<long>()),
            ColumnKind.Real => group.WriteAsync<double>(field, Values<double>()),
            ColumnKind.Flag => group.WriteAsync<bool>(field, Values<bool>()),
            _ => group.WriteAsync(field, rows.Select(row => (string)row[column]!).ToArray()),
        };
    }

    private static Type ClrType(ColumnKind kind) =>
        kind switch
        {
            ColumnKind.Whole => typeof(long),
            ColumnKind.Real => typeof(double),
            ColumnKind.Flag => typeof(bool),
            _ => typeof(string),
        };
}
