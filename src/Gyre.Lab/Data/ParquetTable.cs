using System.Globalization;
using System.Text;
using Parquet;
using Parquet.Schema;
using Parquet.Serialization;

namespace Gyre.Lab.Data;

/// <summary>
/// Reads Parquet in this process. A damaged file can make the reader loop, exhaust the memory or crash the process, so
/// <see cref="ParquetChild"/> isolates it.
/// </summary>
internal static class ParquetTable
{
    /// <summary>
    /// Writes the columns of a file: their number, then for each its name, its number of rows and its cells as text.
    /// </summary>
    /// <exception cref="DataException">The file cannot be read, or a column does not have one value per
    /// row.</exception>
    public static void Write(string path, Stream into) => Write(Read(path), into);

    internal static void Write(TableContent table, Stream into)
    {
        using var writer = new BinaryWriter(into, Encoding.UTF8, leaveOpen: true);
        writer.Write(table.Columns.Count);
        foreach (var column in table.Columns)
        {
            writer.Write(column.Name);
            writer.Write(column.Cells.Count);
            foreach (var cell in column.Cells)
                writer.Write(cell);
        }
    }

    /// <summary>Reads the output of <see cref="Write(string, Stream)"/>.</summary>
    /// <exception cref="EndOfStreamException">The output is incomplete.</exception>
    internal static TableContent ReadWritten(string path, Stream from)
    {
        using var reader = new BinaryReader(from, Encoding.UTF8, leaveOpen: true);
        var columns = new TableColumn[reader.ReadInt32()];
        for (var i = 0; i < columns.Length; i++)
        {
            var name = reader.ReadString();
            var cells = new string[reader.ReadInt32()];
            for (var row = 0; row < cells.Length; row++)
                cells[row] = reader.ReadString();
            columns[i] = new TableColumn(name, cells);
        }
        return new TableContent(path, columns, []);
    }

    /// <summary>Returns the columns of a file.</summary>
    /// <exception cref="DataException">The file cannot be read, or a column does not have one value per
    /// row.</exception>
    internal static TableContent Read(string path)
    {
        try
        {
            return ReadAsync(path).GetAwaiter().GetResult();
        }
        catch (Exception error) when (error is not DataException)
        {
            var why = error.Message.Split('\n')[0].Trim();
            var shown = UserFile.Shown(path, UserFile.PathLetters);
            throw new DataException(
                $"{shown} cannot be read as Parquet: {why} Download or save the file again.",
                error
            );
        }
    }

    private static async Task<TableContent> ReadAsync(string path)
    {
        await using var stream = UserFile.Open(path, TableContent.MostBytes);
        Check(path, await ParquetReader.ReadSchemaAsync(stream).ConfigureAwait(false));
        stream.Position = 0;
        var read = await ParquetSerializer.DeserializeUntypedAsync(stream).ConfigureAwait(false);
        var fields = read.Schema.GetDataFields();
        if (fields.Length == 0)
            throw new DataException($"{UserFile.Shown(path, UserFile.PathLetters)} has no columns.");
        TableColumn Column(string name) =>
            new(
                name.Trim(),
                [.. read.Data.Select(row => Text(row.GetValueOrDefault(name)) ?? throw NoValue(path, name, "bytes"))]
            );
        return new TableContent(path, [.. fields.Select(field => Column(field.Name))], []);
    }

    private static void Check(string path, ParquetSchema schema)
    {
        foreach (var field in schema.Fields.Where(field => field is not DataField { IsArray: false }))
            throw NoValue(
                path,
                field.Name,
                field switch
                {
                    MapField => "maps",
                    StructField => "structures",
                    _ => "lists",
                }
            );
    }

    private static DataException NoValue(string path, string column, string what) =>
        new(
            $"{UserFile.Shown(path, UserFile.PathLetters)}: column \"{UserFile.Shown(column)}\" contains {what}, "
                + "but each cell of a table must be one value. Remove it, or make one column per part."
        );

    /// <summary>
    /// Formats a value with all its digits; null for bytes. A float32 is formatted as its exact value, not with the
    /// fewest digits that identify it.
    /// </summary>
    private static string? Text(object? value) =>
        value switch
        {
            null => "",
            float number => ((double)number).ToString("R", CultureInfo.InvariantCulture),
            DateTime moment => moment.ToString("O", CultureInfo.InvariantCulture),
            IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
            string text => text.Trim(),
            bool truth => truth ? "true" : "false",
            _ => null,
        };
}
