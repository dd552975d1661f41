using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;
using Parquet.Serialization;

namespace Gyre.Lab.Data;

/// <summary>A CSV or Parquet file: some columns to be predicted, every other one a feature.</summary>
public static class TableFile
{
    /// <summary>Reads it. Text, or whole numbers where the loss takes classes, make classes of one target; anything else is numbers to be met.</summary>
    /// <exception cref="DataException">It cannot be read, a column is missing, or a cell is not a number.</exception>
    public static NumberSet Read(DataRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var path = request.Path;
        var columns = path.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase) ? Parquet(path) : Csv(path);
        string[] targets = request.Target.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var missing = targets.Where(target => columns.All(column => column.Name != target)).ToArray();
        if (targets.Length == 0 || missing.Length > 0)
            throw new DataException($"data.target {(targets.Length == 0 ? "must name the column to be predicted" : $"= \"{string.Join(", ", missing)}\" is no column")}; {path} has {string.Join(", ", columns.Select(column => column.Name))}.");
        Column[] features = [.. columns.Where(column => !targets.Contains(column.Name))], wanted = [.. targets.Select(target => columns.First(column => column.Name == target))];
        var rows = columns[0].Cells.Length;
        if (rows == 0 || features.Length == 0)
            throw new DataException($"{path} has {rows} rows and {features.Length} columns beside the target: one of each at least is needed.");
        var (labels, names) = wanted.Length == 1 ? Classes(wanted[0], request.WantsClasses) : (null, []);
        var (held, kept) = Split(rows, request);
        NumberPart Part(int[] chosen) => new(
            new MemoryNumbers(Numbers(features, chosen, path), features.Length), [features.Length], labels is null ? null : [.. chosen.Select(row => labels[row])], labels is null ? Numbers(wanted, chosen, path) : null);
        return new NumberSet("table", names.Length, Part(kept), held.Length == 0 ? null : Part(held), $"rows of {Path.GetFullPath(path)}") { ClassNames = names, FeatureNames = [.. features.Select(feature => feature.Name)] };
    }

    private static (int[] Held, int[] Kept) Split(int rows, DataRequest request)
    {
        int[] order = [.. Enumerable.Range(0, rows)];
        new SplitMix((ulong)request.Seed ^ 0x726f7773UL).Shuffle(order);
        var held = (int)Math.Round(request.HoldOut * rows);
        return ([.. order[..held].Order()], held < rows ? [.. order[held..].Order()] : throw new DataException($"data.holdout = {request.HoldOut} leaves none of {rows} rows to train on."));
    }

    private static (int[]? Labels, string[] Names) Classes(Column column, bool wanted)
    {
        var text = column.Cells.Any(cell => Number(cell) is null);
        if (!text && !(wanted && column.Cells.All(cell => Number(cell) is { } number && number == Math.Round(number))))
            return (null, []);
        string[] names = [.. column.Cells.Distinct().OrderBy(name => Number(name) ?? 0).ThenBy(name => name, StringComparer.Ordinal)];
        return ([.. column.Cells.Select(cell => Array.IndexOf(names, cell))], names);
    }

    private static double[] Numbers(Column[] columns, int[] rows, string path)
    {
        var values = new double[columns.Length * rows.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            for (var j = 0; j < columns.Length; j++)
            {
                values[i * columns.Length + j] = Number(columns[j].Cells[rows[i]]) is { } number && double.IsFinite(number) ? number : throw new DataException(
                    $"{path}: row {rows[i] + 1} has \"{columns[j].Cells[rows[i]]}\" in column {columns[j].Name}, not a number. Fill it in, or remove the row or the column.");
            }
        }
        return values;
    }

    private static double? Number(string cell) => double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static Column[] Csv(string path)
    {
        try
        {
            using var file = new StreamReader(path);
            using var csv = new CsvReader(file, new CsvConfiguration(CultureInfo.InvariantCulture) { BadDataFound = null, DetectDelimiter = true });
            if (!csv.Read() || !csv.ReadHeader())
                throw new DataException($"{path} is empty: its first row must name the columns.");
            string[] names = csv.HeaderRecord!;
            var cells = names.Select(_ => new List<string>()).ToArray();
            for (var row = 1; csv.Read(); row++)
            {
                if (csv.Parser.Count != names.Length)
                    throw new DataException($"{path}: row {row} has {csv.Parser.Count} cells for {names.Length} columns. Mend or remove it.");
                for (var column = 0; column < names.Length; column++)
                    cells[column].Add(csv.GetField(column)!.Trim());
            }
            return [.. names.Zip(cells, (name, found) => new Column(name.Trim(), [.. found]))];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or CsvHelperException)
        {
            throw new DataException($"{path} cannot be read as CSV: {error.Message.Split('\n')[0].Trim()}", error);
        }
    }

    private static Column[] Parquet(string path)
    {
        try
        {
            return ReadParquet(path).GetAwaiter().GetResult();
        }
        catch (Exception error) when (error is not DataException)
        {
            throw new DataException($"{path} cannot be read as Parquet: {error.Message.Split('\n')[0].Trim()} Get the file again.", error);
        }
    }

    private static async Task<Column[]> ReadParquet(string path)
    {
        await using var stream = File.OpenRead(path);
        var read = await ParquetSerializer.DeserializeUntypedAsync(stream).ConfigureAwait(false);
        return [.. read.Schema.GetDataFields().Select(field => new Column(
            field.Name, [.. read.Data.Select(row => Convert.ToString(row.GetValueOrDefault(field.Name), CultureInfo.InvariantCulture) ?? "")]))];
    }

    private sealed record Column(string Name, string[] Cells);
}
