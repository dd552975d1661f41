namespace Gyre.Lab.Theory;

/// <summary>A period-2 orbit of gradient descent on the balanced line x = y = u.</summary>
/// <param name="First">u at even steps, the larger value.</param>
/// <param name="Second">u at odd steps.</param>
/// <param name="AlongMultiplier">Growth over two steps of a small displacement along the line.</param>
/// <param name="ImbalanceMultiplier">Growth over two steps of a small imbalance x² − y².</param>
internal sealed record PeriodTwoOrbit(double First, double Second, double AlongMultiplier, double ImbalanceMultiplier)
{
    /// <summary>Whether nearby starts, in the whole plane, converge to the orbit.</summary>
    public bool Stable => Math.Abs(AlongMultiplier) < 1 && Math.Abs(ImbalanceMultiplier) < 1;
}

/// <summary>
/// L(x, y) = ½(xy − 1)² in closed form. Let r = xy − 1, s = x² + y² and the imbalance q = x² − y². One step of
/// gradient descent then gives r' = r(1 − eta·s + eta²·r·(1 + r)), s' = s − 4·eta·r·(1 + r) + eta²·r²·s and
/// q' = q(1 − eta²·r²), with s² = q² + 4(1 + r)². Derivations: docs/theory.md.
/// </summary>
internal static class TwoParameterModel
{
    /// <summary>
    /// Smallest eta at which the period-2 orbit exists on the balanced line: 2/S of the flattest minima, x = y = ±1.
    /// </summary>
    public const double OrbitAppears = 1;

    /// <summary>
    /// At and beyond this eta the interval of bounded starts on the balanced line is mapped out of itself, so almost
    /// every start diverges.
    /// </summary>
    public const double EverythingDiverges = 2;

    /// <summary>The period-2 orbit is stable up to this eta, √5 − 1. Beyond it periods double.</summary>
    public static double OrbitLosesStability { get; } = Math.Sqrt(5) - 1;

    /// <summary>Returns the eigenvalues of [[y², 2xy − 1], [2xy − 1, x²]], the larger first.</summary>
    public static (double Largest, double Smallest) Eigenvalues(double x, double y)
    {
        var (s, root) = (x * x + y * y, Math.Sqrt(Math.Pow(x * x - y * y, 2) + 4 * Math.Pow(2 * x * y - 1, 2)));
        return ((s + root) / 2, (s - root) / 2);
    }

    /// <summary>
    /// Returns the angle φ of v_1 from the y-axis, in radians in (−π/2, π/2]: tan 2φ = 2(2xy − 1)/(x² − y²). At a
    /// minimum v_1 ∝ (y, x).
    /// </summary>
    public static double LeadingAngle(double x, double y) => Math.Atan2(2 * (2 * x * y - 1), x * x - y * y) / 2;

    /// <summary>
    /// Returns dφ/dε of v_1 as a minimum (x, 1/x) moves by ε along v_1 in the direction of increasing xy: 2q/s^(3/2).
    /// </summary>
    public static double TurnAtMinimum(double x)
    {
        var (a, b) = (x * x, 1 / (x * x));
        return 2 * (a - b) / Math.Pow(a + b, 1.5);
    }

    /// <summary>Returns the imbalance after a step, q(1 − eta²r²).</summary>
    public static double NextImbalance(double imbalance, double residual, double learningRate) =>
        imbalance * (1 - learningRate * learningRate * residual * residual);

    /// <summary>
    /// Returns √(q² + 4), the sharpness of the minima with an imbalance q. Gradient flow keeps q, so this is also the
    /// sharpness at its end from any start with that imbalance.
    /// </summary>
    public static double SharpnessOfMinimum(double imbalance) => Math.Sqrt(imbalance * imbalance + 4);

    /// <summary>
    /// Returns the point of the first quadrant with an imbalance and a product, from x² = (s + q)/2.
    /// </summary>
    /// <param name="imbalance">x² − y².</param>
    /// <param name="product">xy &gt; 0.</param>
    public static (double X, double Y) Point(double imbalance, double product)
    {
        var s = Math.Sqrt(imbalance * imbalance + 4 * product * product);
        // The larger coordinate comes from a sum and the other from the product, since a difference would lose the
        // digits of a small one.
        var larger = Math.Sqrt((s + Math.Abs(imbalance)) / 2);
        return imbalance >= 0 ? (larger, product / larger) : (product / larger, larger);
    }

    /// <summary>
    /// Returns the period-2 orbit in x = y &gt; 0, with u1 + u2 = √(1 + 3/eta) and u1·u2 = 1/eta. The multipliers are
    /// 9 − 2(1 + eta)² along the line and 3 − 2·eta across it. Null below eta = 1.
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
    /// Returns the bound of u² on the balanced line x = y = u, (2 + eta)/eta, beyond which a start diverges. At the
    /// bound lies the orbit u → −u.
    /// </summary>
    public static double BalancedBound(double learningRate) => (2 + learningRate) / learningRate;

    /// <summary>
    /// Returns the bound of u² on the line x = −y = u, (2 − eta)/eta, beyond which a start diverges. At or above eta
    /// = 2 every start but 0 diverges.
    /// </summary>
    public static double OpposedBound(double learningRate) => (2 - learningRate) / learningRate;
}
