namespace Gyre.Lab.Data;

/// <summary>
/// Which columns data.target names: one whose whole name it is, or several between commas, where a name with a comma
/// stands between
/// quotation marks.
/// </summary>
internal static class TableTargets
{
    /// <summary>Their places, in the order in which they are named.</summary>
    /// <exception cref="DataException">None is named, one is not there, or there twice.</exception>
    public static IReadOnlyList<int> Choose(string target, TableContent table)
    {
        string[] names = [.. table.Columns.Select(column => column.Name)];
        if (target.Trim().Length == 0)
            throw new DataException(
                $"data.target must name the column to be predicted; {table.ShownPath} has {UserFile.Names(names)}."
            );
        if (Find(target, names) is not { } places)
            throw Missing(target, names, table);
        if (places.Distinct().Count() < places.Count)
            throw new DataException($"data.target = \"{UserFile.Shown(target)}\" names a column twice.");
        return places;
    }

    /// <summary>Their places; null where one of them is not there.</summary>
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
            $"data.target: {UserFile.Names(missing)} is no column of {table.ShownPath}{asked}; it has "
                + $"{UserFile.Names(names)}. "
                + "Several columns stand between commas, a name that has a comma between quotation marks."
        );
    }

    private static string[] Parts(string target)
    {
        using var list = CsvTable.Parser(target.ReplaceLineEndings(" "), ',', _ => { });
        return list.Read() ? list.Record! : [];
    }
}
