using static TorchSharp.torch;

namespace Gyre.Spectral;

/// <summary>
/// A real symmetric n×n operator known only by its products. An implementation promises that it is symmetric.
/// </summary>
public interface ISymmetricOperator
{
    /// <summary>The dimension n.</summary>
    long Dimension { get; }

    /// <summary>The dtype of the vectors taken and returned: Float32 or Float64.</summary>
    ScalarType Dtype { get; }

    /// <summary>The device of the vectors.</summary>
    Device Device { get; }

    /// <summary>
    /// Returns the product with a vector <c>[n]</c> or, column by column, with a block <c>[n, m]</c>.
    /// </summary>
    /// <param name="vectors">Vectors of this dtype and device; they are not modified.</param>
    /// <returns>A new tensor of the same shape, owned by the caller's dispose scope. It carries no gradient graph.
    /// Costs m products.</returns>
    Tensor Apply(Tensor vectors);
}
