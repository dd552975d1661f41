using Gyre.Lab.Statistics;

namespace Gyre.Lab.Claims;

/// <summary>A number of a cell that is compared over seeds.</summary>
/// <param name="Name">As people read it.</param>
/// <param name="Get">Its value; NaN where it was not measured.</param>
/// <param name="Bounds">What it can be.</param>
internal sealed record Measure(string Name, Func<CellMeasures, double> Get, Bounds Bounds)
{
    /// <summary>A property of <see cref="CellMeasures"/>, by its name.</summary>
    public Measure(string name, Func<CellMeasures, double> of, string property)
        : this(name, of, CellMeasures.BoundsOf(property)) { }

    /// <summary>Test accuracy, 0 to 1.</summary>
    public static Measure TestAccuracy { get; } =
        new("test accuracy", cell => cell.TestAccuracy, nameof(CellMeasures.TestAccuracy));

    /// <summary>Mean sharpness of the last fifth.</summary>
    public static Measure FinalSharpness { get; } =
        new("final sharpness", cell => cell.FinalSharpness, nameof(CellMeasures.FinalSharpness));

    /// <summary>Largest sharpness.</summary>
    public static Measure PeakSharpness { get; } =
        new("peak sharpness", cell => cell.PeakSharpness, nameof(CellMeasures.PeakSharpness));

    /// <summary>Mean rotation at lag 1.</summary>
    public static Measure Flip { get; } = new("flip", cell => cell.Flip, nameof(CellMeasures.Flip));

    /// <summary>Mean rotation at lag 2.</summary>
    public static Measure DriftPerBounce { get; } =
        new("drift per bounce", cell => cell.DriftPerBounce, nameof(CellMeasures.DriftPerBounce));

    /// <summary>Mean rotation between bursts.</summary>
    public static Measure Drift { get; } = new("drift", cell => cell.Drift, nameof(CellMeasures.Drift));

    /// <summary>The re-solve baseline: the rotation read where nothing turned.</summary>
    public static Measure Baseline { get; } =
        new("re-solve baseline", cell => cell.Baseline, nameof(CellMeasures.Baseline));

    /// <summary>Distance from the run at the reduced rate throughout; known where both runs' displacements are
    /// read.</summary>
    public static Measure ControlDistance { get; } =
        new("distance from the control", cell => cell.ControlDistance, nameof(CellMeasures.ControlDistance));

    /// <summary>Test accuracy in percent.</summary>
    public static Measure TestPercent { get; } = TestAccuracy.InPercent();

    /// <summary>The same number in percent.</summary>
    public Measure InPercent() => this with { Get = cell => 100 * Get(cell), Bounds = Bounds.Times(100) };

    /// <summary>Mean of values of it with its interval.</summary>
    public Interval Mean(IReadOnlyList<double> values) => MeanInterval.Student(values, Bounds);
}
