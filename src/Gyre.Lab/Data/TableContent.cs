namespace Gyre.Lab.Data;

/// <summary>One column of a table.</summary>
/// <param name="Name">Name in the file.</param>
/// <param name="Cells">One cell per row, as text; "" for a missing value.</param>
internal sealed record TableColumn(string Name, IReadOnlyList<string> Cells);

/// <summary>A table as read, before its cells are interpreted as numbers or classes.</summary>
/// <param name="Path">The file, for messages.</param>
/// <param name="Columns">All columns.</param>
/// <param name="Remarks">Remarks for readers of results.</param>
internal sealed record TableContent(string Path, IReadOnlyList<TableColumn> Columns, IReadOnlyList<string> Remarks)
{
    /// <summary>The maximum size of a CSV or Parquet file in bytes.</summary>
    public const int MostBytes = 1 << 30;

    /// <summary>Whether a comma in a cell may be a decimal comma, because cells have another separator.</summary>
    public bool MayHaveDecimalCommas { get; init; }

    /// <summary>The number of rows.</summary>
    public int Rows => Columns[0].Cells.Count;

    /// <summary>The path as shown in messages.</summary>
    public string ShownPath => UserFile.Shown(Path, UserFile.PathLetters);

    /// <summary>Refuses names that do not identify columns, and tables without rows.</summary>
    /// <exception cref="DataException">A name is missing or duplicate, or there are no rows.</exception>
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
                $"column \"{shown}\" occurs twice, as columns {places[column.Name]} and {number}. Rename or "
                    + "remove one."
            );
        }
        return Rows > 0 ? this : throw Refused("it has column names but no rows.");
    }

    private DataException Refused(string why) => new($"{ShownPath}: {why}");
}
