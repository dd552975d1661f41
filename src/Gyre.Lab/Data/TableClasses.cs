using System.Globalization;

namespace Gyre.Lab.Data;

/// <summary>The classes of a table's target.</summary>
/// <param name="Labels">Class of each row.</param>
/// <param name="Names">Name of each class, in order.</param>
internal sealed record TableClasses(int[] Labels, string[] Names)
{
    private const string NotWhole =
        "most cells of the column are integers, which are classes for this loss "
        + "(objective.loss = \"squared-error\" expects numbers)";

    /// <summary>
    /// Returns the classes in a column; null if it contains values for regression. The majority of its cells decides,
    /// and all other cells are refused, so that a single cell never changes the task. Words are classes. Integers are
    /// classes if the loss needs classes, one class per value, however it is written.
    /// </summary>
    /// <param name="column">The target.</param>
    /// <param name="wanted">Whether the loss needs classes.</param>
    /// <param name="numbers">Parses cells.</param>
    /// <exception cref="DataException">A cell differs in kind from the majority; row and column are named.</exception>
    public static TableClasses? TryCreate(TableColumn column, bool wanted, TableNumbers numbers)
    {
        var count = column.Cells.Count(cell => numbers.TryParse(cell) is not null);
        if (column.Cells.Count(cell => numbers.TryParse(cell) is null && !numbers.IsNone(cell)) > count)
            return FromTexts(column, numbers);
        Refuse(column, cell => numbers.TryParse(cell) is null, numbers, "most cells of the column are numbers");
        if (!wanted || column.Cells.Count(cell => numbers.Whole(cell) is not null) * 2 <= count)
            return null;
        Refuse(column, cell => numbers.Whole(cell) is null, numbers, NotWhole);
        return Numbered(
            column.Cells,
            cell => numbers.Whole(cell)!.Value,
            value => value.ToString(CultureInfo.InvariantCulture)
        );
    }

    /// <summary>Returns remarks on the classes for readers of results.</summary>
    public IEnumerable<string> Remarks(string column)
    {
        foreach (
            var same in Names.GroupBy(name => name, StringComparer.OrdinalIgnoreCase).Where(same => same.Count() > 1)
        )
            yield return $"the classes {UserFile.Names([.. same])} differ only in case";
        if (Labels.Length > 2 && Names.Length * 2 > Labels.Length)
            yield return $"column \"{UserFile.Shown(column)}\" has {Names.Length} classes in {Labels.Length} rows, "
                + "fewer than two rows per class on average";
    }

    private static TableClasses FromTexts(TableColumn column, TableNumbers numbers)
    {
        Refuse(column, numbers.IsNone, numbers, "most cells of the column are words");
        Refuse(column, cell => numbers.TryParse(cell) is not null, numbers, "most cells of the column are words");
        return Numbered(column.Cells, cell => cell, name => name, StringComparer.Ordinal);
    }

    private static void Refuse(TableColumn column, Func<string, bool> wrong, TableNumbers numbers, string rule)
    {
        foreach (var (row, _) in column.Cells.Index().Where(cell => wrong(cell.Item)).Take(1))
            throw numbers.Refused(column, row, rule);
    }

    private static TableClasses Numbered<T>(
        IReadOnlyList<string> cells,
        Func<string, T> read,
        Func<T, string> name,
        IComparer<T>? order = null
    )
        where T : notnull
    {
        T[] keys = [.. cells.Select(read)],
            classes = [.. keys.Distinct().Order(order)];
        var numbers = classes.Index().ToDictionary(one => one.Item, one => one.Index);
        return new TableClasses(
            Array.ConvertAll(keys, key => numbers[key]),
            Array.ConvertAll(classes, key => name(key))
        );
    }
}
