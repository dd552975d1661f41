namespace Gyre.Lab.Claims;

/// <summary>The cells of one group: equal but for the seed.</summary>
/// <param name="Name">For people.</param>
/// <param name="LearningRate">Mean eta.</param>
/// <param name="Cells">In order of seed, one for every seed of the sweep.</param>
internal sealed record ClaimGroup(string Name, double LearningRate, IReadOnlyList<CellMeasures> Cells)
{
    /// <summary>Whether no cell diverged.</summary>
    public bool Sound => Cells.All(cell => !cell.Diverged);

    /// <summary>A measure of each cell, in order of seed.</summary>
    public double[] GetValues(Func<CellMeasures, double> measure) => [.. Cells.Select(measure)];
}

/// <summary>The finished cells of a sweep, laid out for the claims.</summary>
internal sealed class ClaimData
{
    /// <summary>The axis that claims need; others must not vary.</summary>
    internal const string RateKey = "training.learning_rate";

    /// <summary>Lays out.</summary>
    /// <param name="cells">Finished cells; copies among them are left out.</param>
    /// <param name="axes">Keys that vary, seeds left out.</param>
    public ClaimData(IReadOnlyList<CellMeasures> cells, IReadOnlyList<string> axes)
    {
        ArgumentNullException.ThrowIfNull(cells);
        ArgumentNullException.ThrowIfNull(axes);
        Copies = CellCopies.Find(cells);
        cells = [.. cells.Where(cell => !Copies.ContainsKey(cell.Cell.Folder))];
        (Cells, Axes) = (cells, axes);
        Seeds = [.. cells.Select(cell => cell.Cell.Seed).Distinct().Order()];
        Obstacle = axes.Except([RateKey]).ToArray() is { Length: > 0 } others
            ? $"the sweep varies {string.Join(", ", others)} too; claims need the learning rate alone"
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

    /// <summary>Keys that vary, seeds left out.</summary>
    public IReadOnlyList<string> Axes { get; }

    /// <summary>Folder of each cell that is a copy of another seed's, and of that one: left out of everything
    /// here.</summary>
    public IReadOnlyDictionary<string, string> Copies { get; }

    /// <summary>Whether the seed changes nothing: cells were planned as such, or every group of several seeds is one
    /// cell and its copies.</summary>
    public bool Seedless =>
        Cells.Count > 0 && (Cells.All(cell => cell.Cell.Seedless) || (Copies.Count > 0 && Seeds.Count == 1));

    /// <summary>Every finished cell that is no copy.</summary>
    public IReadOnlyList<CellMeasures> Cells { get; }

    /// <summary>Finished cells of one rate throughout that did not diverge, whether or not their group has every
    /// seed; by seed and rate, so that permutations are the same in any order of the plan.</summary>
    public IReadOnlyList<CellMeasures> Throughout =>
        [
            .. Cells
                .Where(cell => cell.Cell.Parent is null && !cell.Diverged)
                .OrderBy(cell => cell.Cell.Seed)
                .ThenBy(cell => cell.Cell.LearningRate)
                .ThenBy(cell => cell.Cell.Folder, StringComparer.Ordinal),
        ];

    /// <summary>Seeds, rising.</summary>
    public IReadOnlyList<int> Seeds { get; }

    /// <summary>Every group, whether or not it has each seed: rates throughout first, then reduced ones, each by
    /// rising rate.</summary>
    public IReadOnlyList<ClaimGroup> Every { get; }

    /// <summary>Groups of one rate throughout that are finished for every seed, by rising rate.</summary>
    public IReadOnlyList<ClaimGroup> Groups { get; }

    /// <summary>Those without a diverged cell.</summary>
    public IReadOnlyList<ClaimGroup> SoundGroups => [.. Groups.Where(group => group.Sound)];

    /// <summary>Groups whose rate was reduced, finished for every seed and without a diverged cell.</summary>
    public IReadOnlyList<ClaimGroup> Forks { get; }

    /// <summary>Why no claim can be judged, or null.</summary>
    public string? Obstacle { get; }

    /// <summary>The group at the rate that a fork was reduced to; null where the sweep has none.</summary>
    public ClaimGroup? ReducedTo(ClaimGroup fork)
    {
        ArgumentNullException.ThrowIfNull(fork);
        return SoundGroups.FirstOrDefault(group =>
            group
                .Cells.Zip(fork.Cells)
                .All(pair => Near(pair.First.Cell.LearningRate, pair.Second.Cell.ReducedTo ?? double.NaN))
        );
    }

    /// <summary>The cells split by the value of one axis, each part with the other axes; in the order of the
    /// plan.</summary>
    public IReadOnlyList<(string Value, ClaimData Data)> SplitBy(string axis) =>
        [
            .. Cells
                .GroupBy(cell => cell.Cell.Values.GetValueOrDefault(axis, ""))
                .Select(part => (part.Key.Trim('"'), new ClaimData([.. part], [.. Axes.Where(one => one != axis)]))),
        ];

    /// <summary>Mean over groups, seed by seed; null of none.</summary>
    public static double[]? BySeed(IReadOnlyList<double[]> groups) =>
        groups is null or { Count: 0 }
            ? null
            : [.. Enumerable.Range(0, groups[0].Length).Select(seed => groups.Average(group => group[seed]))];

    internal static bool Near(double a, double b) => Math.Abs(a - b) <= 1e-3 * Math.Abs(b);
}
