namespace Gyre.Spectral;

/// <summary>
/// The assessment of one Rayleigh–Ritz step: the wanted pairs, their error bars, and the pair to work on next. It has
/// no side effects.
/// </summary>
internal sealed class RitzReport
{
    /// <summary>
    /// The rounding error of a product over the dtype's epsilon and the largest |eigenvalue|. It is at most 31 on
    /// trajectories of smooth networks (docs/theory.md, coverage); relu networks have kinks of every size, which can
    /// exceed it.
    /// </summary>
    private const double ProductRounding = 64;

    /// <summary>
    /// The number of residuals by which the smallest eigenvalue may lie below its estimate. A warm start contains the
    /// bottom eigenvector of an earlier step, and the true one may hardly be in its space yet: distances of up to 6.4
    /// residuals were seen when three ended a solve, and 4.2 with ten (docs/theory.md, coverage).
    /// </summary>
    private const double BottomAllowance = 10;

    // As a share of the largest |Ritz value|: a smallest eigenvalue nearer to 0 gets an absolute tolerance.
    private const double LeastScale = 0.01;

    private readonly double[] _values;
    private readonly Dictionary<int, double> _residuals;
    private readonly LanczosOptions _options;
    private readonly bool _whole;

    /// <param name="values">Every Ritz value, largest first.</param>
    /// <param name="residuals">Residual norms by index, at least for the indices of <see cref="Needed"/>.</param>
    /// <param name="options">The wanted pairs and their tolerances.</param>
    /// <param name="epsilon">The machine epsilon of the dtype.</param>
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

    /// <summary>The largest |Ritz value|.</summary>
    public double Scale { get; }

    /// <summary>
    /// The rounding error of a product and of the sums behind it: a residual below it carries no information.
    /// </summary>
    public double Rounding { get; }

    /// <summary>The indices of the wanted pairs, top ones first.</summary>
    public int[] Chosen { get; }

    public double[] Gaps { get; }

    public double?[] AnglesDegrees { get; }

    public double BlockGap { get; }

    public double? BlockAngleDegrees { get; }

    /// <summary>Upper bounds of the wanted pairs' residuals, rounding included.</summary>
    public double[] ChosenResiduals => [.. Chosen.Select(i => _residuals[i] + Rounding)];

    /// <summary>Whether every wanted pair's residual is rounding.</summary>
    public bool AllRounding => Chosen.All(i => _residuals[i] <= Rounding);

    /// <summary>Whether the reported error bars meet every tolerance, with no exemption for rounding.</summary>
    public bool MeetsTolerances => Enumerable.Range(0, Chosen.Length).All(at => AngleHolds(at) && ResidualHolds(at));

    /// <summary>
    /// The distance by which the smallest eigenvalue may lie below its estimate: its allowance times its residual,
    /// plus rounding.
    /// </summary>
    public double BottomError =>
        _values.Length == 0 ? double.NaN : BottomAllowance * _residuals[_values.Length - 1] + Rounding;

    /// <summary>
    /// The last row if the smallest eigenvalue is sought and not yet accurate enough; otherwise null.
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

    /// <summary>The pair to work on next: the one furthest from its tolerance, or null if all are done.</summary>
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

    /// <summary>
    /// Returns the indices whose residuals a report needs: the wanted pairs, their neighbors outside, and the last
    /// pair.
    /// </summary>
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
    /// Returns the distance to the nearest other estimate, less that estimate's own residual, because the true
    /// eigenvalue behind it may lie that much closer.
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
    /// Returns an upper bound of the sine: the gap may be overstated by the allowance, and a product is only as
    /// accurate as its rounding.
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

    /// <summary>Returns the ratio of a pair's error to its tolerance; at most 1 when the pair is done.</summary>
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
    /// If a level is set, the first value below it must be accurate enough to be known to lie below: its residual
    /// must be under a tenth of the distance. Returns its index if it is not.
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
