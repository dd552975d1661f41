using static TorchSharp.torch;

namespace Gyre.Spectral;

/// <summary>A symmetric matrix held whole.</summary>
/// <param name="matrix"><c>[n, n]</c>, symmetric; not owned.</param>
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
        // matmul of shapes that do not fit ends the process
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

/// <summary>diag(d).</summary>
/// <param name="diagonal"><c>[n]</c>; not owned.</param>
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

/// <summary>A + shift·I.</summary>
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

/// <summary>factor·A.</summary>
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

/// <summary>A + B.</summary>
public sealed class SumOperator : ISymmetricOperator
{
    private readonly ISymmetricOperator _first;
    private readonly ISymmetricOperator _second;

    /// <summary>Both of one dimension, dtype and device.</summary>
    /// <exception cref="ArgumentException">They differ.</exception>
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

/// <summary>Counts the products that pass through.</summary>
public sealed class CountingOperator(ISymmetricOperator inner) : ISymmetricOperator
{
    /// <summary>Products so far: a block of m columns counts m.</summary>
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
