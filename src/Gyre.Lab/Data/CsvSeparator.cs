namespace Gyre.Lab.Data;

/// <summary>The separator between the cells of a CSV file.</summary>
/// <param name="Letter">The character.</param>
/// <param name="Word">Its name, in the plural.</param>
/// <param name="Remarks">The separator chosen, if the choice was ambiguous.</param>
internal sealed record CsvSeparator(char Letter, string Word, IReadOnlyList<string> Remarks)
{
    private const int SampledRows = 20;
    private const int SampledLetters = 1 << 20;

    private static readonly (char Letter, string Word)[] Known =
    [
        (',', "commas"),
        (';', "semicolons"),
        ('\t', "tabs"),
        ('|', "vertical bars"),
    ];

    /// <summary>
    /// Chooses the separator that leaves the target's names whole, gives every row the same number of cells, and
    /// makes the most cells numeric.
    /// </summary>
    public static CsvSeparator Detect(string text, string target)
    {
        var trials = Known.Select(known => Trial.Run(text, known.Letter, target)).ToArray();
        var (at, best) = trials
            .Index()
            .OrderByDescending(trial => trial.Item.HasTarget)
            .ThenByDescending(trial => trial.Item.Fits)
            .ThenByDescending(trial => trial.Item.Numbers)
            .ThenByDescending(trial => trial.Item.Width)
            .First();
        string[] others =
        [
            .. Known.Where((_, place) => place != at && trials[place].FitsAsWellAs(best)).Select(known => known.Word),
        ];
        var (letter, word) = Known[at];
        var plain = best.Width < 2 || (letter == ',' && others.Length == 0);
        return new CsvSeparator(letter, word, plain ? [] : [$"cells are separated by {word}{AsWell(others)}"]);
    }

    private static string AsWell(string[] others) =>
        others.Length == 0 ? "" : $"; {string.Join(" or ", others)} would also fit";

    /// <summary>The result of splitting the first rows at a separator.</summary>
    /// <param name="HasTarget">Whether every target name is the name of a column.</param>
    /// <param name="Fits">Whether all rows have as many cells as there are names, at least two, with balanced quotation
    /// marks.</param>
    /// <param name="Numbers">Share of the cells that are numeric.</param>
    /// <param name="Width">The number of names.</param>
    private sealed record Trial(bool HasTarget, bool Fits, double Numbers, int Width)
    {
        public bool FitsAsWellAs(Trial other) => Fits && HasTarget == other.HasTarget;

        public static Trial Run(string text, char separator, string target)
        {
            var sound = true;
            using var csv = CsvTable.Parser(text, separator, _ => sound = false);
            if (!csv.Read())
                return new Trial(false, false, 0, 0);
            string[] names = csv.Record!;
            var (cells, numbers) = (0, 0);
            for (var row = 0; row < SampledRows && (row == 0 || csv.CharCount < SampledLetters) && csv.Read(); row++)
            {
                if (CsvTable.IsBlank(csv))
                    continue;
                sound &= csv.Count == names.Length;
                cells += csv.Count;
                numbers += csv.Record!.Count(cell => TableNumbers.IsNumber(cell, commas: separator != ','));
            }
            var found = TableTargets.Find(target, names) is not null;
            return new Trial(found, sound && names.Length > 1, (double)numbers / Math.Max(1, cells), names.Length);
        }
    }
}
