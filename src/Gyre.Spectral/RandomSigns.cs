using static TorchSharp.torch;

namespace Gyre.Spectral;

/// <summary>Draws Rademacher vectors for an operator from a seed. The vectors are the same on every device.</summary>
internal sealed class RandomSigns(ISymmetricOperator @operator, long seed) : IDisposable
{
    private readonly Generator _generator = new((ulong)seed, CPU);

    /// <summary>Returns the next vector of +1 and −1, <c>[n]</c>, in the caller's dispose scope.</summary>
    public Tensor Next()
    {
        using var scope = NewDisposeScope();
        return randn([@operator.Dimension], ScalarType.Float32, CPU, generator: _generator)
            .sign()
            .to(@operator.Dtype, @operator.Device)
            .MoveToOuterDisposeScope();
    }

    public void Dispose() => _generator.Dispose();
}
