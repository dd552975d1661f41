using Gyre.Lab.Statistics;

namespace Gyre.Lab.Claims;

/// <summary>How a measure goes with test accuracy over the cells of a sweep.</summary>
/// <param name="Measure">Name.</param>
/// <param name="Kind">Which rank correlation.</param>
/// <param name="Raw">Plain.</param>
/// <param name="Partial">With the logarithm of the learning rate held fixed: sharpness follows the learning rate (2302.07011), so the raw one alone finds the sweep's own axis again.</param>
public sealed record CorrelationRow(string Measure, RankKind Kind, CorrelationTest Raw, CorrelationTest Partial);

/// <summary>Correlations between test accuracy and every measure.</summary>
public static class CorrelationTable
{
    private const int FewestCells = 4;

    /// <summary>A row a measure and kind, over the cells of one rate throughout that did not diverge; measures that were not made are left out.</summary>
    public static IReadOnlyList<CorrelationRow> Of(ClaimData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        var rows =
            from measure in CellMeasures.Catalog
            let cells = data.SoundGroups.SelectMany(one => one.Cells).Where(cell => double.IsFinite(measure.Of(cell)) && double.IsFinite(cell.TestAccuracy)).ToArray()
            where cells.Length >= FewestCells
            from kind in new[] { RankKind.Spearman, RankKind.Kendall }
            select Row(measure.Name, kind, [.. cells.Select(measure.Of)], cells);
        return [.. rows];
    }

    private static CorrelationRow Row(string name, RankKind kind, double[] values, CellMeasures[] cells)
    {
        double[] accuracy = [.. cells.Select(cell => cell.TestAccuracy)];
        double[] rate = [.. cells.Select(cell => Math.Log(cell.Cell.LearningRate))];
        int[] strata = [.. cells.Select(cell => cell.Cell.Seed)];
        return new CorrelationRow(
            name, kind, CorrelationTest.Of(kind, values, accuracy, null, strata, ClaimCatalog.Seed), CorrelationTest.Of(kind, values, accuracy, rate, strata, ClaimCatalog.Seed));
    }
}
