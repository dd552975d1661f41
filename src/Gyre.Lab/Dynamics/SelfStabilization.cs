namespace Gyre.Lab.Dynamics;

/// <summary>
/// The numbers that move sharpness at the edge of stability (Damian, Nichani and Lee, 2209.15594), at one theta. With u
/// the leading eigenvector, x the
/// displacement along u and y = S† − 2/eta, where S† is S at the bottom of the valley, a step gives x' = −(1 + eta·y)·x
/// and y' = y + eta·(alpha − beta·x²/2).
/// </summary>
/// <param name="Displacement">x = (u·∇L)/S: distance along u to the bottom of the local quadratic; its sign is that of
/// u.</param>
/// <param name="Distance">y = S† − 2/eta with S† = S − x·(u·∇S): the swing of S with the bounce is taken out, to first
/// order.</param>
/// <param name="Descent">∇L·∇S. Negative: plain descent sharpens.</param>
/// <param name="Alpha">−∇L·∇S at the bottom of the valley, off u: progressive sharpening where positive.</param>
/// <param name="Beta">‖∇S‖² off u: how strongly a bounce flattens.</param>
/// <param name="Drive">alpha − beta·x²/2: change of S† per unit of eta.</param>
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
    /// Displacement at which the bounce flattens as much as descent sharpens, √(2·alpha/beta); NaN where nothing
    /// sharpens.
    /// </summary>
    public double FixedPoint => Alpha > 0 && Beta > 0 ? Math.Sqrt(2 * Alpha / Beta) : double.NaN;

    /// <summary>From what is measured at theta, and at the bottom of the valley theta − x·u.</summary>
    /// <param name="sharpness">S.</param>
    /// <param name="threshold">2/eta.</param>
    /// <param name="gradientAlong">u·∇L.</param>
    /// <param name="slopeAlong">u·∇S.</param>
    /// <param name="slopeSquared">‖∇S‖².</param>
    /// <param name="descent">∇L·∇S.</param>
    /// <param name="bottomAlong">u·∇L at the bottom.</param>
    /// <param name="bottomDescent">∇L·∇S with ∇L at the bottom. Measured there and not corrected from theta, because u
    /// turns with the bounce (docs/theory.md).</param>
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

    /// <summary>Displacement after a step, −(1 + eta·y)·x.</summary>
    public double NextDisplacement(double learningRate) => -(1 + learningRate * Distance) * Displacement;

    /// <summary>
    /// Change of S at the bottom of the valley over a step, predicted and seen, wherever two consecutive steps were
    /// measured: eta·drive against the change of S† = y + 2/eta.
    /// </summary>
    /// <param name="measured">Step, 2/eta, y and drive, by step.</param>
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
