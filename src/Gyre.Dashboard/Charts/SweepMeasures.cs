using Gyre.Lab.Claims;
using Gyre.Lab.Reports;

namespace Gyre.Dashboard.Charts;

/// <summary>A measure of a finished cell that can be chosen.</summary>
/// <param name="Measure">The measure; NaN if it was not measured, or if its rows are not read yet.</param>
/// <param name="Unit">The unit; empty for a pure number.</param>
internal sealed record SweepMeasure(Measure Measure, string Unit)
{
    /// <summary>A note for readers of its chart.</summary>
    public string Note { get; init; } = "";

    /// <summary>Name in addresses and on the page.</summary>
    public string Name => Measure.Name;

    /// <summary>Returns its value for a cell.</summary>
    public Func<CellMeasures, double> Get => Measure.Get;

    /// <summary>The label of an axis.</summary>
    public string Label => Unit.Length == 0 ? Name : $"{Name}, {Unit}";
}

/// <summary>The measures: those of the report's tables and correlations, and a few more.</summary>
internal static class SweepMeasures
{
    /// <summary>The default measure.</summary>
    public const string Accuracy = "test accuracy";

    /// <summary>All measures; accuracies in percent.</summary>
    public static IReadOnlyList<SweepMeasure> Catalog { get; } =
    [
        // The page does not read displacements, which the distance from the control needs.
        .. GroupTable
            .Measures.Concat(AfterReduction.Measures)
            .Where(measure => measure != Measure.ControlDistance)
            .Select(measure =>
                measure.Name.EndsWith("accuracy", StringComparison.Ordinal)
                    ? new SweepMeasure(measure.InPercent(), "%")
                    : new SweepMeasure(measure, "")
            ),
        new(Measure.DriftPerBounce, ""),
        new(Measure.Baseline, ""),
        new(new("test loss", cell => cell.TestLoss, nameof(CellMeasures.TestLoss)), ""),
        new(new("training loss", cell => cell.TrainLoss, nameof(CellMeasures.TrainLoss)), ""),
        new(new("instabilities", cell => cell.Cycles, nameof(CellMeasures.Cycles)), "")
        {
            Note = $"In each run {RunTable.Chaotic}.",
        },
    ];

    /// <summary>
    /// Returns the measure with a name, or the one named <paramref name="otherwise"/> if there is none.
    /// </summary>
    public static SweepMeasure Get(string? name, string otherwise) =>
        Catalog.FirstOrDefault(measure => measure.Name == name) ?? Catalog.First(measure => measure.Name == otherwise);
}
