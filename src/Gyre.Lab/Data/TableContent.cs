namespace Gyre.Lab.Data;

/// <summary>One column of a table.</summary>
/// <param name="Name">As in the file.</param>
/// <param name="Cells">A row each, as text; a cell without a value is "".</param>
internal sealed record TableColumn(string Name, IReadOnlyList<string> Cells);

/// <summary>A table as it is read, before any cell is taken for a number or a class.</summary>
/// <param name="Path">The file, for messages.</param>
/// <param name="Columns">All of them.</param>
/// <param name="Remarks">What a reader of results should know.</param>
internal sealed record TableContent(string Path, IReadOnlyList<TableColumn> Columns, IReadOnlyList<string> Remarks)
{
    /// <summary>Bytes of a CSV file, or of a Parquet file's cells as text.</summary>
    public const int MostBytes = 1 << 30;

    /// <summary>
    /// Whether a comma inside a cell may be a decimal one: the cells are separated by something else.
    /// </summary>
    public bool MayHaveDecimalCommas { get; init; }

    /// <summary>Rows.</summary>
    public int Rows => Columns[0].Cells.Count;

    /// <summary>The path as a message shows it.</summary>
    public string ShownPath => UserFile.Shown(Path, UserFile.PathLetters);

    /// <summary>Refuses names that do not tell columns apart, and tables without rows.</summary>
    /// <exception cref="DataException">A name is missing, or there twice.</exception>
    public TableContent Checked()
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (place, column) in Columns.Index())
        {
            var number = place + 1;
            if (column.Name.Length == 0)
                throw Refused(
                    $"column {number} has no name. Name it in the first row, or remove it (pandas: to_csv(…, "
                        + "index=False))."
                );
            if (places.TryAdd(column.Name, number))
                continue;
            var shown = UserFile.Shown(column.Name);
            throw Refused(
                $"column \"{shown}\" is there twice, as columns {places[column.Name]} and {number}. Rename or "
                    + "remove one."
            );
        }
        return Rows > 0 ? this : throw Refused("it has names of columns and no row.");
    }

    private DataException Refused(string why) => new($"{ShownPath}: {why}");
}
