using static TorchSharp.torch;

namespace Gyre.Spectral;

/// <summary>Why a solver stopped.</summary>
public enum StopReason
{
    /// <summary>Every wanted pair met its tolerances.</summary>
    Converged,

    /// <summary>The product limit came first; residuals and error bars say how far it got.</summary>
    ProductLimit,

    /// <summary>
    /// The space became invariant: the pairs are exact to rounding, also where error bars are unresolved because
    /// eigenvalues repeat.
    /// </summary>
    InvariantSubspace,

    /// <summary>
    /// Residuals are down at the rounding error of the operator's products and a tolerance is still not met: this dtype
    /// cannot
    /// do better. Error bars include that rounding error.
    /// </summary>
    Rounding,

    /// <summary>The operator gave a number that is not finite.</summary>
    NotFinite,

    /// <summary>Cancelled from outside.</summary>
    Canceled,
}

/// <summary>
/// Eigenpairs that carry their error. Wanted pairs come in descending order of value (the top ones, then the bottom
/// ones).
/// </summary>
public sealed record EigenSolution
{
    /// <summary>Ritz values, k of them.</summary>
    public required double[] Values { get; init; }

    /// <summary>Ritz vectors <c>[k, n]</c>, orthonormal rows, in the dispose scope of the call.</summary>
    public required Tensor Vectors { get; init; }

    /// <summary>
    /// Ritz vectors of the next leading values, rows <c>[g, n]</c>, as many of <see cref="LanczosOptions.Guards"/> as
    /// the space
    /// holds; without error bars, in the dispose scope of the call.
    /// </summary>
    public required Tensor Guards { get; init; }

    /// <summary>
    /// Bound of ‖H v − lambda v‖ of each pair: measured from the stored products H·Q, not from a recurrence, plus the
    /// rounding error of
    /// a product, 64 epsilon times the largest |Ritz value|. An eigenvalue lies within it of lambda.
    /// </summary>
    public required double[] Residuals { get; init; }

    /// <summary>
    /// Distance of each value to the nearest other estimate, less that estimate's own residual; 0 at least.
    /// </summary>
    public required double[] Gaps { get; init; }

    /// <summary>
    /// Davis–Kahan: asin((a·residual + rounding)/gap) in degrees, with a the <see cref="LanczosOptions.GapAllowance"/>
    /// and the
    /// rounding error of a product; null ("unresolved") where the sine would not be below 1.
    /// </summary>
    public required double?[] AngleErrorsDegrees { get; init; }

    /// <summary>
    /// Distance of the wanted values, as a block, to the nearest estimate outside, less its residual.
    /// </summary>
    public required double BlockGap { get; init; }

    /// <summary>
    /// Bound of the largest principal angle between the computed and the true space: the same with ‖R‖_F over the
    /// block's gap, degrees; null where unresolved.
    /// </summary>
    public required double? BlockAngleErrorDegrees { get; init; }

    /// <summary>Smallest Ritz value of the space: an upper bound of the smallest eigenvalue.</summary>
    public required double LambdaMin { get; init; }

    /// <summary>
    /// Its error bar where it is converged: ten times the residual, plus rounding. The smallest eigenvalues crowd, and
    /// one below the estimate may not be resolved yet (docs/theory.md, coverage).
    /// </summary>
    public required double LambdaMinError { get; init; }

    /// <summary>
    /// Its vector, one row <c>[1, n]</c>, in the dispose scope of the call; no rows where nothing was measured.
    /// </summary>
    public required Tensor LambdaMinVector { get; init; }

    /// <summary>Whether <see cref="LanczosOptions.BottomTolerance"/> was asked for.</summary>
    public required bool LambdaMinSought { get; init; }

    /// <summary>Whether <see cref="LanczosOptions.BottomTolerance"/> was asked for and met.</summary>
    public required bool LambdaMinConverged { get; init; }

    /// <summary>Its residual: some eigenvalue lies within this distance of <see cref="LambdaMin"/>.</summary>
    public required double LambdaMinResidual { get; init; }

    /// <summary>Products used.</summary>
    public required int Products { get; init; }

    /// <summary>Gram–Schmidt passes made.</summary>
    public required int OrthogonalizationPasses { get; init; }

    /// <summary>max |Q·Qᵀ − 1| over the last basis.</summary>
    public required double OrthogonalityLoss { get; init; }

    /// <summary>Why it stopped.</summary>
    public required StopReason StopReason { get; init; }

    /// <summary>Whether every pair met its tolerances or is exact to rounding.</summary>
    public bool Converged => StopReason is StopReason.Converged or StopReason.InvariantSubspace or StopReason.Rounding;

    /// <summary>What the stop reason means for the reader, and what to try.</summary>
    public string Advice =>
        StopReason switch
        {
            StopReason.Converged => "every pair met its tolerance",
            StopReason.InvariantSubspace =>
                "the space is invariant: values are exact to rounding; vectors of repeated values are any "
                    + "basis of their space",
            StopReason.Rounding =>
                "residuals are down at the rounding error of the products, which the error bars include; "
                    + "float64 would bring them lower",
            StopReason.ProductLimit =>
                "the product limit came before the tolerance: two values lie close together, or the limit is "
                    + "low; trust the block's error bar, raise max_products or loosen the angle tolerance",
            StopReason.NotFinite =>
                "a product was not finite: the loss or its derivatives overflow here; lower the step size or "
                    + "use float64",
            _ => "stopped from outside",
        };
}
