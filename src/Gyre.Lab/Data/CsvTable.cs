using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;

namespace Gyre.Lab.Data;

/// <summary>
/// Reads CSV: names in the first row, a row of as many cells a line, quotation marks as in RFC 4180. Whatever is not
/// well-formed is
/// refused with its line.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="text">What it holds.</param>
/// <param name="separator">Between its cells.</param>
internal sealed class CsvTable(string path, string text, CsvSeparator separator)
{
    private readonly List<string> _remarks = [.. separator.Remarks];
    private int _line = 1;
    private int _row;
    private int _pending;
    private int _blanks;
    private int _firstBlank;

    /// <summary>Reads a file.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="target">The columns to be predicted: a separator between cells must leave their names
    /// whole.</param>
    /// <exception cref="DataException">It is no text, or not well-formed.</exception>
    public static TableContent Read(string path, string target)
    {
        var text = UserFile.Text(path, TableContent.MostBytes);
        return new CsvTable(path, text, CsvSeparator.Detect(text, target)).Read();
    }

    /// <summary>A parser of rows; spaces around cells and around their quotation marks count for nothing.</summary>
    public static CsvParser Parser(string text, char separator, BadDataFound bad)
    {
        var rules = new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = separator.ToString(),
            TrimOptions = TrimOptions.Trim,
            IgnoreBlankLines = false, // rows and lines are counted here
            BadDataFound = bad,
        };
        return new CsvParser(new StringReader(text), rules);
    }

    /// <summary>Whether a row is an empty line.</summary>
    public static bool IsBlank(CsvParser row) => row.Count == 1 && row.RawRecord.AsSpan().IsWhiteSpace();

    private TableContent Read()
    {
        using var csv = Parser(
            text,
            separator.Letter,
            bad =>
                throw Faulty(
                    "has a quotation mark without its partner, or beside other letters, in the cell "
                        + $"{UserFile.Shown(bad.Field)}"
                )
        );
        if (!csv.Read() || IsBlank(csv))
            throw new DataException(
                $"{Shown} is empty, or begins with an empty line: its first row must name the columns."
            );
        string[] names = csv.Record!;
        if (csv.RawRow > 1)
            _remarks.Add(
                $"a column's name between quotation marks has several lines: the names end in line {csv.RawRow}"
            );
        var cells = Array.ConvertAll(names, _ => new List<string>());
        for (_line = csv.RawRow + 1; csv.Read(); _line = csv.RawRow + 1)
            Take(csv, cells);
        if (_blanks > 0)
            _remarks.Add(
                $"{(_blanks == 1 ? "an empty line was" : $"{_blanks} empty lines were")} passed over, from "
                    + $"line {_firstBlank} on"
            );
        TableColumn[] columns = [.. names.Zip(cells, (name, found) => new TableColumn(name, found))];
        return new TableContent(path, columns, _remarks) { MayHaveDecimalCommas = separator.Letter != ',' };
    }

    private string Shown => UserFile.Shown(path, UserFile.PathLetters);

    private void Take(CsvParser csv, List<string>[] cells)
    {
        if (IsBlank(csv))
        {
            _firstBlank = _blanks + _pending == 0 ? _line : _firstBlank;
            _pending++;
            return;
        }
        _row++;
        (_blanks, _pending) = (_blanks + _pending, 0); // empty lines at the end are none of a table's
        if (csv.RawRow > _line)
            throw Faulty(
                $"has a cell between quotation marks that ends in line {csv.RawRow}, and no number or class "
                    + "has several lines"
            );
        if (csv.Count != cells.Length)
            throw Faulty($"has {csv.Count} cells for {cells.Length} columns ({separator.Word} between them)");
        for (var column = 0; column < cells.Length; column++)
            cells[column].Add(csv[column]);
    }

    private DataException Faulty(string what)
    {
        var where = _line == 1 ? "the row of names (line 1)" : $"row {_row} (line {_line})";
        return new DataException($"{Shown}: {where} {what}. Mend or remove it.");
    }
}
