using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;

namespace Gyre.Lab.Exports;

/// <summary>
/// Comma-separated values by RFC 4180: UTF-8 without a byte order mark, the shortest digits that read back to the
/// same double, and an empty field if a value is absent.
/// </summary>
internal static class CsvFormat
{
    private static readonly CsvConfiguration Rfc4180 = new(CultureInfo.InvariantCulture) { NewLine = "\r\n" };

    /// <summary>Returns one file per table.</summary>
    internal static IEnumerable<ExportFile> Files(ExportSource source) => source.Tables.Select(File);

    internal static ExportFile File(Table table) => new($"{table.Name}.csv", stream => Write(table, stream));

    /// <summary>Writes a table; the stream stays open.</summary>
    public static void Write(Table table, Stream stream)
    {
        using var text = new StreamWriter(
            stream,
            new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            leaveOpen: true
        );
        using var csv = new CsvWriter(text, Rfc4180);
        foreach (var column in table.Columns)
            csv.WriteField(column.Name);
        csv.NextRecord();
        foreach (var row in table.Rows)
        {
            foreach (var value in row)
                csv.WriteField(Text(value));
            csv.NextRecord();
        }
    }

    private static string? Text(object? value) =>
        value switch
        {
            bool flag => flag ? "true" : "false",
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => (string?)value,
        };
}
