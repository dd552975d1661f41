using Gyre.Lab.Objectives;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Curvature;

/// <summary>
/// The Hessian H = d²L/dtheta² of the full-batch loss at the theta of a gradient graph, weight decay included. It is
/// never estimated from a subset of the data.
/// </summary>
/// <param name="graph">The graph; it must outlive the operator, and theta must not change meanwhile.</param>
public sealed class HessianOperator(GradientGraph graph) : ILayeredOperator
{
    /// <inheritdoc/>
    public long Dimension => graph.Layout.Dimension;

    /// <inheritdoc/>
    public ScalarType Dtype => graph.Layout.Dtype;

    /// <inheritdoc/>
    public Device Device => graph.Value.Gradient.device;

    /// <inheritdoc/>
    public ParameterLayout Layout => graph.Layout;

    /// <inheritdoc/>
    public Tensor Apply(Tensor vectors)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        if (vectors.dim() == 1)
            return graph.Product(vectors);
        using var scope = NewDisposeScope();
        var columns = vectors.unbind(1);
        return stack([.. columns.Select(column => graph.Product(column.contiguous()))], 1).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor BlockProduct(int parameter, Tensor vector) => graph.BlockProduct(parameter, vector);
}
