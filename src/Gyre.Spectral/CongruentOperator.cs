using static TorchSharp.torch;

namespace Gyre.Spectral;

/// <summary>
/// The operator D·A·D with D diagonal, such as the preconditioned matrix P^-1/2 A P^-1/2 with d = P^-1/2.
/// </summary>
/// <param name="inner">The operator A.</param>
/// <param name="diagonal">The diagonal d of D, <c>[n]</c>; not owned.</param>
public sealed class CongruentOperator(ISymmetricOperator inner, Tensor diagonal) : ISymmetricOperator
{
    /// <inheritdoc/>
    public long Dimension => inner.Dimension;

    /// <inheritdoc/>
    public ScalarType Dtype => inner.Dtype;

    /// <inheritdoc/>
    public Device Device => inner.Device;

    /// <inheritdoc/>
    public Tensor Apply(Tensor vectors)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        using var scope = NewDisposeScope();
        var scales = vectors.dim() == 1 ? diagonal : diagonal.unsqueeze(1);
        return inner.Apply(vectors * scales).mul_(scales).MoveToOuterDisposeScope();
    }
}
