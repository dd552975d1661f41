namespace Gyre.Lab.Data;

/// <summary>A CSV or Parquet file: some columns to be predicted, every other one a feature.</summary>
internal static class TableFile
{
    private const decimal LargestRowNumber = 1e15m;

    private static readonly string[] ParquetExtensions = [".parquet", ".parq", ".pq"];
    private static readonly string[] RowNames = ["id", "index", "idx", "row", "nr", "no", "unnamed: 0"];

    /// <summary>
    /// Reads it. Words, or whole numbers where the loss takes classes, make classes of one target; anything else is
    /// numbers to be met.
    /// </summary>
    /// <exception cref="DataException">
    /// It cannot be read, a column is missing or there twice, or a cell is not what its column holds.
    /// </exception>
    public static NumberSet Read(DataRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var table = Content(request.Path, request.Target).Checked();
        var numbers = new TableNumbers(table);
        var targets = TableTargets.Choose(request.Target, table);
        TableColumn[] wanted = [.. targets.Select(place => table.Columns[place])];
        var predicted = targets.ToHashSet();
        TableColumn[] features = [.. table.Columns.Where((_, place) => !predicted.Contains(place))];
        if (features.Length == 0)
            throw new DataException(
                $"{table.ShownPath} has no column beside the target: one feature at least is needed."
            );
        var classes = wanted.Length == 1 ? TableClasses.TryCreate(wanted[0], request.WantsClasses, numbers) : null;
        var (held, kept) = Split(table.Rows, request);
        NumberPart Part(int[] chosen) =>
            new(
                new MemoryNumbers(Numbers(features, chosen, numbers), features.Length),
                [features.Length],
                classes is null ? null : [.. chosen.Select(row => classes.Labels[row])],
                classes is null ? Numbers(wanted, chosen, numbers) : null
            );
        var source = $"rows of {Path.GetFullPath(request.Path)}";
        return new NumberSet(
            "table",
            classes?.Names.Length ?? 0,
            Part(kept),
            held.Length == 0 ? null : Part(held),
            source
        )
        {
            ClassNames = classes?.Names ?? [],
            FeatureNames = [.. features.Select(feature => feature.Name)],
            Remarks =
            [
                .. table.Remarks,
                .. numbers.Remarks,
                .. Remarks(features, numbers),
                .. classes?.Remarks(wanted[0].Name) ?? [],
            ],
        };
    }

    /// <summary>What a file is, is told by its first bytes; its ending counts where they say nothing.</summary>
    private static TableContent Content(string path, string target)
    {
        if (Directory.Exists(path))
        {
            throw new DataException(
                $"{UserFile.Shown(path, UserFile.PathLetters)} is a folder, not a file. A table is one file: "
                    + "make one of a folder of parts (pandas.read_parquet(FOLDER).to_parquet(FILE))."
            );
        }
        if (FileForm.Detect(path)?.Name == FileForm.Parquet)
            return ParquetChild.Read(path);
        if (ParquetExtensions.Contains(Path.GetExtension(path).ToLowerInvariant()))
        {
            throw new DataException(
                $"{UserFile.Shown(path, UserFile.PathLetters)} cannot be read as Parquet, as it is called: it "
                    + "does not begin with PAR1. "
                    + "Get the file again, or call it what it is."
            );
        }
        return CsvTable.Read(path, target);
    }

    private static (int[] Held, int[] Kept) Split(int rows, DataRequest request)
    {
        int[] order = [.. Enumerable.Range(0, rows)];
        new SplitMix((ulong)request.Seed ^ 0x726f7773UL).Shuffle(order);
        var held = (int)Math.Round(request.HoldOut * rows);
        if (held >= rows)
            throw new DataException(
                $"data.holdout = {request.HoldOut} leaves none of {rows} rows to train on. Set it lower."
            );
        return ([.. order[..held].Order()], [.. order[held..].Order()]);
    }

    private static double[] Numbers(TableColumn[] columns, int[] rows, TableNumbers numbers)
    {
        var values = new double[columns.Length * rows.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            for (var j = 0; j < columns.Length; j++)
            {
                values[i * columns.Length + j] =
                    numbers.TryParse(columns[j].Cells[rows[i]])
                    ?? throw numbers.Refused(columns[j], rows[i], "a number is needed");
            }
        }
        return values;
    }

    private static IEnumerable<string> Remarks(TableColumn[] features, TableNumbers numbers)
    {
        string[] Where(Func<TableColumn, bool> holds) => [.. features.Where(holds).Select(feature => feature.Name)];
        var counting = Where(feature => NumbersRows(feature, numbers));
        if (counting.Length > 0)
            yield return $"taken for a feature, although it only numbers the rows: {UserFile.Names(counting)}; remove what "
                + "is none";
        var constant = Where(feature => feature.Cells.All(cell => cell == feature.Cells[0]));
        if (constant.Length > 0)
            yield return $"never changes, and is 0 once standardised: {UserFile.Names(constant)}";
        var numeric = Where(feature => TableNumbers.IsNumber(feature.Name, commas: false));
        if (
            numeric.Length == features.Length
            && !numeric.SequenceEqual(Enumerable.Range(0, numeric.Length).Select(place => $"{place}"))
        )
            yield return $"the first row is taken for the columns' names, which are numbers: {UserFile.Names(numeric)}";
    }

    /// <summary>
    /// Whether a column counts its rows, or is called as such columns are and has another whole number in each.
    /// </summary>
    private static bool NumbersRows(TableColumn column, TableNumbers numbers)
    {
        if (
            column.Cells.Count < 3
            || numbers.Whole(column.Cells[0]) is not { } first
            || Math.Abs(first) > LargestRowNumber
        )
            return false;
        if (
            !RowNames.Contains(column.Name.ToLowerInvariant())
            && !column.Name.EndsWith("_id", StringComparison.OrdinalIgnoreCase)
        )
            return column.Cells.Index().All(cell => numbers.Whole(cell.Item) == first + cell.Index);
        decimal?[] values = [.. column.Cells.Select(numbers.Whole)];
        return !values.Contains(null) && values.Distinct().Count() == values.Length;
    }
}
