namespace Gyre.Lab.Data;

/// <summary>Reads a CSV or Parquet file: some columns are targets, all others are features.</summary>
internal static class TableFile
{
    private const decimal LargestRowNumber = 1e15m;

    private static readonly string[] ParquetExtensions = [".parquet", ".parq", ".pq"];
    private static readonly string[] RowNames = ["id", "index", "idx", "row", "nr", "no", "unnamed: 0"];

    /// <summary>
    /// Reads the file. A single target of words, or of integers if the loss needs classes, gives classes; other
    /// targets are values for regression.
    /// </summary>
    /// <exception cref="DataException">
    /// The file cannot be read, a column is missing or duplicate, or a cell differs in kind from its column.
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
            throw new DataException($"{table.ShownPath} has only target columns; at least one feature is needed.");
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

    /// <summary>Recognizes the format by the first bytes, and by the extension if they are inconclusive.</summary>
    private static TableContent Content(string path, string target)
    {
        if (Directory.Exists(path))
        {
            throw new DataException(
                $"{UserFile.Shown(path, UserFile.PathLetters)} is a folder, not a file. A table is one file: "
                    + "convert a folder of parts into one (pandas.read_parquet(FOLDER).to_parquet(FILE))."
            );
        }
        if (FileForm.Detect(path)?.Name == FileForm.Parquet)
            return ParquetChild.Read(path);
        if (ParquetExtensions.Contains(Path.GetExtension(path).ToLowerInvariant()))
        {
            throw new DataException(
                $"{UserFile.Shown(path, UserFile.PathLetters)} cannot be read as Parquet, despite its extension: it "
                    + "does not begin with PAR1. Download or save the file again, or correct its extension."
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
                $"data.holdout = {request.HoldOut} leaves none of the {rows} rows for training. Lower it."
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
                    ?? throw numbers.Refused(columns[j], rows[i], "it must be a number");
            }
        }
        return values;
    }

    private static IEnumerable<string> Remarks(TableColumn[] features, TableNumbers numbers)
    {
        string[] Where(Func<TableColumn, bool> holds) => [.. features.Where(holds).Select(feature => feature.Name)];
        var counting = Where(feature => NumbersRows(feature, numbers));
        if (counting.Length > 0)
            yield return $"used as features although they seem to number the rows: {UserFile.Names(counting)}; remove "
                + "columns that are not features";
        var constant = Where(feature => feature.Cells.All(cell => cell == feature.Cells[0]));
        if (constant.Length > 0)
            yield return $"constant features, 0 after standardization: {UserFile.Names(constant)}";
        var numeric = Where(feature => TableNumbers.IsNumber(feature.Name, commas: false));
        if (
            numeric.Length == features.Length
            && !numeric.SequenceEqual(Enumerable.Range(0, numeric.Length).Select(place => $"{place}"))
        )
            yield return "the first row is read as column names, but those of all features are numbers: "
                + $"{UserFile.Names(numeric)}";
    }

    /// <summary>
    /// Returns whether a column numbers its rows, or has the name of such a column and distinct integers.
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
