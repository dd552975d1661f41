using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;

namespace Gyre.Lab.Data;

/// <summary>
/// Reads CSV files with names in the first row, the same number of cells in every row, and quotation marks as in RFC
/// 4180. Malformed input is refused with its line.
/// </summary>
/// <param name="path">Path of the file.</param>
/// <param name="text">Contents of the file.</param>
/// <param name="separator">Separator between cells.</param>
internal sealed class CsvTable(string path, string text, CsvSeparator separator)
{
    private readonly List<string> _remarks = [.. separator.Remarks];
    private int _line = 1;
    private int _row;
    private int _pending;
    private int _blanks;
    private int _firstBlank;

    /// <summary>Reads a file.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="target">The target columns; the separator must leave their names whole.</param>
    /// <exception cref="DataException">The file is not text, or is malformed.</exception>
    public static TableContent Read(string path, string target)
    {
        var text = UserFile.Text(path, TableContent.MostBytes);
        return new CsvTable(path, text, CsvSeparator.Detect(text, target)).Read();
    }

    /// <summary>A parser of rows that ignores spaces around cells and around their quotation marks.</summary>
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

    /// <summary>Returns whether a row is an empty line.</summary>
    public static bool IsBlank(CsvParser row) => row.Count == 1 && row.RawRecord.AsSpan().IsWhiteSpace();

    private TableContent Read()
    {
        using var csv = Parser(
            text,
            separator.Letter,
            bad =>
                throw Faulty(
                    "has an unbalanced quotation mark, or one inside text, in the cell "
                        + $"{UserFile.Shown(bad.Field)}"
                )
        );
        if (!csv.Read() || IsBlank(csv))
            throw new DataException(
                $"{Shown} is empty or begins with an empty line. The first row must contain the column names."
            );
        string[] names = csv.Record!;
        if (csv.RawRow > 1)
            _remarks.Add($"a quoted column name spans several lines: the names end in line {csv.RawRow}");
        var cells = Array.ConvertAll(names, _ => new List<string>());
        for (_line = csv.RawRow + 1; csv.Read(); _line = csv.RawRow + 1)
            Take(csv, cells);
        if (_blanks > 0)
            _remarks.Add(
                $"{(_blanks == 1 ? "an empty line was" : $"{_blanks} empty lines were")} skipped, from "
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
        (_blanks, _pending) = (_blanks + _pending, 0); // empty lines at the end do not belong to the table
        if (csv.RawRow > _line)
            throw Faulty(
                $"has a cell in quotation marks that ends in line {csv.RawRow}; numbers and classes "
                    + "cannot span lines"
            );
        if (csv.Count != cells.Length)
            throw Faulty($"has {csv.Count} cells for {cells.Length} columns ({separator.Word} between them)");
        for (var column = 0; column < cells.Length; column++)
            cells[column].Add(csv[column]);
    }

    private DataException Faulty(string what)
    {
        var where = _line == 1 ? "the row of names (line 1)" : $"row {_row} (line {_line})";
        return new DataException($"{Shown}: {where} {what}. Fix or remove it.");
    }
}
