using Gyre.Lab.Claims;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Statistics;

namespace Gyre.Lab.Figures;

/// <summary>A finished cell with the data that figures draw.</summary>
/// <param name="Measures">The numbers of the cell.</param>
/// <param name="Summary">The content of summary.json.</param>
/// <param name="Sharpness">S and 2/eta at the first steps of bursts, by training time.</param>
/// <param name="TestAccuracy">Test accuracy, 0 to 1, by training time.</param>
/// <param name="Chance">Rotation between random spaces, 1 − k/n; NaN if no rotation was measured.</param>
internal sealed record CellSeries(
    CellMeasures Measures,
    SummaryRecord Summary,
    IReadOnlyList<(double Time, double Sharpness, double Threshold)> Sharpness,
    IReadOnlyList<(double Time, double Accuracy)> TestAccuracy,
    double Chance
)
{
    /// <summary>Creates the series from the records of a run.</summary>
    public static CellSeries FromRecords(
        SweepCellRecord cell,
        SummaryRecord summary,
        IReadOnlyList<StepRecord> steps,
        IReadOnlyList<CurvatureRecord> curvature
    )
    {
        ArgumentNullException.ThrowIfNull(curvature);
        var times = CellMeasures.Times(steps);
        var turned = curvature
            .Select(record => record.Flip ?? record.Drift)
            .FirstOrDefault(rotation => rotation is not null);
        return new CellSeries(
            CellMeasures.FromRecords(cell, summary, steps, curvature),
            summary,
            [
                .. curvature
                    .Where(record => record.StartsBurst() && times.ContainsKey(record.Step))
                    .Select(record => (times[record.Step], record.Sharpness, record.Threshold)),
            ],
            [
                .. steps
                    .Where(step => step.TestAccuracy is not null)
                    .Select(step => (times[step.Step], step.TestAccuracy!.Value)),
            ],
            1 - turned?.Chance ?? double.NaN
        );
    }
}

/// <summary>The finished cells that differ by seed only. Seeds may be missing.</summary>
/// <param name="Name">Display name.</param>
/// <param name="Series">The other varied keys with their values, which the group shares with groups of other learning
/// rates; empty if only the learning rate varies.</param>
/// <param name="Cells">The cells in order of seed.</param>
internal sealed record SeriesGroup(string Name, string Series, IReadOnlyList<CellSeries> Cells)
{
    /// <summary>Creates a group from cells that differ by seed only.</summary>
    public static SeriesGroup FromCells(IEnumerable<CellSeries> cells)
    {
        CellSeries[] sorted = [.. cells.OrderBy(cell => cell.Measures.Cell.Seed)];
        return new SeriesGroup(sorted[0].Measures.Cell.Group, SeriesOf(sorted[0].Measures.Cell), sorted);
    }

    /// <summary>
    /// Returns the keys other than the learning rate that a cell's sweep varies, with the cell's values; empty if
    /// there are none.
    /// </summary>
    public static string SeriesOf(SweepCellRecord cell)
    {
        ArgumentNullException.ThrowIfNull(cell);
        return string.Join(" · ", Others(cell).Select(pair => $"{pair.Key} {pair.Value}"));
    }

    /// <summary>A shorter name, with only the values of the other keys, which come first.</summary>
    public string Heading =>
        Series.Length == 0
            ? Name
            : $"{string.Join(", ", Others(Cells[0].Measures.Cell).Select(pair => pair.Value.Trim('"')))}: "
                + $"{Name.Replace($" · {Series}", "", StringComparison.Ordinal)}";

    /// <summary>Mean eta.</summary>
    public double LearningRate => Cells.Average(cell => cell.Measures.Cell.LearningRate);

    /// <summary>
    /// The stability threshold at that eta, whatever the rule: S at the start over eta in edge units. It is 2/eta if
    /// S was not measured.
    /// </summary>
    public double Threshold =>
        Cells.Average(cell => cell.Summary.InitialSharpness / cell.Summary.EdgeUnits) is var edge
        && double.IsFinite(edge)
            ? edge
            : 2 / LearningRate;

    /// <summary>Mean eta in edge units; NaN if a cell has none.</summary>
    public double EdgeUnits => Cells.Average(cell => cell.Measures.Cell.EdgeUnits);

    /// <summary>Whether the learning rate was reduced.</summary>
    public bool Fork => Cells[0].Measures.Cell.Parent is not null;

    /// <summary>The cells that did not diverge.</summary>
    public IReadOnlyList<CellSeries> Sound => [.. Cells.Where(cell => !cell.Measures.Diverged)];

    /// <summary>The outcome of the group: that of all its cells, or the number of cells with each outcome.</summary>
    public string Outcome =>
        string.Join(
            ", ",
            Cells
                .GroupBy(cell => SnakeCase.Spaced(cell.Measures.Outcome))
                .Select(same =>
                    same.Count() == Cells.Count ? same.Key : FormattableString.Invariant($"{same.Count()} {same.Key}")
                )
        );

    /// <summary>
    /// Returns the mean of a measure, with its interval, over the cells that did not diverge and have it.
    /// </summary>
    public Interval Mean(Measure measure)
    {
        ArgumentNullException.ThrowIfNull(measure);
        return measure.Mean(GetValues(measure.Get));
    }

    /// <summary>Returns a measure of the cells that did not diverge and have it.</summary>
    public double[] GetValues(Func<CellMeasures, double> measure) =>
        [.. Sound.Select(cell => measure(cell.Measures)).Where(double.IsFinite)];

    private static IEnumerable<KeyValuePair<string, string>> Others(SweepCellRecord cell) =>
        cell.Values.Where(pair => pair.Key != ClaimData.RateKey);
}

/// <summary>The data for the report of a sweep.</summary>
/// <param name="Plan">The content of plan.json.</param>
/// <param name="Source">Version and name, for footers.</param>
/// <param name="Open">The cells that are not finished.</param>
/// <param name="Maps">Overlap maps of a few cells, with the names of their groups.</param>
internal sealed record SweepReportData(
    SweepPlanRecord Plan,
    string Source,
    IReadOnlyList<CellSeries> Finished,
    IReadOnlyList<SweepCellRecord> Open,
    IReadOnlyList<(SeriesGroup Group, OverlapMap Map)> Maps
)
{
    private readonly Lazy<ClaimData> _claims = new(() =>
        new ClaimData([.. Finished.Select(cell => cell.Measures)], Plan.Axes)
    );
    private readonly Lazy<IReadOnlyList<CorrelationRow>> _correlations = new(() =>
        CorrelationTable.Create(new ClaimData([.. Finished.Select(cell => cell.Measures)], Plan.Axes))
    );

    /// <summary>The finished cells, arranged for the claims.</summary>
    public ClaimData Claims => _claims.Value;

    /// <summary>Correlations of every measure with test accuracy.</summary>
    public IReadOnlyList<CorrelationRow> Correlations => _correlations.Value;

    /// <summary>Groups without a reduction, by increasing learning rate, one series after the other.</summary>
    public IReadOnlyList<SeriesGroup> Groups =>
        [
            .. All.Where(group => !group.Fork)
                .OrderBy(group => group.Series, StringComparer.Ordinal)
                .ThenBy(group => group.LearningRate),
        ];

    /// <summary>Groups with a reduced learning rate.</summary>
    public IReadOnlyList<SeriesGroup> Forks =>
        [
            .. All.Where(group => group.Fork)
                .OrderBy(group => group.Series, StringComparer.Ordinal)
                .ThenBy(group => group.LearningRate)
                .ThenBy(group => group.Cells[0].Measures.ForkTime),
        ];

    /// <summary>Returns the group of a cell's folder; null if the cell is not finished.</summary>
    public SeriesGroup? GroupOf(string folder) =>
        All.FirstOrDefault(group => group.Cells.Any(cell => cell.Measures.Cell.Folder == folder));

    /// <summary>
    /// The groups of all finished cells, without copies of another seed's cell, which add no information.
    /// </summary>
    private IEnumerable<SeriesGroup> All =>
        Finished
            .Where(cell => !Claims.Copies.ContainsKey(cell.Measures.Cell.Folder))
            .GroupBy(cell => cell.Measures.Cell.Group)
            .Select(SeriesGroup.FromCells);
}
