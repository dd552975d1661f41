using static TorchSharp.torch;

namespace Gyre.Lab.Curvature;

/// <summary>
/// A linear map from <c>[n]</c> to <c>[width]</c> that preserves inner products on average: every coordinate is
/// added, with a random sign, to a random bucket (Charikar, Chen and Farach-Colton 2002). The inner product of two
/// unit vectors is preserved with a standard deviation below √(2/width). Sketches of different steps can be compared
/// if they use the same seed; n numbers become <c>width</c>.
/// </summary>
internal sealed class CountSketch : IDisposable
{
    private readonly Tensor _buckets;
    private readonly Tensor _signs;

    /// <summary>Draws the map; equal arguments give equal maps.</summary>
    /// <param name="dimension">n.</param>
    /// <param name="width">The number of buckets.</param>
    /// <param name="seed">Seed for the random draw.</param>
    /// <param name="dtype">The dtype of the vectors.</param>
    /// <param name="device">The device of the vectors.</param>
    public CountSketch(long dimension, int width, long seed, ScalarType dtype, Device device)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed, CPU);
        Width = width;
        _buckets = randint(width, [dimension], ScalarType.Int64, CPU, generator: generator)
            .to(device)
            .DetachFromDisposeScope();
        _signs = randint(2, [dimension], ScalarType.Int64, CPU, generator: generator)
            .mul(2)
            .sub(1)
            .to(dtype, device)
            .DetachFromDisposeScope();
    }

    /// <summary>Numbers per sketch.</summary>
    public int Width { get; }

    /// <summary>
    /// Returns the sketches of the rows: <c>[k, n]</c> → <c>[k, width]</c>, in the caller's dispose scope.
    /// </summary>
    public Tensor Apply(Tensor vectors)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        using var none = no_grad();
        using var scope = NewDisposeScope();
        var sketch = zeros([vectors.shape[0], Width], vectors.dtype, vectors.device);
        return sketch.index_add_(1, _buckets, vectors * _signs, 1).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _buckets.Dispose();
        _signs.Dispose();
    }
}
