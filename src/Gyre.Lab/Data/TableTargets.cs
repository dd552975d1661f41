namespace Gyre.Lab.Data;

/// <summary>
/// Finds the columns that data.target names: one column with exactly that name, or several separated by commas. Names
/// that contain a comma are in quotation marks.
/// </summary>
internal static class TableTargets
{
    /// <summary>Returns the indices of the columns in the order of data.target.</summary>
    /// <exception cref="DataException">No column is named, or one is missing or duplicate.</exception>
    public static IReadOnlyList<int> Choose(string target, TableContent table)
    {
        string[] names = [.. table.Columns.Select(column => column.Name)];
        if (target.Trim().Length == 0)
            throw new DataException(
                $"data.target must name the column to predict; {table.ShownPath} has {UserFile.Names(names)}."
            );
        if (Find(target, names) is not { } places)
            throw Missing(target, names, table);
        if (places.Distinct().Count() < places.Count)
            throw new DataException($"data.target = \"{UserFile.Shown(target)}\" names a column twice.");
        return places;
    }

    /// <summary>Returns the indices of the columns; null if one of them is missing.</summary>
    public static IReadOnlyList<int>? Find(string target, string[] names)
    {
        if (Array.IndexOf(names, target.Trim()) is var whole and >= 0)
            return [whole];
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (place, name) in names.Index())
            known.TryAdd(name, place);
        int[] places = [.. Parts(target).Select(part => known.GetValueOrDefault(part, -1))];
        return places.Length == 0 || places.Contains(-1) ? null : places;
    }

    private static DataException Missing(string target, string[] names, TableContent table)
    {
        string[] missing = [.. Parts(target).Except(names)];
        var near = missing is [var one] ? NearestName.Find(one, names) : null;
        var asked = Suggestion.InParentheses(near is null ? null : $"\"{UserFile.Shown(near)}\"");
        return new DataException(
            $"data.target: {table.ShownPath} has no column {UserFile.Names(missing)}{asked}; its columns are "
                + $"{UserFile.Names(names)}. "
                + "Separate several columns by commas, and put names that contain a comma in quotation marks."
        );
    }

    private static string[] Parts(string target)
    {
        using var list = CsvTable.Parser(target.ReplaceLineEndings(" "), ',', _ => { });
        return list.Read() ? list.Record! : [];
    }
}
