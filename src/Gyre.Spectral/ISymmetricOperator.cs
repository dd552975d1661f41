using static TorchSharp.torch;

namespace Gyre.Spectral;

/// <summary>
/// A real symmetric n×n operator known only by its products; the type is the promise that it is symmetric.
/// </summary>
public interface ISymmetricOperator
{
    /// <summary>n.</summary>
    long Dimension { get; }

    /// <summary>Float32 or Float64: of the vectors taken and given.</summary>
    ScalarType Dtype { get; }

    /// <summary>Where the vectors live.</summary>
    Device Device { get; }

    /// <summary>The product with a vector <c>[n]</c> or, column by column, with a block <c>[n, m]</c>.</summary>
    /// <param name="vectors">Of this dtype and device; left untouched.</param>
    /// <returns>A new tensor of the same shape, owned by the caller's dispose scope; it carries no gradient graph.
    /// Costs m products.</returns>
    Tensor Apply(Tensor vectors);
}
