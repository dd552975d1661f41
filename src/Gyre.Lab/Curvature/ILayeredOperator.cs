using Gyre.Spectral;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Curvature;

/// <summary>A symmetric operator on theta that exposes the parameter tensors that make up theta.</summary>
public interface ILayeredOperator : ISymmetricOperator
{
    /// <summary>Names, shapes and offsets of the parameter tensors in a vector <c>[n]</c>.</summary>
    ParameterLayout Layout { get; }

    /// <summary>Returns the product of one parameter tensor's diagonal block with a vector.</summary>
    /// <param name="parameter">The tensor's index in the layout.</param>
    /// <param name="vector"><c>[size]</c> of that tensor, contiguous; not modified.</param>
    /// <returns><c>[size]</c>, in the caller's dispose scope, without a graph: the tensor's slice of the whole
    /// operator's product with the vector padded with zeros. Costs at most one product.</returns>
    Tensor BlockProduct(int parameter, Tensor vector);
}
