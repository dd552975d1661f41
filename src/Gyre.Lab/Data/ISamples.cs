using static TorchSharp.torch;

namespace Gyre.Lab.Data;

/// <summary>
/// Samples in a fixed order, cut into chunks: what an objective sums over. The same chunk always has the same bytes, in
/// memory of libtorch's own (matrix products round
/// by its alignment), so that samples that stream from a disk give the same results as samples that lie in memory.
/// </summary>
public interface ISamples : IDisposable
{
    /// <summary>N.</summary>
    long Count { get; }

    /// <summary>Shape of one sample.</summary>
    IReadOnlyList<long> SampleShape { get; }

    /// <summary>Where the chunks live.</summary>
    Device Device { get; }

    /// <summary>How many chunks there are.</summary>
    int Chunks { get; }

    /// <summary>One chunk: read only, owned by the samples or by the caller's dispose scope.</summary>
    /// <returns>Inputs <c>[B, ...]</c>; targets: classes <c>[B]</c> or <c>[B, T]</c>, int64, or numbers <c>[B,
    /// outputs]</c> of the inputs' dtype.</returns>
    (Tensor Inputs, Tensor Targets) Chunk(int index);

    /// <summary>Some samples, whatever chunks they are of: what minibatches are made of.</summary>
    /// <param name="samples">Their numbers, 0 to N − 1, in the order wanted.</param>
    /// <returns>As a chunk, owned by the caller's dispose scope.</returns>
    (Tensor Inputs, Tensor Targets) Pick(ReadOnlyMemory<int> samples);
}

/// <summary>Samples that lie in memory as two tensors.</summary>
internal sealed class TensorSamples : ISamples
{
    private readonly (Tensor Inputs, Tensor Targets) _whole;
    private readonly Tensor[] _inputs;
    private readonly Tensor[] _targets;

    /// <summary>Cuts the tensors (not owned; views are) into chunks.</summary>
    /// <param name="inputs"><c>[N, ...]</c>.</param>
    /// <param name="targets"><c>[N, ...]</c>, on the same device.</param>
    /// <param name="chunk">Samples a chunk; the last may have fewer.</param>
    /// <exception cref="ArgumentException">No samples, unequal counts or a chunk below 1.</exception>
    public TensorSamples(Tensor inputs, Tensor targets, int chunk)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(targets);
        ArgumentOutOfRangeException.ThrowIfLessThan(chunk, 1);
        if (inputs.shape[0] == 0 || inputs.shape[0] != targets.shape[0])
            throw new ArgumentException(
                $"There must be as many labels as inputs, and at least one; got {targets.shape[0]} labels for "
                    + $"{inputs.shape[0]} inputs.",
                nameof(inputs)
            );
        (Count, SampleShape, Device) = (inputs.shape[0], inputs.shape[1..], inputs.device);
        _whole = (inputs.alias().DetachFromDisposeScope(), targets.alias().DetachFromDisposeScope());
        (_inputs, _targets) = (Detached(inputs.split(chunk)), Detached(targets.split(chunk)));
    }

    /// <inheritdoc/>
    public long Count { get; }

    /// <inheritdoc/>
    public IReadOnlyList<long> SampleShape { get; }

    /// <inheritdoc/>
    public Device Device { get; }

    /// <inheritdoc/>
    public int Chunks => _inputs.Length;

    /// <inheritdoc/>
    public (Tensor Inputs, Tensor Targets) Chunk(int index) => (_inputs[index], _targets[index]);

    /// <inheritdoc/>
    public (Tensor Inputs, Tensor Targets) Pick(ReadOnlyMemory<int> samples)
    {
        using var scope = NewDisposeScope();
        var places = tensor(Array.ConvertAll(samples.ToArray(), sample => (long)sample), device: CPU).to(Device);
        return (
            _whole.Inputs.index_select(0, places).MoveToOuterDisposeScope(),
            _whole.Targets.index_select(0, places).MoveToOuterDisposeScope()
        );
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var view in _inputs.Concat(_targets).Append(_whole.Inputs).Append(_whole.Targets))
            view.Dispose();
    }

    private static Tensor[] Detached(Tensor[] views) => Array.ConvertAll(views, view => view.DetachFromDisposeScope());
}
