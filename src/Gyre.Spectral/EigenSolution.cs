using static TorchSharp.torch;

namespace Gyre.Spectral;

/// <summary>The reason a solver stopped.</summary>
public enum StopReason
{
    /// <summary>Every wanted pair meets its tolerances.</summary>
    Converged,

    /// <summary>
    /// The product limit was reached first; residuals and error bars show how accurate the pairs are.
    /// </summary>
    ProductLimit,

    /// <summary>
    /// The space became invariant. The pairs are exact to rounding, even if their error bars are unresolved because
    /// eigenvalues repeat.
    /// </summary>
    InvariantSubspace,

    /// <summary>
    /// Residuals are at the rounding error of the operator's products and a tolerance is still not met: this dtype
    /// cannot do better. Error bars include that rounding error.
    /// </summary>
    Rounding,

    /// <summary>The operator returned a number that is not finite.</summary>
    NotFinite,

    /// <summary>The caller canceled the solve.</summary>
    Canceled,
}

/// <summary>
/// Eigenpairs with their error bars. Wanted pairs come in descending order of value, first the top ones, then the
/// bottom ones.
/// </summary>
public sealed record EigenSolution
{
    /// <summary>The k Ritz values.</summary>
    public required double[] Values { get; init; }

    /// <summary>The Ritz vectors <c>[k, n]</c>, as orthonormal rows, in the caller's dispose scope.</summary>
    public required Tensor Vectors { get; init; }

    /// <summary>
    /// Ritz vectors of the next leading values, rows <c>[g, n]</c>, without error bars. There are up to
    /// <see cref="LanczosOptions.Guards"/> of them, as the space allows. They belong to the caller's dispose scope.
    /// </summary>
    public required Tensor Guards { get; init; }

    /// <summary>
    /// Upper bound of ‖H v − lambda v‖ for each pair: measured from the stored products H·Q rather than from a
    /// recurrence, plus the rounding error of a product, 64 epsilon times the largest |Ritz value|. An eigenvalue
    /// lies within this distance of lambda.
    /// </summary>
    public required double[] Residuals { get; init; }

    /// <summary>
    /// The distance of each value to the nearest other estimate, less that estimate's own residual; at least 0.
    /// </summary>
    public required double[] Gaps { get; init; }

    /// <summary>
    /// The Davis–Kahan bound asin((a·residual + rounding)/gap) in degrees. Here a is the
    /// <see cref="LanczosOptions.GapAllowance"/> and rounding is the rounding error of a product. Null ("unresolved")
    /// if the sine would not be below 1.
    /// </summary>
    public required double?[] AngleErrorsDegrees { get; init; }

    /// <summary>
    /// The distance of the wanted values, as a block, to the nearest estimate outside, less that estimate's residual.
    /// </summary>
    public required double BlockGap { get; init; }

    /// <summary>
    /// Bound of the largest principal angle between the computed and the true space, in degrees: as for
    /// <see cref="AngleErrorsDegrees"/>, but with ‖R‖_F and the block's gap. Null if unresolved.
    /// </summary>
    public required double? BlockAngleErrorDegrees { get; init; }

    /// <summary>The smallest Ritz value of the space, an upper bound of the smallest eigenvalue.</summary>
    public required double LambdaMin { get; init; }

    /// <summary>
    /// The error bar of <see cref="LambdaMin"/>, valid if it is converged: ten times the residual, plus rounding. The
    /// smallest eigenvalues lie close together, and one below the estimate may not be resolved yet (docs/theory.md,
    /// coverage).
    /// </summary>
    public required double LambdaMinError { get; init; }

    /// <summary>
    /// The Ritz vector of <see cref="LambdaMin"/>, one row <c>[1, n]</c>, in the caller's dispose scope. It has no
    /// rows if nothing was measured.
    /// </summary>
    public required Tensor LambdaMinVector { get; init; }

    /// <summary>Whether <see cref="LanczosOptions.BottomTolerance"/> was set.</summary>
    public required bool LambdaMinSought { get; init; }

    /// <summary>Whether <see cref="LanczosOptions.BottomTolerance"/> was set and met.</summary>
    public required bool LambdaMinConverged { get; init; }

    /// <summary>The residual of <see cref="LambdaMin"/>: some eigenvalue lies within this distance of it.</summary>
    public required double LambdaMinResidual { get; init; }

    /// <summary>The number of products used.</summary>
    public required int Products { get; init; }

    /// <summary>The number of Gram–Schmidt passes made.</summary>
    public required int OrthogonalizationPasses { get; init; }

    /// <summary>The loss of orthogonality, max |Q·Qᵀ − 1| over the last basis.</summary>
    public required double OrthogonalityLoss { get; init; }

    /// <summary>The reason the solver stopped.</summary>
    public required StopReason StopReason { get; init; }

    /// <summary>Whether every pair meets its tolerances or is exact to rounding.</summary>
    public bool Converged => StopReason is StopReason.Converged or StopReason.InvariantSubspace or StopReason.Rounding;

    /// <summary>A sentence on the meaning of the stop reason, and on what to try.</summary>
    public string Advice =>
        StopReason switch
        {
            StopReason.Converged => "every pair met its tolerance",
            StopReason.InvariantSubspace =>
                "the space is invariant: values are exact to rounding; eigenvectors of repeated values are an "
                    + "arbitrary basis of their eigenspace",
            StopReason.Rounding =>
                "residuals have reached the rounding error of the products, which the error bars include; "
                    + "float64 would lower them",
            StopReason.ProductLimit =>
                "the product limit was reached before the tolerance: two values are close together, or the limit is "
                    + "low; trust the block's error bar, raise max_products or loosen the angle tolerance",
            StopReason.NotFinite =>
                "a product was not finite: the loss or its derivatives overflow here; lower the learning rate or "
                    + "use float64",
            _ => "stopped from outside",
        };
}
