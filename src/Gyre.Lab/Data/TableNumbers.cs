using System.Globalization;

namespace Gyre.Lab.Data;

/// <summary>Parses the cells of a table as numbers.</summary>
/// <param name="table">The table.</param>
internal sealed class TableNumbers(TableContent table)
{
    /// <summary>
    /// The texts that programs write for a missing value: those that pandas recognizes, and UCI's question mark.
    /// </summary>
    private static readonly HashSet<string> Missing = new(StringComparer.Ordinal)
    {
        "",
        "?",
        "#N/A",
        "#N/A N/A",
        "#NA",
        "-1.#IND",
        "-1.#QNAN",
        "-NaN",
        "-nan",
        "1.#IND",
        "1.#QNAN",
        "<NA>",
        "N/A",
        "NA",
        "NULL",
        "NaN",
        "None",
        "n/a",
        "nan",
        "null",
    };

    private static readonly string[] Truths = ["true", "false", "yes", "no"];
    private static readonly string[] Infinities = ["inf", "infinity", "∞"];

    private readonly bool _commas = table.MayHaveDecimalCommas && DecimalCommas(table);

    /// <summary>Remarks on the numbers for readers of results.</summary>
    public IEnumerable<string> Remarks => _commas ? ["commas inside numbers are decimal commas"] : [];

    /// <summary>Returns the finite number of a cell; null if it has none.</summary>
    public double? TryParse(string cell) =>
        Parsed(Pointed(cell)) is { } number && double.IsFinite(number) ? number : null;

    /// <summary>Returns the integer of a cell, with all its digits; null if it has none.</summary>
    public decimal? Whole(string cell)
    {
        if (
            TryParse(cell) is null
            || !decimal.TryParse(Pointed(cell), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
        )
            return null;
        return number == decimal.Truncate(number) ? decimal.Truncate(number) : null;
    }

    /// <summary>Returns whether a cell is missing or not finite. Such a cell is never a class.</summary>
    public bool IsNone(string cell) =>
        Missing.Contains(cell) || IsInfinite(cell) || (Parsed(Pointed(cell)) is { } number && !double.IsFinite(number));

    /// <summary>Creates the error for a refused cell, with its place, its text and its probable kind.</summary>
    /// <param name="column">The column of the cell.</param>
    /// <param name="row">The row of the cell, from 0.</param>
    /// <param name="rule">The requirement that the cell violates.</param>
    public DataException Refused(TableColumn column, int row, string rule)
    {
        var cell = column.Cells[row];
        var what = cell.Length == 0 ? "nothing" : $"\"{UserFile.Shown(cell)}\"";
        return new DataException(
            $"{table.ShownPath}: row {row + 1} has {what} in column \"{UserFile.Shown(column.Name)}\", "
                + $"which seems to be {Seeming(cell)}; {rule}. Fix it, or remove the row or the column."
        );
    }

    /// <summary>Returns whether a cell is a number, possibly with a decimal comma.</summary>
    public static bool IsNumber(string cell, bool commas) =>
        Parsed(cell) is not null || (commas && Fraction(cell) is not null);

    private string Seeming(string cell) =>
        cell switch
        {
            _ when Missing.Contains(cell) => "a missing value",
            _ when IsInfinite(cell) => "an infinite number",
            _ when IsNone(cell) => "a number that exceeds float64",
            _ when TryParse(cell) is not null => "a number",
            _ when Truths.Contains(cell.ToLowerInvariant()) => "a Boolean",
            _ when HasComma(cell) && Parsed(WithoutCommas(cell)) is not null =>
                "a number with a comma, for decimals or thousands",
            _ when DateTime.TryParse(cell, CultureInfo.InvariantCulture, out _) => "a date or a time",
            _ when char.IsAsciiDigit(cell[0]) || (cell.Length > 1 && char.IsAsciiDigit(cell[1])) =>
                "a number with other characters",
            _ => "a word",
        };

    private static double? Parsed(string cell) =>
        double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static bool HasComma(string cell) => cell.Contains(',', StringComparison.Ordinal);

    private static string WithoutCommas(string cell) => cell.Replace(",", "", StringComparison.Ordinal);

    private static bool IsInfinite(string cell) => Infinities.Contains(cell.TrimStart('+', '-').ToLowerInvariant());

    private string Pointed(string cell) => _commas ? cell.Replace('.', ' ').Replace(',', '.') : cell;

    /// <summary>
    /// Returns whether commas are decimal ones: at least one cell shows it (1,5 has no thousands), and no cell
    /// contradicts it. If three digits follow every comma, that is undecidable and the answer is no.
    /// </summary>
    private static bool DecimalCommas(TableContent table)
    {
        var shown = false;
        foreach (var cell in table.Columns.SelectMany(column => column.Cells).Where(HasComma))
        {
            if (Fraction(cell) is { } digits)
                shown |= digits != 3;
            else if (Parsed(WithoutCommas(cell)) is not null)
                return false;
        }
        return shown;
    }

    /// <summary>
    /// Returns the number of digits after the only comma of a number without a point; null for any other text.
    /// Returns 0 if the comma cannot separate thousands: a lone 0 precedes it, or an exponent follows it.
    /// </summary>
    private static int? Fraction(string cell)
    {
        var comma = cell.IndexOf(',', StringComparison.Ordinal);
        if (comma < 0 || cell.Contains('.', StringComparison.Ordinal) || cell.IndexOf(',', comma + 1) >= 0)
            return null;
        var (before, after) = (cell[..comma], cell[(comma + 1)..]);
        if (Parsed($"{before}.{after}") is null)
            return null;
        return before.TrimStart('+', '-') is "0" or "" || !after.All(char.IsAsciiDigit) ? 0 : after.Length;
    }
}
