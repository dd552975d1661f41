using Gyre.Lab.Statistics;

namespace Gyre.Lab.Claims;

/// <summary>The correlation of a measure with test accuracy over the cells of a sweep.</summary>
/// <param name="Measure">Name of the measure.</param>
/// <param name="Raw">The plain correlation.</param>
/// <param name="Partial">The correlation with the logarithm of the learning rate held fixed. Sharpness follows the
/// learning rate (2302.07011), so the raw correlation alone would only recover the sweep's own axis.</param>
/// <param name="RawGain">The gain in prediction, |raw coefficient of this measure| − |raw coefficient of final
/// sharpness|, both on the same resamples of the cells that have both; null for final sharpness itself.</param>
/// <param name="PartialGain">The gain in prediction by the partial coefficients.</param>
internal sealed record CorrelationRow(
    string Measure,
    RankKind Kind,
    CorrelationTest Raw,
    CorrelationTest Partial,
    Interval? RawGain,
    Interval? PartialGain
);

/// <summary>Correlations between test accuracy and every measure.</summary>
internal static class CorrelationTable
{
    private const int FewestCells = 4;

    /// <summary>The measure with which all others are compared.</summary>
    public const string Reference = "final sharpness";

    /// <summary>
    /// Creates one row per measure and kind, over the cells without a reduction that did not diverge. A measure that
    /// fewer than four cells have is left out.
    /// </summary>
    public static IReadOnlyList<CorrelationRow> Create(ClaimData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        var rows =
            from measure in CellMeasures.Catalog
            let cells = data
                .Throughout.Where(cell => double.IsFinite(measure.Get(cell)) && double.IsFinite(cell.TestAccuracy))
                .ToArray()
            where cells.Length >= FewestCells
            from kind in new[] { RankKind.Spearman, RankKind.Kendall }
            select new CorrelationRow(
                measure.Name,
                kind,
                Test(kind, measure.Get, cells, partial: false),
                Test(kind, measure.Get, cells, partial: true),
                Gain(kind, measure, cells, partial: false),
                Gain(kind, measure, cells, partial: true)
            );
        return [.. rows];
    }

    /// <summary>Correlates a measure with test accuracy over cells. Only cells of one seed are exchanged.</summary>
    internal static CorrelationTest Test(
        RankKind kind,
        Func<CellMeasures, double> measure,
        IReadOnlyList<CellMeasures> cells,
        bool partial
    ) =>
        CorrelationTest.Run(
            kind,
            GetValues(cells, measure),
            Accuracy(cells),
            partial ? Rate(cells) : null,
            Strata(cells),
            ClaimCatalog.Seed
        );

    /// <summary>
    /// Returns by how much a measure correlates better with test accuracy than final sharpness does, over cells that
    /// have both.
    /// </summary>
    internal static Interval Gap(
        RankKind kind,
        Func<CellMeasures, double> measure,
        IReadOnlyList<CellMeasures> cells,
        bool partial
    ) =>
        CorrelationTest.Difference(
            kind,
            GetValues(cells, measure),
            GetValues(cells, cell => cell.FinalSharpness),
            Accuracy(cells),
            partial ? Rate(cells) : null,
            Strata(cells),
            ClaimCatalog.Seed
        );

    private static Interval? Gain(RankKind kind, Measure measure, CellMeasures[] cells, bool partial) =>
        measure.Name == Reference
            ? null
            : Gap(kind, measure.Get, [.. cells.Where(cell => double.IsFinite(cell.FinalSharpness))], partial);

    private static double[] GetValues(IReadOnlyList<CellMeasures> cells, Func<CellMeasures, double> measure) =>
        [.. cells.Select(measure)];

    private static double[] Accuracy(IReadOnlyList<CellMeasures> cells) => GetValues(cells, cell => cell.TestAccuracy);

    private static double[] Rate(IReadOnlyList<CellMeasures> cells) =>
        GetValues(cells, cell => Math.Log(cell.Cell.LearningRate));

    private static int[] Strata(IReadOnlyList<CellMeasures> cells) => [.. cells.Select(cell => cell.Cell.Seed)];
}
