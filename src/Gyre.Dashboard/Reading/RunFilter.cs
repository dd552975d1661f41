namespace Gyre.Dashboard.Reading;

/// <summary>A column of the table of runs.</summary>
/// <param name="Id">Its name in addresses.</param>
/// <param name="Title">What is written on top.</param>
/// <param name="Hint">What it is, in a sentence.</param>
/// <param name="Get">Its value: a number, a text or a time.</param>
/// <param name="Digits">Significant digits of a number.</param>
internal sealed record RunColumn(string Id, string Title, string Hint, Func<RunRow, IComparable> Get, int Digits = 3);

/// <summary>Which rows are shown, and in which order.</summary>
/// <param name="Search">Words that the name, the folder, the outcome or a tag holds, all of them; case does not
/// matter.</param>
/// <param name="Outcome">Only those; empty: any.</param>
/// <param name="Tag">Only those with it; empty: any.</param>
/// <param name="Sweep">Only cells of this sweep; empty: runs outside sweeps; <see cref="Everywhere"/>: all.</param>
/// <param name="Sort">Column.</param>
/// <param name="Descending">The largest first.</param>
internal sealed record RunFilter(string Search, string Outcome, string Tag, string Sweep, string Sort, bool Descending)
{
    /// <summary>Runs and the cells of all sweeps.</summary>
    public const string Everywhere = "*";

    /// <summary>The columns.</summary>
    public static IReadOnlyList<RunColumn> Columns { get; } =
    [
        new("name", "run", "the name that its spec gives it", row => row.Name),
        new("outcome", "outcome", "what became of it, by the rules of docs/theory.md", row => row.Outcome),
        new(
            "rate",
            "edge units",
            "step size over 2/sharpness at the start; 1 is the threshold",
            row => double.IsFinite(row.EdgeUnits) ? row.EdgeUnits : double.NaN
        ),
        new("eta", "eta", "step size at the start", row => row.LearningRate),
        new("progress", "progress", "steps done of those planned", row => row.Progress),
        new("best", "best acc. %", "best test accuracy", row => row.BestAccuracy, 4),
        new("final", "final acc. %", "test accuracy at the last evaluation", row => row.FinalAccuracy, 4),
        new("peak", "peak sharp.", "largest sharpness", row => row.PeakSharpness, 4),
        new(
            "sharpness",
            "final sharp.",
            "mean sharpness of the last fifth; of an unfinished run the latest",
            row => row.FinalSharpness,
            4
        ),
        new("flip", "flip", "mean rotation at lag 1: 0 the same space, 1 orthogonal", row => row.Flip),
        new("drift", "drift", "mean rotation between bursts", row => row.Drift),
        new("changed", "changed", "when it was last written to", row => row.Changed),
    ];

    /// <summary>The rows that are shown, in order; those that lack the number sorted by come last.</summary>
    public IReadOnlyList<RunRow> Apply(IReadOnlyList<RunRow> rows)
    {
        var words = Search.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var column = Columns.FirstOrDefault(column => column.Id == Sort) ?? Columns[^1];
        var shown = rows.Where(row =>
            (Sweep == Everywhere || row.Found.Sweep == Sweep)
            && (Outcome.Length == 0 || row.Outcome == Outcome)
            && (Tag.Length == 0 || row.Tags.Contains(Tag))
            && words.All(word => Holds(row, word))
        );
        var known = shown.OrderBy(row => column.Get(row) is double.NaN);
        return
        [
            .. (Descending ? known.ThenByDescending(column.Get) : known.ThenBy(column.Get)).ThenBy(
                row => row.Found.Key,
                StringComparer.Ordinal
            ),
        ];
    }

    private static bool Holds(RunRow row, string word) =>
        new[] { row.Name, row.Found.Key, row.Outcome }
            .Concat(row.Tags)
            .Any(text => text.Contains(word, StringComparison.OrdinalIgnoreCase));
}
