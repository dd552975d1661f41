using static TorchSharp.torch;

namespace Gyre.Lab.Models;

/// <summary>Means and variances of the channels of one BatchNorm: sums over chunks first, then the population's.</summary>
internal sealed class ChannelMoments : IDisposable
{
    private Tensor? _mean;
    private Tensor? _variance;
    private long _samples;

    /// <summary>Mean and variance <c>[channels]</c> of the population, in the dtype of the network; null while chunks are gathered.</summary>
    public (Tensor Mean, Tensor Variance)? Population { get; private set; }

    /// <summary>Adds those of a chunk, in float64.</summary>
    public void Add(Tensor mean, Tensor variance, long samples)
    {
        using var scope = NewDisposeScope();
        var weight = tensor((double)samples, ScalarType.Float64, CPU);
        _samples += samples;
        _mean = Sum(_mean, mean.to(ScalarType.Float64).mul(weight));
        _variance = Sum(_variance, variance.to(ScalarType.Float64).mul(weight));
    }

    /// <summary>Ends the gathering.</summary>
    public void Divide(ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        var samples = tensor((double)_samples, ScalarType.Float64, CPU);
        Population = (_mean!.div(samples).to(dtype).DetachFromDisposeScope(), _variance!.div(samples).to(dtype).DetachFromDisposeScope());
    }

    public void Dispose()
    {
        _mean?.Dispose();
        _variance?.Dispose();
        Population?.Mean.Dispose();
        Population?.Variance.Dispose();
    }

    private static Tensor Sum(Tensor? total, Tensor part) => total is null ? part.DetachFromDisposeScope() : total.add_(part);
}

/// <summary>Statistics that every BatchNorm of a network uses until this is disposed.</summary>
internal sealed class PopulationStatistics : IDisposable
{
    private readonly IReadOnlyList<BatchNorm> _norms;

    /// <summary>Begins to gather.</summary>
    public PopulationStatistics(IReadOnlyList<BatchNorm> norms)
    {
        _norms = norms;
        foreach (var norm in norms)
            norm.Moments = new ChannelMoments();
    }

    /// <summary>From here on the norms use what was gathered.</summary>
    public void Apply()
    {
        foreach (var norm in _norms)
            norm.Moments!.Divide(norm.Dtype);
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
