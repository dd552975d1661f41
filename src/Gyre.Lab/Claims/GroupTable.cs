using Gyre.Lab.Statistics;

namespace Gyre.Lab.Claims;

/// <summary>One measure of one group over its seeds. Cells that diverged, and cells where it was not measured, are
/// left out; the intervals' counts say how many remain.</summary>
/// <param name="Group">Name, for people.</param>
/// <param name="LearningRate">Mean eta from step 0.</param>
/// <param name="Fork">Whether the rate was reduced on the way.</param>
/// <param name="Cells">Finished cells.</param>
/// <param name="Diverged">How many of them diverged.</param>
/// <param name="Measure">Name of the measure.</param>
/// <param name="Mean">Mean over seeds with its 95 % t interval, the one that decides verdicts.</param>
/// <param name="Bootstrap">The same with the percentile bootstrap's interval: too narrow with few seeds
/// (<see cref="MeanInterval.Bootstrap"/>).</param>
/// <param name="Difference">Mean of the differences from the group of the smallest rate, seed by seed, with its t
/// interval; null for that group itself.</param>
/// <param name="DifferenceBootstrap">The same with the bootstrap's interval: seeds are drawn as pairs.</param>
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

/// <summary>Per learning rate over seeds: every measure of every group, with intervals, and what differs from the
/// smallest rate.</summary>
internal static class GroupTable
{
    /// <summary>The measures, by the name people read: the accuracies and those of
    /// <see cref="CellMeasures.Catalog"/>.</summary>
    public static IReadOnlyList<Measure> Measures { get; } =
    [
        Measure.TestAccuracy,
        new("training accuracy", cell => cell.TrainAccuracy, nameof(CellMeasures.TrainAccuracy)),
        .. CellMeasures.Catalog,
    ];

    /// <summary>The measures of a sweep: those of branches too, where it has some.</summary>
    private static IEnumerable<Measure> MeasuresOf(IEnumerable<ClaimGroup> groups) =>
        groups.Any(IsFork) ? Measures.Concat(AfterReduction.Measures) : Measures;

    /// <summary>A row a group and measure: rates throughout first, by rising rate, then forks. Groups that lack seeds
    /// are there too.</summary>
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
