using Gyre.Spectral;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Curvature;

/// <summary>A symmetric operator on theta that knows the parameter tensors theta is made of.</summary>
public interface ILayeredOperator : ISymmetricOperator
{
    /// <summary>Names, shapes and offsets of the parameter tensors in a vector <c>[n]</c>.</summary>
    ParameterLayout Layout { get; }

    /// <summary>The product of one parameter tensor's own block on the diagonal with a vector.</summary>
    /// <param name="parameter">Its number in the layout.</param>
    /// <param name="vector"><c>[size]</c> of that tensor, contiguous; left untouched.</param>
    /// <returns>
    /// <c>[size]</c>, in the caller's dispose scope, without a graph: the slice of what the whole operator makes of the
    /// vector with zeros everywhere else. Costs a product at most.
    /// </returns>
    Tensor BlockProduct(int parameter, Tensor vector);
}
