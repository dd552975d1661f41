using static TorchSharp.torch;

namespace Gyre.Spectral;

/// <summary>A symmetric matrix stored in full.</summary>
/// <param name="matrix">The matrix <c>[n, n]</c>; must be symmetric; not owned.</param>
public sealed class DenseOperator(Tensor matrix) : ISymmetricOperator
{
    private readonly Tensor _matrix = Square(matrix);

    /// <inheritdoc/>
    public long Dimension => _matrix.shape[0];

    /// <inheritdoc/>
    public ScalarType Dtype => _matrix.dtype;

    /// <inheritdoc/>
    public Device Device => _matrix.device;

    /// <inheritdoc/>
    public Tensor Apply(Tensor vectors)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        // Not matmul, which ends the process if the shapes do not fit.
        return vectors.dim() == 1 ? _matrix.mv(vectors) : _matrix.mm(vectors);
    }

    private static Tensor Square(Tensor matrix)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        if (matrix.dim() != 2 || matrix.shape[0] != matrix.shape[1] || matrix.shape[0] == 0)
            throw new ArgumentException(
                $"A symmetric operator is square; got [{string.Join(", ", matrix.shape)}].",
                nameof(matrix)
            );
        return matrix;
    }
}

/// <summary>The diagonal operator diag(d).</summary>
/// <param name="diagonal">The diagonal d, <c>[n]</c>; not owned.</param>
public sealed class DiagonalOperator(Tensor diagonal) : ISymmetricOperator
{
    /// <inheritdoc/>
    public long Dimension => diagonal.shape[0];

    /// <inheritdoc/>
    public ScalarType Dtype => diagonal.dtype;

    /// <inheritdoc/>
    public Device Device => diagonal.device;

    /// <inheritdoc/>
    public Tensor Apply(Tensor vectors)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        using var scope = NewDisposeScope();
        return (vectors.dim() == 1 ? diagonal * vectors : diagonal.unsqueeze(1) * vectors).MoveToOuterDisposeScope();
    }
}

/// <summary>The shifted operator A + shift·I.</summary>
public sealed class ShiftedOperator(ISymmetricOperator inner, double shift) : ISymmetricOperator
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
        using var scope = NewDisposeScope();
        return inner.Apply(vectors).add_(vectors * tensor(shift, inner.Dtype, CPU)).MoveToOuterDisposeScope();
    }
}

/// <summary>The scaled operator factor·A.</summary>
public sealed class ScaledOperator(ISymmetricOperator inner, double factor) : ISymmetricOperator
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
        using var scope = NewDisposeScope();
        return inner.Apply(vectors).mul_(tensor(factor, inner.Dtype, CPU)).MoveToOuterDisposeScope();
    }
}

/// <summary>The sum A + B of two operators.</summary>
public sealed class SumOperator : ISymmetricOperator
{
    private readonly ISymmetricOperator _first;
    private readonly ISymmetricOperator _second;

    /// <summary>Creates the sum of two operators of the same dimension, dtype and device.</summary>
    /// <exception cref="ArgumentException">The operators differ in dimension, dtype or device.</exception>
    public SumOperator(ISymmetricOperator first, ISymmetricOperator second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if (
            first.Dimension != second.Dimension
            || first.Dtype != second.Dtype
            || first.Device.ToString() != second.Device.ToString()
        )
            throw new ArgumentException(
                $"The operators differ: {first.Dtype} of {first.Dimension} on {first.Device}, {second.Dtype} "
                    + $"of {second.Dimension} on {second.Device}."
            );
        (_first, _second) = (first, second);
    }

    /// <inheritdoc/>
    public long Dimension => _first.Dimension;

    /// <inheritdoc/>
    public ScalarType Dtype => _first.Dtype;

    /// <inheritdoc/>
    public Device Device => _first.Device;

    /// <inheritdoc/>
    public Tensor Apply(Tensor vectors)
    {
        using var scope = NewDisposeScope();
        return _first.Apply(vectors).add_(_second.Apply(vectors)).MoveToOuterDisposeScope();
    }
}

/// <summary>Counts the products that pass through it.</summary>
public sealed class CountingOperator(ISymmetricOperator inner) : ISymmetricOperator
{
    /// <summary>The number of products so far; a block of m columns counts as m.</summary>
    public long Products { get; private set; }

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
        Products += vectors.dim() == 1 ? 1 : vectors.shape[1];
        return inner.Apply(vectors);
    }
}
