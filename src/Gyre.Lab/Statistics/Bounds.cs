namespace Gyre.Lab.Statistics;

/// <summary>The numbers that a quantity can be: an interval about a mean does not leave them.</summary>
/// <param name="Low">The smallest; −∞ where nothing bounds it.</param>
/// <param name="High">The largest.</param>
internal readonly record struct Bounds(double Low, double High)
{
    /// <summary>An interval that covers this share of all that is possible says too little to be of use.</summary>
    private const double TooMuch = 0.95;

    private const double Rounding = 1e-9;

    /// <summary>Every number.</summary>
    public static Bounds None { get; } = new(double.NegativeInfinity, double.PositiveInfinity);

    /// <summary>0 to 1: accuracies, rotations.</summary>
    public static Bounds Share { get; } = new(0, 1);

    /// <summary>−1 to 1: correlations, and differences of shares.</summary>
    public static Bounds Coefficient { get; } = new(-1, 1);

    /// <summary>0 and above: losses, counts.</summary>
    public static Bounds Positive { get; } = new(0, double.PositiveInfinity);

    /// <summary>The same of values times a factor above 0.</summary>
    public Bounds Times(double factor) => new(Low * factor, High * factor);

    /// <summary>Of the differences of two such values.</summary>
    public Bounds Differences() => double.IsFinite(High - Low) ? new(Low - High, High - Low) : None;

    /// <summary>The number of the range that is nearest; NaN stays NaN.</summary>
    public double Cut(double value) => double.IsNaN(value) ? value : Math.Clamp(value, Low, High);

    /// <summary>Whether a value is possible, rounding allowed for.</summary>
    internal bool Hold(double value) => value >= Low - Rounding && value <= High + Rounding;

    /// <summary>Whether an interval covers nearly all that is possible.</summary>
    internal bool IsCovered(double low, double high) =>
        double.IsFinite(High - Low) && high - low >= TooMuch * (High - Low);

    /// <summary>Whether it is a share of a whole: its spread narrows towards both ends. A difference's does
    /// not.</summary>
    internal bool IsShare => Low == 0 && double.IsFinite(High);

    /// <summary>Place on the logistic scale, where the ends are infinitely far; infinite at an end.</summary>
    internal double Logit(double value) => Math.Log((value - Low) / (High - value));

    /// <summary>The value of a place on the logistic scale.</summary>
    internal double FromLogit(double place) => Low + (High - Low) / (1 + Math.Exp(-place));
}
