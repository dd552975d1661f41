namespace Gyre.Spectral;

/// <summary>
/// What one Rayleigh–Ritz step knows: which pairs are wanted, how far each may be off, and which one to work on next.
/// Pure.
/// </summary>
internal sealed class RitzReport
{
    /// <summary>
    /// Rounding error of a product over the dtype's epsilon and the largest |eigenvalue|: at most 31 on trajectories of
    /// smooth networks (docs/theory.md, coverage); relu networks have kinks of every size beyond.
    /// </summary>
    private const double ProductRounding = 64;

    /// <summary>
    /// Residuals that the smallest eigenvalue may lie below its estimate. A warm start knows the bottom of an earlier
    /// step, and the true one may hardly be in its space yet: up to 6.4 residuals were seen where three ended a solve,
    /// 4.2 where ten do (docs/theory.md, coverage).
    /// </summary>
    private const double BottomAllowance = 10;

    // of the spectrum's length: a smallest eigenvalue nearer to 0 is known absolutely
    private const double LeastScale = 0.01;

    private readonly double[] _values;
    private readonly Dictionary<int, double> _residuals;
    private readonly LanczosOptions _options;
    private readonly bool _whole;

    /// <param name="values">Every Ritz value, largest first.</param>
    /// <param name="residuals">Residual norms by index, of at least <see cref="Needed"/>.</param>
    /// <param name="options">Tolerances and what is wanted.</param>
    /// <param name="epsilon">Of the dtype.</param>
    /// <param name="whole">Whether the space is all of R^n.</param>
    public RitzReport(
        double[] values,
        Dictionary<int, double> residuals,
        LanczosOptions options,
        double epsilon,
        bool whole
    )
    {
        (_values, _residuals, _options, _whole) = (values, residuals, options, whole);
        Scale = values.Length == 0 ? 0 : Math.Max(Math.Abs(values[0]), Math.Abs(values[^1]));
        Rounding = ProductRounding * epsilon * Scale;
        Chosen = ChosenOf(values, options.Wanted);
        Gaps = [.. Chosen.Select(i => GapOf(i, outsideOnly: false))];
        AnglesDegrees = [.. Chosen.Select((i, at) => Angle(_residuals[i], Gaps[at]))];
        BlockGap = Chosen.Length == 0 ? 0 : Chosen.Min(i => GapOf(i, outsideOnly: true));
        BlockAngleDegrees = Angle(Math.Sqrt(Chosen.Sum(i => _residuals[i] * _residuals[i])), BlockGap);
    }

    /// <summary>Largest |Ritz value|.</summary>
    public double Scale { get; }

    /// <summary>Rounding error of a product and the sums behind it: a residual below it says nothing.</summary>
    public double Rounding { get; }

    /// <summary>Indices of the wanted pairs, top ones first.</summary>
    public int[] Chosen { get; }

    public double[] Gaps { get; }

    public double?[] AnglesDegrees { get; }

    public double BlockGap { get; }

    public double? BlockAngleDegrees { get; }

    /// <summary>Bounds of the wanted pairs' residuals, rounding included.</summary>
    public double[] ChosenResiduals => [.. Chosen.Select(i => _residuals[i] + Rounding)];

    /// <summary>Whether every residual known is rounding.</summary>
    public bool AllRounding => Chosen.All(i => _residuals[i] <= Rounding);

    /// <summary>Whether every tolerance holds for what is reported, rounding not forgiven.</summary>
    public bool MeetsTolerances => Enumerable.Range(0, Chosen.Length).All(at => AngleHolds(at) && ResidualHolds(at));

    /// <summary>
    /// How far the smallest eigenvalue may lie below its estimate: its allowance times its residual, and rounding.
    /// </summary>
    public double BottomError =>
        _values.Length == 0 ? double.NaN : BottomAllowance * _residuals[_values.Length - 1] + Rounding;

    /// <summary>
    /// The last row where the smallest eigenvalue is asked for and not yet known well enough; else null.
    /// </summary>
    public int? BottomTarget
    {
        get
        {
            var last = _values.Length - 1;
            if (_options.BottomTolerance is not { } share || last < 0)
                return null;
            var bound = Math.Max(
                share / BottomAllowance * Math.Max(Math.Abs(_values[last]), LeastScale * Scale),
                Rounding
            );
            return _residuals[last] > bound ? last : null;
        }
    }

    /// <summary>The pair to work on next: the one furthest from its tolerance; null where all are done.</summary>
    public int? Target
    {
        get
        {
            var (worst, furthest) = (-1, 1.0);
            for (var at = 0; at < Chosen.Length; at++)
            {
                var excess = Excess(at);
                if (_residuals[Chosen[at]] > Rounding && excess > furthest)
                    (worst, furthest) = (Chosen[at], excess);
            }
            return worst >= 0 ? worst : LevelGuard();
        }
    }

    /// <summary>Indices whose residuals a report needs: the wanted, their neighbours outside, and the last.</summary>
    public static int[] Needed(double[] values, Wanted wanted)
    {
        var (top, bottom) = Counts(values, wanted);
        int[] candidates =
        [
            .. Enumerable.Range(0, top + 1),
            .. Enumerable.Range(values.Length - bottom - 1, bottom + 1),
            values.Length - 1,
        ];
        return [.. candidates.Where(i => i >= 0 && i < values.Length).Distinct().Order()];
    }

    private static int[] ChosenOf(double[] values, Wanted wanted)
    {
        var (top, bottom) = Counts(values, wanted);
        return [.. Enumerable.Range(0, top), .. Enumerable.Range(values.Length - bottom, bottom)];
    }

    private static (int Top, int Bottom) Counts(double[] values, Wanted wanted)
    {
        var above = wanted.Level is { } level ? Math.Min(values.Count(value => value >= level), wanted.AtMost) : 0;
        var top = Math.Min(Math.Max(wanted.Top, above), values.Length);
        return (top, Math.Min(wanted.Bottom, values.Length - top));
    }

    /// <summary>
    /// Distance to the nearest other estimate less that estimate's own residual: the true eigenvalue behind it may lie
    /// that much closer.
    /// </summary>
    private double GapOf(int index, bool outsideOnly)
    {
        var nearest = double.PositiveInfinity;
        foreach (var (other, residual) in _residuals)
        {
            if (other == index || (outsideOnly && Chosen.Contains(other)))
                continue;
            nearest = Math.Min(nearest, Math.Abs(_values[index] - _values[other]) - residual);
        }
        var outsideSeen = _whole || _residuals.Keys.Except(Chosen).Any();
        if (!outsideSeen)
            return 0; // nothing is known about what lies outside
        return double.IsPositiveInfinity(nearest) ? Math.Max(Scale, double.Epsilon) : Math.Max(nearest, 0);
    }

    /// <summary>
    /// The sine's bound: the gap may be overstated by the allowance, and a product is only as good as its rounding.
    /// </summary>
    private double Sine(double residual, double gap) =>
        gap > 0 ? (Allowance * residual + Rounding) / gap : double.PositiveInfinity;

    private double Allowance => Math.Min(_options.GapAllowance, _options.Safety);

    private double? Angle(double residual, double gap) =>
        Sine(residual, gap) is < 1 and var sine ? Math.Asin(sine) * 180 / Math.PI : null;

    private bool AngleHolds(int at) =>
        _options.AngleToleranceDegrees is not { } tolerance || AnglesDegrees[at] <= tolerance;

    private bool ResidualHolds(int at) =>
        _options.ResidualTolerance is not { } tolerance || _residuals[Chosen[at]] <= tolerance * Scale;

    /// <summary>How many times its tolerance a pair is off; at most 1 when done.</summary>
    private double Excess(int at)
    {
        var excess = 0.0;
        var residual = _residuals[Chosen[at]];
        if (_options.AngleToleranceDegrees is { } angle)
            excess =
                residual == 0 && Gaps[at] > 0
                    ? 0
                    : residual / (Gaps[at] * Math.Sin(angle / _options.Safety * Math.PI / 180));
        if (_options.ResidualTolerance is { } tolerance)
            excess = Math.Max(excess, residual == 0 ? 0 : residual / (tolerance * Scale));
        return double.IsNaN(excess) ? double.PositiveInfinity : excess;
    }

    /// <summary>
    /// Where a level is asked for, the first value below it must be known well enough to lie below: its residual a
    /// tenth of the distance.
    /// </summary>
    private int? LevelGuard()
    {
        if (_options.Wanted.Level is not { } level)
            return null;
        var (top, bottom) = Counts(_values, _options.Wanted);
        if (top >= _options.Wanted.AtMost || top >= _values.Length - bottom)
            return null;
        return _residuals[top] > Rounding && 10 * _residuals[top] >= Math.Abs(level - _values[top]) ? top : null;
    }
}
