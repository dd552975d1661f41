namespace Gyre.Lab.Claims;

/// <summary>The cells of one group, which are equal but for the seed.</summary>
/// <param name="Name">Display name.</param>
/// <param name="LearningRate">Mean eta.</param>
/// <param name="Cells">The cells in order of seed.</param>
internal sealed record ClaimGroup(string Name, double LearningRate, IReadOnlyList<CellMeasures> Cells)
{
    /// <summary>Whether no cell diverged.</summary>
    public bool Sound => Cells.All(cell => !cell.Diverged);

    /// <summary>Returns a measure of each cell, in order of seed.</summary>
    public double[] GetValues(Func<CellMeasures, double> measure) => [.. Cells.Select(measure)];
}

/// <summary>The finished cells of a sweep, arranged for the claims.</summary>
internal sealed class ClaimData
{
    /// <summary>The axis that claims require. No other key may vary.</summary>
    internal const string RateKey = "training.learning_rate";

    /// <summary>Arranges the cells.</summary>
    /// <param name="cells">Finished cells. Copies among them are left out.</param>
    /// <param name="axes">Keys that vary, except seeds.</param>
    public ClaimData(IReadOnlyList<CellMeasures> cells, IReadOnlyList<string> axes)
    {
        ArgumentNullException.ThrowIfNull(cells);
        ArgumentNullException.ThrowIfNull(axes);
        Copies = CellCopies.Find(cells);
        cells = [.. cells.Where(cell => !Copies.ContainsKey(cell.Cell.Folder))];
        (Cells, Axes) = (cells, axes);
        Seeds = [.. cells.Select(cell => cell.Cell.Seed).Distinct().Order()];
        Obstacle = axes.Except([RateKey]).ToArray() is { Length: > 0 } others
            ? $"the sweep varies {string.Join(", ", others)} too; the claims need sweeps of the learning rate alone"
            : null;
        var groups = cells
            .GroupBy(cell => cell.Cell.Group)
            .Select(group => new ClaimGroup(
                group.Key,
                group.Average(cell => cell.Cell.LearningRate),
                [.. group.OrderBy(cell => cell.Cell.Seed)]
            ))
            .OrderBy(group => group.LearningRate)
            .ToArray();
        Every = [.. groups.OrderBy(group => group.Cells[0].Cell.Parent is not null)];
        groups = [.. groups.Where(group => group.Cells.Select(cell => cell.Cell.Seed).SequenceEqual(Seeds))];
        Groups = [.. groups.Where(group => group.Cells[0].Cell.Parent is null)];
        Forks = [.. groups.Where(group => group.Cells[0].Cell.Parent is not null && group.Sound)];
    }

    /// <summary>Keys that vary, except seeds.</summary>
    public IReadOnlyList<string> Axes { get; }

    /// <summary>
    /// Maps the folder of each cell that is a copy of another seed's to the folder of that cell. Copies are left out
    /// of everything here.
    /// </summary>
    public IReadOnlyDictionary<string, string> Copies { get; }

    /// <summary>
    /// Whether the seed changes nothing: the cells were planned as such, or every group of several seeds is one cell
    /// and its copies.
    /// </summary>
    public bool Seedless =>
        Cells.Count > 0 && (Cells.All(cell => cell.Cell.Seedless) || (Copies.Count > 0 && Seeds.Count == 1));

    /// <summary>All finished cells that are not copies.</summary>
    public IReadOnlyList<CellMeasures> Cells { get; }

    /// <summary>
    /// Finished cells without a reduction that did not diverge, whether or not their group has every seed. They are
    /// ordered by seed and learning rate, so that permutations do not depend on the order of the plan.
    /// </summary>
    public IReadOnlyList<CellMeasures> Throughout =>
        [
            .. Cells
                .Where(cell => cell.Cell.Parent is null && !cell.Diverged)
                .OrderBy(cell => cell.Cell.Seed)
                .ThenBy(cell => cell.Cell.LearningRate)
                .ThenBy(cell => cell.Cell.Folder, StringComparer.Ordinal),
        ];

    /// <summary>Seeds, in increasing order.</summary>
    public IReadOnlyList<int> Seeds { get; }

    /// <summary>
    /// All groups, whether or not they have each seed: unreduced learning rates first, then reduced ones, each in
    /// increasing order.
    /// </summary>
    public IReadOnlyList<ClaimGroup> Every { get; }

    /// <summary>Groups without a reduction that are finished for every seed, by increasing learning rate.</summary>
    public IReadOnlyList<ClaimGroup> Groups { get; }

    /// <summary>The groups of <see cref="Groups"/> without a diverged cell.</summary>
    public IReadOnlyList<ClaimGroup> SoundGroups => [.. Groups.Where(group => group.Sound)];

    /// <summary>Groups with a reduced learning rate, finished for every seed and without a diverged cell.</summary>
    public IReadOnlyList<ClaimGroup> Forks { get; }

    /// <summary>The reason why no claim can be judged, or null.</summary>
    public string? Obstacle { get; }

    /// <summary>
    /// Returns the group at the learning rate to which a fork was reduced; null if the sweep has none.
    /// </summary>
    public ClaimGroup? ReducedTo(ClaimGroup fork)
    {
        ArgumentNullException.ThrowIfNull(fork);
        return SoundGroups.FirstOrDefault(group =>
            group
                .Cells.Zip(fork.Cells)
                .All(pair => Near(pair.First.Cell.LearningRate, pair.Second.Cell.ReducedTo ?? double.NaN))
        );
    }

    /// <summary>
    /// Splits the cells by the value of one axis. Each part keeps the other axes, and the parts follow the order of
    /// the plan.
    /// </summary>
    public IReadOnlyList<(string Value, ClaimData Data)> SplitBy(string axis) =>
        [
            .. Cells
                .GroupBy(cell => cell.Cell.Values.GetValueOrDefault(axis, ""))
                .Select(part => (part.Key.Trim('"'), new ClaimData([.. part], [.. Axes.Where(one => one != axis)]))),
        ];

    /// <summary>Returns the mean over groups, seed by seed; null if there are no groups.</summary>
    public static double[]? BySeed(IReadOnlyList<double[]> groups) =>
        groups is null or { Count: 0 }
            ? null
            : [.. Enumerable.Range(0, groups[0].Length).Select(seed => groups.Average(group => group[seed]))];

    internal static bool Near(double a, double b) => Math.Abs(a - b) <= 1e-3 * Math.Abs(b);
}
