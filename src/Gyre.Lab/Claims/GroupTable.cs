using Gyre.Lab.Statistics;

namespace Gyre.Lab.Claims;

/// <summary>
/// One measure of one group over its seeds. Cells that diverged and cells without the measure are left out; the
/// counts of the intervals give the number of remaining cells.
/// </summary>
/// <param name="Group">Display name of the group.</param>
/// <param name="LearningRate">Mean eta from step 0.</param>
/// <param name="Fork">Whether the learning rate was reduced during the run.</param>
/// <param name="Cells">The number of finished cells.</param>
/// <param name="Diverged">The number of diverged cells.</param>
/// <param name="Measure">Name of the measure.</param>
/// <param name="Mean">Mean over seeds with its 95 % t interval, which decides verdicts.</param>
/// <param name="Bootstrap">Mean over seeds with the percentile bootstrap interval, which is too narrow with few seeds
/// (<see cref="MeanInterval.Bootstrap"/>).</param>
/// <param name="Difference">Mean of the differences, seed by seed, from the group of the smallest unreduced learning
/// rate without divergence, with its t interval; null for that group itself.</param>
/// <param name="DifferenceBootstrap">Mean of the differences with the bootstrap interval, which resamples seeds as
/// pairs.</param>
internal sealed record GroupRow(
    string Group,
    double LearningRate,
    bool Fork,
    int Cells,
    int Diverged,
    string Measure,
    Interval Mean,
    Interval Bootstrap,
    Interval? Difference,
    Interval? DifferenceBootstrap
);

/// <summary>
/// The table of learning rates: every measure of every group over seeds, with intervals, and its difference from the
/// smallest learning rate.
/// </summary>
internal static class GroupTable
{
    /// <summary>
    /// The measures, by display name: the accuracies and those of <see cref="CellMeasures.Catalog"/>.
    /// </summary>
    public static IReadOnlyList<Measure> Measures { get; } =
    [
        Measure.TestAccuracy,
        new("training accuracy", cell => cell.TrainAccuracy, nameof(CellMeasures.TrainAccuracy)),
        .. CellMeasures.Catalog,
    ];

    /// <summary>Returns the measures of a sweep, including those of branches if it has any.</summary>
    private static IEnumerable<Measure> MeasuresOf(IEnumerable<ClaimGroup> groups) =>
        groups.Any(IsFork) ? Measures.Concat(AfterReduction.Measures) : Measures;

    /// <summary>
    /// Creates one row per group and measure: unreduced learning rates in increasing order, then forks. Groups that
    /// lack seeds are included.
    /// </summary>
    public static IReadOnlyList<GroupRow> Create(ClaimData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        var groups = data
            .Cells.GroupBy(cell => cell.Cell.Group)
            .Select(group => new ClaimGroup(
                group.Key,
                group.Average(cell => cell.Cell.LearningRate),
                [.. group.OrderBy(cell => cell.Cell.Seed)]
            ))
            .OrderBy(IsFork)
            .ThenBy(group => group.LearningRate)
            .ThenBy(group => group.Cells[0].ForkTime)
            .ThenBy(group => group.Name, StringComparer.Ordinal)
            .ToArray();
        var reference = groups.FirstOrDefault(group => !IsFork(group) && group.Sound);
        var measures = MeasuresOf(groups).ToArray();
        return
        [
            .. groups.SelectMany(group =>
                measures.Select(measure => Row(group, group == reference ? null : reference, measure))
            ),
        ];
    }

    private static bool IsFork(ClaimGroup group) => group.Cells[0].Cell.Parent is not null;

    private static GroupRow Row(ClaimGroup group, ClaimGroup? reference, Measure measure)
    {
        var (own, other) = (BySeed(group, measure.Get), reference is null ? null : BySeed(reference, measure.Get));
        double[] values = [.. own.OrderBy(pair => pair.Key).Select(pair => pair.Value)];
        double[]? differences = other is null
            ? null
            :
            [
                .. own.Where(pair => other.ContainsKey(pair.Key))
                    .OrderBy(pair => pair.Key)
                    .Select(pair => pair.Value - other[pair.Key]),
            ];
        return new GroupRow(
            group.Name,
            group.LearningRate,
            IsFork(group),
            group.Cells.Count,
            group.Cells.Count(cell => cell.Diverged),
            measure.Name,
            measure.Mean(values),
            MeanInterval.Bootstrap(values, ClaimCatalog.Seed),
            differences is null ? null : MeanInterval.Student(differences, measure.Bounds.Differences()),
            differences is null ? null : MeanInterval.Bootstrap(differences, ClaimCatalog.Seed)
        );
    }

    private static Dictionary<int, double> BySeed(ClaimGroup group, Func<CellMeasures, double> measure) =>
        group
            .Cells.Where(cell => !cell.Diverged && double.IsFinite(measure(cell)))
            .GroupBy(cell => cell.Cell.Seed)
            .ToDictionary(cells => cells.Key, cells => cells.Average(measure));
}
