namespace Gyre.Lab.Statistics;

/// <summary>The range of values that a quantity can take. An interval about a mean stays inside it.</summary>
/// <param name="Low">The smallest possible value; −∞ if the quantity is unbounded below.</param>
/// <param name="High">The largest possible value; ∞ if the quantity is unbounded above.</param>
internal readonly record struct Bounds(double Low, double High)
{
    /// <summary>An interval that covers at least this share of the possible range is too wide to be useful.</summary>
    private const double TooMuch = 0.95;

    private const double Rounding = 1e-9;

    /// <summary>No bounds: every number is possible.</summary>
    public static Bounds None { get; } = new(double.NegativeInfinity, double.PositiveInfinity);

    /// <summary>0 to 1, for accuracies and rotations.</summary>
    public static Bounds Share { get; } = new(0, 1);

    /// <summary>−1 to 1, for correlations and differences of shares.</summary>
    public static Bounds Coefficient { get; } = new(-1, 1);

    /// <summary>0 and above, for losses and counts.</summary>
    public static Bounds Positive { get; } = new(0, double.PositiveInfinity);

    /// <summary>The bounds of the values multiplied by a positive factor.</summary>
    public Bounds Times(double factor) => new(Low * factor, High * factor);

    /// <summary>The bounds of the difference between two such values.</summary>
    public Bounds Differences() => double.IsFinite(High - Low) ? new(Low - High, High - Low) : None;

    /// <summary>Clamps a value to the range; NaN stays NaN.</summary>
    public double Cut(double value) => double.IsNaN(value) ? value : Math.Clamp(value, Low, High);

    /// <summary>Whether a value is possible, up to rounding.</summary>
    internal bool Hold(double value) => value >= Low - Rounding && value <= High + Rounding;

    /// <summary>Whether an interval covers nearly the whole possible range.</summary>
    internal bool IsCovered(double low, double high) =>
        double.IsFinite(High - Low) && high - low >= TooMuch * (High - Low);

    /// <summary>
    /// Whether the quantity is a share of a whole, so that its spread narrows toward both ends. The spread of a
    /// difference does not.
    /// </summary>
    internal bool IsShare => Low == 0 && double.IsFinite(High);

    /// <summary>Maps a value to the logistic scale, where the bounds lie at −∞ and ∞.</summary>
    internal double Logit(double value) => Math.Log((value - Low) / (High - value));

    /// <summary>Maps a place on the logistic scale back to a value.</summary>
    internal double FromLogit(double place) => Low + (High - Low) / (1 + Math.Exp(-place));
}
