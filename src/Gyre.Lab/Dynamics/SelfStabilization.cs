namespace Gyre.Lab.Dynamics;

/// <summary>
/// The numbers that drive sharpness at the edge of stability (Damian, Nichani and Lee, 2209.15594), at one theta. Let
/// u be the leading eigenvector, x the displacement along u and y = S† − 2/eta, with S† the value of S at the bottom
/// of the valley. A step then gives x' = −(1 + eta·y)·x and y' = y + eta·(alpha − beta·x²/2).
/// </summary>
/// <param name="Displacement">x = (u·∇L)/S, the distance along u to the bottom of the local quadratic; its sign is
/// that of u.</param>
/// <param name="Distance">y = S† − 2/eta with S† = S − x·(u·∇S), which removes the swing of S with the bounce to
/// first order.</param>
/// <param name="Descent">∇L·∇S. If negative, plain descent sharpens.</param>
/// <param name="Alpha">−∇L·∇S at the bottom of the valley, with u projected out. If positive, there is progressive
/// sharpening.</param>
/// <param name="Beta">‖∇S‖² with u projected out, which measures how strongly a bounce flattens.</param>
/// <param name="Drive">alpha − beta·x²/2, the change of S† per unit of eta.</param>
internal sealed record SelfStabilization(
    double Displacement,
    double Distance,
    double Descent,
    double Alpha,
    double Beta,
    double Drive
)
{
    /// <summary>
    /// Displacement at which the bounce flattens as much as descent sharpens, √(2·alpha/beta); NaN if descent does
    /// not sharpen.
    /// </summary>
    public double FixedPoint => Alpha > 0 && Beta > 0 ? Math.Sqrt(2 * Alpha / Beta) : double.NaN;

    /// <summary>
    /// Computes the numbers from measurements at theta and at the bottom of the valley, theta − x·u.
    /// </summary>
    /// <param name="sharpness">S.</param>
    /// <param name="threshold">2/eta.</param>
    /// <param name="gradientAlong">u·∇L.</param>
    /// <param name="slopeAlong">u·∇S.</param>
    /// <param name="slopeSquared">‖∇S‖².</param>
    /// <param name="descent">∇L·∇S.</param>
    /// <param name="bottomAlong">u·∇L at the bottom.</param>
    /// <param name="bottomDescent">∇L·∇S with ∇L at the bottom. It is measured there instead of corrected from theta,
    /// because u turns with the bounce (docs/theory.md).</param>
    public static SelfStabilization Compute(
        double sharpness,
        double threshold,
        double gradientAlong,
        double slopeAlong,
        double slopeSquared,
        double descent,
        double bottomAlong,
        double bottomDescent
    )
    {
        var x = gradientAlong / sharpness;
        var beta = Math.Max(0, slopeSquared - slopeAlong * slopeAlong);
        var alpha = -(bottomDescent - bottomAlong * slopeAlong);
        return new SelfStabilization(
            x,
            sharpness - x * slopeAlong - threshold,
            descent,
            alpha,
            beta,
            alpha - beta * x * x / 2
        );
    }

    /// <summary>Returns the displacement after a step, −(1 + eta·y)·x.</summary>
    public double NextDisplacement(double learningRate) => -(1 + learningRate * Distance) * Displacement;

    /// <summary>
    /// Returns the predicted and the measured change of S at the bottom of the valley over each step whose successor
    /// was measured too: eta·drive and the change of S† = y + 2/eta.
    /// </summary>
    /// <param name="measured">Step, 2/eta, y and drive of each measurement, in order of steps.</param>
    public static IReadOnlyList<(long Step, double Predicted, double Seen)> Changes(
        IReadOnlyList<(long Step, double Threshold, double Distance, double Drive)> measured
    )
    {
        ArgumentNullException.ThrowIfNull(measured);
        return
        [
            .. measured
                .Zip(measured.Skip(1))
                .Where(pair => pair.Second.Step == pair.First.Step + 1)
                .Select(pair =>
                    (
                        pair.First.Step,
                        2 / pair.First.Threshold * pair.First.Drive,
                        pair.Second.Distance + pair.Second.Threshold - pair.First.Distance - pair.First.Threshold
                    )
                ),
        ];
    }
}
