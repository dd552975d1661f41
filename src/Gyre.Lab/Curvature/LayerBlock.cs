using Gyre.Spectral;
using static TorchSharp.torch;

namespace Gyre.Lab.Curvature;

/// <summary>One parameter tensor's block on an operator's diagonal.</summary>
/// <param name="whole">The operator, not owned; it must outlive the block.</param>
/// <param name="parameter">The tensor's index in the layout.</param>
internal sealed class LayerBlock(ILayeredOperator whole, int parameter) : ISymmetricOperator
{
    /// <inheritdoc/>
    public long Dimension => whole.Layout.Sizes[parameter];

    /// <inheritdoc/>
    public ScalarType Dtype => whole.Dtype;

    /// <inheritdoc/>
    public Device Device => whole.Device;

    /// <inheritdoc/>
    public Tensor Apply(Tensor vectors)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        if (vectors.dim() == 1)
            return whole.BlockProduct(parameter, vectors);
        using var scope = NewDisposeScope();
        var columns = vectors.unbind(1).Select(column => whole.BlockProduct(parameter, column.contiguous()));
        return stack([.. columns], 1).MoveToOuterDisposeScope();
    }
}
