using Gyre.Lab.Claims;

namespace Gyre.Dashboard.Charts;

/// <summary>A number of a finished cell that can be chosen.</summary>
/// <param name="Name">In addresses and for people.</param>
/// <param name="Unit">After its name; empty of a pure number.</param>
/// <param name="Of">Its value; NaN where it was not measured, or its lines are not read yet.</param>
internal sealed record SweepMeasure(string Name, string Unit, Func<CellMeasures, double> Of)
{
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
        .. GroupTable.Measures.Select(measure => measure.Name.EndsWith("accuracy", StringComparison.Ordinal) ? new SweepMeasure(measure.Name, "%", cell => 100 * measure.Of(cell)) : new SweepMeasure(measure.Name, "", measure.Of)),
        new("drift per bounce", "", cell => cell.DriftPerBounce),
        new("re-solve baseline", "", cell => cell.Baseline),
        new("test loss", "", cell => cell.TestLoss),
        new("training loss", "", cell => cell.TrainLoss),
        new("instabilities", "", cell => cell.Cycles),
    ];

    /// <summary>By name; another where there is none of that name.</summary>
    public static SweepMeasure Of(string? name, string otherwise) => Catalog.FirstOrDefault(measure => measure.Name == name) ?? Catalog.First(measure => measure.Name == otherwise);
}
