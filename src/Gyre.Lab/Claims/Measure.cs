using Gyre.Lab.Statistics;

namespace Gyre.Lab.Claims;

/// <summary>A number of a cell that is compared over seeds.</summary>
/// <param name="Name">Display name.</param>
/// <param name="Get">Returns the value; NaN if it was not measured.</param>
/// <param name="Bounds">The possible range of the value.</param>
internal sealed record Measure(string Name, Func<CellMeasures, double> Get, Bounds Bounds)
{
    private const string Percents = "%";
    public const string PercentagePoints = "points";

    /// <summary>The unit; empty if the values have none.</summary>
    public string Unit { get; init; } = "";

    /// <summary>The unit of differences: points for percentages.</summary>
    public string DifferenceUnit => Unit == Percents ? PercentagePoints : Unit;

    /// <summary>Creates a measure of a property of <see cref="CellMeasures"/>, by the name of the property.</summary>
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

    /// <summary>The re-solve baseline: the apparent rotation when nothing turned.</summary>
    public static Measure Baseline { get; } =
        new("re-solve baseline", cell => cell.Baseline, nameof(CellMeasures.Baseline));

    /// <summary>
    /// Distance from the run at the reduced learning rate throughout. It is known if the displacements of both runs
    /// have been read.
    /// </summary>
    public static Measure ControlDistance { get; } =
        new("distance from the control", cell => cell.ControlDistance, nameof(CellMeasures.ControlDistance));

    /// <summary>Test accuracy in percent.</summary>
    public static Measure TestPercent { get; } = TestAccuracy.InPercent();

    /// <summary>Returns the measure in percent.</summary>
    public Measure InPercent() =>
        this with
        {
            Get = cell => 100 * Get(cell),
            Bounds = Bounds.Times(100),
            Unit = Percents,
        };

    /// <summary>Returns the mean of values of the measure, with its interval.</summary>
    public Interval Mean(IReadOnlyList<double> values) => MeanInterval.Student(values, Bounds);
}
