using Gyre.Lab.Claims;
using Gyre.Lab.Reports;

namespace Gyre.Dashboard.Charts;

/// <summary>A number of a finished cell that can be chosen.</summary>
/// <param name="Measure">Its value is NaN where it was not measured, or its lines are not read yet.</param>
/// <param name="Unit">After its name; empty of a pure number.</param>
internal sealed record SweepMeasure(Measure Measure, string Unit)
{
    /// <summary>What a reader of its chart should know.</summary>
    public string Note { get; init; } = "";

    /// <summary>In addresses and for people.</summary>
    public string Name => Measure.Name;

    /// <summary>Its value of a cell.</summary>
    public Func<CellMeasures, double> Get => Measure.Get;

    /// <summary>For an axis.</summary>
    public string Label => Unit.Length == 0 ? Name : $"{Name}, {Unit}";
}

/// <summary>The measures: those of the report's tables and correlations, and a few beside them.</summary>
internal static class SweepMeasures
{
    /// <summary>The first: what sweeps are made for.</summary>
    public const string Accuracy = "test accuracy";

    /// <summary>Every one; accuracies in percent.</summary>
    public static IReadOnlyList<SweepMeasure> Catalog { get; } =
    [
        // The page reads no displacements, which the distance from the control is made of.
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

    /// <summary>By name; another where there is none of that name.</summary>
    public static SweepMeasure Get(string? name, string otherwise) =>
        Catalog.FirstOrDefault(measure => measure.Name == name) ?? Catalog.First(measure => measure.Name == otherwise);
}
