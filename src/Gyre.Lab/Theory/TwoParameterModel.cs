namespace Gyre.Lab.Theory;

/// <summary>A period-2 orbit of gradient descent on the balanced line x = y = u.</summary>
/// <param name="First">u at even steps, the larger.</param>
/// <param name="Second">u at odd steps.</param>
/// <param name="AlongMultiplier">Growth over two steps of a small displacement along the line.</param>
/// <param name="ImbalanceMultiplier">Growth over two steps of a small imbalance x² − y².</param>
internal sealed record PeriodTwoOrbit(double First, double Second, double AlongMultiplier, double ImbalanceMultiplier)
{
    /// <summary>Whether starts nearby, in the whole plane, come to the orbit.</summary>
    public bool Stable => Math.Abs(AlongMultiplier) < 1 && Math.Abs(ImbalanceMultiplier) < 1;
}

/// <summary>
/// L(x, y) = ½(xy − 1)² in closed form. With r = xy − 1, s = x² + y² and the imbalance q = x² − y², one step of
/// gradient descent is
/// r' = r(1 − eta·s + eta²·r·(1 + r)), s' = s − 4·eta·r·(1 + r) + eta²·r²·s, q' = q(1 − eta²·r²); s² = q² + 4(1 + r)².
/// Derivations: docs/theory.md.
/// </summary>
internal static class TwoParameterModel
{
    /// <summary>
    /// From here on the period-2 orbit exists on the balanced line: eta = 2/S of the flattest minima, x = y = ±1.
    /// </summary>
    public const double OrbitAppears = 1;

    /// <summary>
    /// At and beyond this rate the interval of bounded starts of the balanced line is mapped out of itself: almost
    /// every start diverges.
    /// </summary>
    public const double EverythingDiverges = 2;

    /// <summary>The period-2 orbit is stable up to here: √5 − 1; then periods double.</summary>
    public static double OrbitLosesStability { get; } = Math.Sqrt(5) - 1;

    /// <summary>Eigenvalues of [[y², 2xy − 1], [2xy − 1, x²]], the larger first.</summary>
    public static (double Largest, double Smallest) Eigenvalues(double x, double y)
    {
        var (s, root) = (x * x + y * y, Math.Sqrt(Math.Pow(x * x - y * y, 2) + 4 * Math.Pow(2 * x * y - 1, 2)));
        return ((s + root) / 2, (s - root) / 2);
    }

    /// <summary>
    /// Angle of v_1 from the axis of y, radians in (−π/2, π/2]: tan 2φ = 2(2xy − 1)/(x² − y²). On a minimum v_1 ∝ (y,
    /// x).
    /// </summary>
    public static double LeadingAngle(double x, double y) => Math.Atan2(2 * (2 * x * y - 1), x * x - y * y) / 2;

    /// <summary>
    /// dφ/dε of v_1 when a minimum (x, 1/x) moves by ε along v_1 in the sense of growing xy: 2q/s^(3/2).
    /// </summary>
    public static double TurnAtMinimum(double x)
    {
        var (a, b) = (x * x, 1 / (x * x));
        return 2 * (a - b) / Math.Pow(a + b, 1.5);
    }

    /// <summary>Imbalance after a step: q(1 − eta²r²).</summary>
    public static double NextImbalance(double imbalance, double residual, double learningRate) =>
        imbalance * (1 - learningRate * learningRate * residual * residual);

    /// <summary>
    /// Sharpness of the minima with an imbalance, and of gradient flow's end from any start with it (flow keeps q):
    /// √(q² + 4).
    /// </summary>
    public static double SharpnessOfMinimum(double imbalance) => Math.Sqrt(imbalance * imbalance + 4);

    /// <summary>The point of the first quadrant with an imbalance and a product: x² = (s + q)/2.</summary>
    /// <param name="imbalance">x² − y².</param>
    /// <param name="product">xy &gt; 0.</param>
    public static (double X, double Y) Point(double imbalance, double product)
    {
        var s = Math.Sqrt(imbalance * imbalance + 4 * product * product);
        // The larger of the two from a sum, the other from the product: a difference would lose the digits of a small
        // one.
        var larger = Math.Sqrt((s + Math.Abs(imbalance)) / 2);
        return imbalance >= 0 ? (larger, product / larger) : (product / larger, larger);
    }

    /// <summary>
    /// The period-2 orbit in x = y &gt; 0: u1 + u2 = √(1 + 3/eta), u1·u2 = 1/eta; multipliers 9 − 2(1 + eta)² along the
    /// line and 3 − 2·eta across it. Null below eta = 1.
    /// </summary>
    public static PeriodTwoOrbit? BalancedOrbit(double learningRate)
    {
        if (!(learningRate >= OrbitAppears))
            return null;
        var (sum, root) = (Math.Sqrt(1 + 3 / learningRate), Math.Sqrt(1 - 1 / learningRate));
        return new PeriodTwoOrbit(
            (sum + root) / 2,
            (sum - root) / 2,
            9 - 2 * Math.Pow(1 + learningRate, 2),
            3 - 2 * learningRate
        );
    }

    /// <summary>
    /// On the balanced line x = y = u a start diverges where u² exceeds this, the orbit u → −u: (2 + eta)/eta.
    /// </summary>
    public static double BalancedBound(double learningRate) => (2 + learningRate) / learningRate;

    /// <summary>
    /// On the line x = −y = u a start diverges where u² exceeds this: (2 − eta)/eta; at or above eta = 2 every one but
    /// 0 does.
    /// </summary>
    public static double OpposedBound(double learningRate) => (2 - learningRate) / learningRate;
}
