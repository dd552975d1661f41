namespace Gyre.Dashboard.Reading;

/// <summary>A column of the table of runs.</summary>
/// <param name="Id">Name in addresses.</param>
/// <param name="Title">Heading.</param>
/// <param name="Hint">Explanation in one sentence.</param>
/// <param name="Get">Returns its value: a number, a text or a time.</param>
/// <param name="Digits">Significant digits of a number.</param>
internal sealed record RunColumn(string Id, string Title, string Hint, Func<RunRow, IComparable> Get, int Digits = 3);

/// <summary>Selects and sorts the rows.</summary>
/// <param name="Search">Words, all of which the name, the folder, the outcome or a tag must contain; case is ignored.
/// </param>
/// <param name="Outcome">The outcome required; empty for any.</param>
/// <param name="Tag">The tag required; empty for any.</param>
/// <param name="Sweep">The sweep whose cells are shown; empty for runs outside sweeps; <see cref="Everywhere"/> for
/// all. </param>
/// <param name="Sort">The column to sort by.</param>
/// <param name="Descending">Whether the largest value comes first.</param>
internal sealed record RunFilter(string Search, string Outcome, string Tag, string Sweep, string Sort, bool Descending)
{
    /// <summary>Runs and the cells of all sweeps.</summary>
    public const string Everywhere = "*";

    /// <summary>The columns.</summary>
    public static IReadOnlyList<RunColumn> Columns { get; } =
    [
        new("name", "run", "the name in its spec", row => row.Name),
        new("outcome", "outcome", "the outcome by the rules of docs/theory.md", row => row.Outcome),
        new(
            "rate",
            "edge units",
            "learning rate divided by 2/sharpness at the start; above 1, training is unstable from the start",
            row => double.IsFinite(row.EdgeUnits) ? row.EdgeUnits : double.NaN
        ),
        new("eta", "eta", "initial learning rate", row => row.LearningRate),
        new("progress", "progress", "steps done and planned", row => row.Progress),
        new("best", "best acc. %", "best test accuracy", row => row.BestAccuracy, 4),
        new("final", "final acc. %", "test accuracy at the last evaluation", row => row.FinalAccuracy, 4),
        new("peak", "peak sharp.", "largest sharpness", row => row.PeakSharpness, 4),
        new(
            "sharpness",
            "final sharp.",
            "mean sharpness of the last fifth; the latest for an unfinished run",
            row => row.FinalSharpness,
            4
        ),
        new("flip", "flip", "mean rotation at lag 1; 0: the same space, 1: orthogonal", row => row.Flip),
        new("drift", "drift", "mean rotation between bursts", row => row.Drift),
        new("changed", "changed", "time of the last change", row => row.Changed),
    ];

    /// <summary>Returns the rows in order; rows without a value in the sorting column come last.</summary>
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
