namespace Gyre.Lab.Figures;

/// <summary>A label at a value of an axis.</summary>
internal readonly record struct AxisLabel(double At, string Text);

/// <summary>The horizontal axis of a panel.</summary>
/// <param name="Label">With its unit.</param>
/// <param name="Scale">Of values to places.</param>
/// <param name="Low">Left end as a place, its margin included; ends that are one place, or none, are moved
/// apart.</param>
/// <param name="High">Right end.</param>
internal sealed record FigureAxis(string Label, FigureScale Scale, double Low, double High)
{
    private const double StepMargin = 0.006; // markers at the ends stay whole

    /// <summary>Left end as a place.</summary>
    public double Low { get; } = FigureScale.Ends(Low, High, 0).Low;

    /// <summary>Right end as a place.</summary>
    public double High { get; } = FigureScale.Ends(Low, High, 0).High;

    /// <summary>Whether only whole numbers are labelled.</summary>
    public bool Whole { get; init; }

    /// <summary>Labels in place of those that the scale chooses.</summary>
    public IReadOnlyList<AxisLabel>? Ticks { get; init; }

    /// <summary>A second row of labels, above the frame.</summary>
    public IReadOnlyList<AxisLabel> Above { get; init; } = [];

    /// <summary>What the second row says.</summary>
    public string AboveLabel { get; init; } = "";

    /// <summary>Steps from 0 to the last.</summary>
    public static FigureAxis Steps(double last) =>
        new("step", FigureScale.Linear, -StepMargin * last, (1 + StepMargin) * last) { Whole = true };

    /// <summary>
    /// From the smallest to the largest of the values that have a place, with a margin that is a share of their range;
    /// 0 to 1 of none.
    /// </summary>
    public static FigureAxis Over(string label, FigureScale scale, IEnumerable<double> values, double margin = 0.03)
    {
        var places = values.Select(scale.Map).Where(double.IsFinite).ToArray();
        var (low, high) = places.Length == 0 ? (0.0, 1.0) : FigureScale.Ends(places.Min(), places.Max(), margin);
        return new FigureAxis(label + scale.Note, scale, low, high);
    }

    /// <summary>Whether values have the same places on both, so that one row of labels serves both.</summary>
    public bool Fits(FigureAxis other) => this with { Above = other.Above, AboveLabel = other.AboveLabel } == other;

    /// <summary>A value moved by a share of the axis: so that bars at one value do not cover each other.</summary>
    public double Beside(double value, double share) => Scale.Back(Scale.Map(value) + share * (High - Low));

    /// <summary>Where in the frame a value lies: 0 at the left end, 1 at the right; held to the frame.</summary>
    public double Share(double value) => Math.Clamp((Scale.Map(value) - Low) / (High - Low), 0, 1);
}
