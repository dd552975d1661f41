namespace Gyre.Lab.Figures;

/// <summary>A label at a value of an axis.</summary>
internal readonly record struct AxisLabel(double At, string Text);

/// <summary>The horizontal axis of a panel.</summary>
/// <param name="Label">Label, with the unit.</param>
/// <param name="Scale">Maps values to places.</param>
/// <param name="Low">Left end as a place, including its margin. Ends that coincide or are not finite are moved
/// apart.</param>
/// <param name="High">Right end as a place, including its margin.</param>
internal sealed record FigureAxis(string Label, FigureScale Scale, double Low, double High)
{
    private const double StepMargin = 0.006; // keeps markers at the ends whole

    public double Low { get; } = FigureScale.Ends(Low, High, 0).Low;

    public double High { get; } = FigureScale.Ends(Low, High, 0).High;

    /// <summary>Whether only whole numbers are labeled.</summary>
    public bool Whole { get; init; }

    /// <summary>Labels that replace those chosen by the scale.</summary>
    public IReadOnlyList<AxisLabel>? Ticks { get; init; }

    /// <summary>A second row of labels, above the frame.</summary>
    public IReadOnlyList<AxisLabel> Above { get; init; } = [];

    /// <summary>The label of the second row.</summary>
    public string AboveLabel { get; init; } = "";

    /// <summary>Returns the axis of steps from 0 to the last one.</summary>
    public static FigureAxis Steps(double last) =>
        new("step", FigureScale.Linear, -StepMargin * last, (1 + StepMargin) * last) { Whole = true };

    /// <summary>
    /// Returns an axis from the smallest to the largest value that has a place, with a margin that is a share of
    /// their range; 0 to 1 if there is no such value.
    /// </summary>
    public static FigureAxis Over(string label, FigureScale scale, IEnumerable<double> values, double margin = 0.03)
    {
        var places = values.Select(scale.Map).Where(double.IsFinite).ToArray();
        var (low, high) = places.Length == 0 ? (0.0, 1.0) : FigureScale.Ends(places.Min(), places.Max(), margin);
        return new FigureAxis(label + scale.Note, scale, low, high);
    }

    /// <summary>Whether values have the same places on both axes, so that one row of labels serves both.</summary>
    public bool Fits(FigureAxis other) => this with { Above = other.Above, AboveLabel = other.AboveLabel } == other;

    /// <summary>Returns a value moved by a share of the axis, so that bars at one value do not overlap.</summary>
    public double Beside(double value, double share) => Scale.Back(Scale.Map(value) + share * (High - Low));

    /// <summary>
    /// Returns the position of a value in the frame, from 0 at the left end to 1 at the right end, clamped to the
    /// frame.
    /// </summary>
    public double Share(double value) => Math.Clamp((Scale.Map(value) - Low) / (High - Low), 0, 1);
}
