using static TorchSharp.torch;

namespace Gyre.Lab.Models;

/// <summary>
/// Channel means and variances for one BatchNorm: those of a chunk, weighted by its number of samples, while chunks
/// are summed; then those of the population.
/// </summary>
internal sealed class ChannelMoments : IDisposable
{
    private Tensor? _chunk;

    /// <summary>
    /// Mean and variance <c>[channels]</c> of the population, in the dtype of the network; null while chunks are
    /// summed.
    /// </summary>
    public (Tensor Mean, Tensor Variance)? Population { get; private set; }

    /// <summary>Adds the statistics of a chunk, in float64.</summary>
    public void Add(Tensor mean, Tensor variance, long samples)
    {
        using var scope = NewDisposeScope();
        var weight = tensor((double)samples, ScalarType.Float64, CPU);
        var part = cat([
            mean.to(ScalarType.Float64).mul(weight),
            variance.to(ScalarType.Float64).mul(weight),
            ones(1, ScalarType.Float64, mean.device).mul(weight),
        ]);
        _chunk = _chunk is null ? part.DetachFromDisposeScope() : _chunk.add_(part);
    }

    /// <summary>
    /// Returns and clears what was added since the last call, <c>[2·channels + 1]</c>: means and variances times
    /// samples, then the number of samples. In the caller's dispose scope.
    /// </summary>
    public Tensor TakeChunk()
    {
        using var taken = _chunk!;
        _chunk = null;
        return taken.clone();
    }

    /// <summary>
    /// Divides the sum over all chunks by the number of samples, and uses the result as the population statistics.
    /// </summary>
    public void Use(Tensor sum, ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        var channels = (sum.numel() - 1) / 2;
        var means = sum.div(sum[-1]).to(dtype).split([channels, channels, 1]);
        Population = (means[0].clone().DetachFromDisposeScope(), means[1].clone().DetachFromDisposeScope());
    }

    public void Dispose()
    {
        _chunk?.Dispose();
        Population?.Mean.Dispose();
        Population?.Variance.Dispose();
    }
}

/// <summary>Population statistics that every BatchNorm of a network uses until this object is disposed.</summary>
internal sealed class PopulationStatistics : IDisposable
{
    private readonly IReadOnlyList<BatchNorm> _norms;

    /// <summary>Starts to collect the statistics of chunks.</summary>
    public PopulationStatistics(IReadOnlyList<BatchNorm> norms)
    {
        _norms = norms;
        foreach (var norm in norms)
            norm.Moments = new ChannelMoments();
    }

    /// <summary>
    /// Returns the statistics of the latest chunk from all norms in one vector, in the caller's dispose scope.
    /// </summary>
    public Tensor TakeChunk()
    {
        using var scope = NewDisposeScope();
        return cat([
                .. _norms.Select(norm => norm.Moments!.TakeChunk()),
                zeros(0, ScalarType.Float64, _norms[0].Device),
            ])
            .MoveToOuterDisposeScope();
    }

    /// <summary>Makes the norms use the population statistics, computed from the sum over all chunks.</summary>
    public void Use(Tensor sum)
    {
        using var scope = NewDisposeScope();
        var parts = sum.split([.. _norms.Select(norm => 2 * norm.Channels + 1)]);
        foreach (var (norm, part) in _norms.Zip(parts))
            norm.Moments!.Use(part, norm.Dtype);
    }

    public void Dispose()
    {
        foreach (var norm in _norms)
        {
            norm.Moments?.Dispose();
            norm.Moments = null;
        }
    }
}
