using static TorchSharp.torch;

namespace Gyre.Lab.Data;

/// <summary>
/// Samples in a fixed order, divided into chunks: the summands of an objective. The same chunk always has the same
/// bytes in memory allocated by libtorch, since the rounding of matrix products depends on alignment. Samples that are
/// read from disk therefore give the same results as samples in memory.
/// </summary>
public interface ISamples : IDisposable
{
    /// <summary>The number of samples N.</summary>
    long Count { get; }

    /// <summary>Shape of one sample.</summary>
    IReadOnlyList<long> SampleShape { get; }

    /// <summary>The device of the chunks.</summary>
    Device Device { get; }

    /// <summary>The number of chunks.</summary>
    int Chunks { get; }

    /// <summary>Returns one chunk, read-only, owned by the samples or by the caller's dispose scope.</summary>
    /// <returns>Inputs <c>[B, ...]</c> and targets: classes <c>[B]</c> or <c>[B, T]</c>, int64, or values <c>[B,
    /// outputs]</c> with the inputs' dtype.</returns>
    (Tensor Inputs, Tensor Targets) Chunk(int index);

    /// <summary>Returns samples of any chunks, for minibatches.</summary>
    /// <param name="samples">Their indices, 0 to N − 1, in the requested order.</param>
    /// <returns>The samples in the form of a chunk, owned by the caller's dispose scope.</returns>
    (Tensor Inputs, Tensor Targets) Pick(ReadOnlyMemory<int> samples);
}

/// <summary>Samples in memory, as two tensors.</summary>
internal sealed class TensorSamples : ISamples
{
    private readonly (Tensor Inputs, Tensor Targets) _whole;
    private readonly Tensor[] _inputs;
    private readonly Tensor[] _targets;

    /// <summary>Divides the tensors into chunks, which are views. The tensors are not owned.</summary>
    /// <param name="inputs"><c>[N, ...]</c>.</param>
    /// <param name="targets"><c>[N, ...]</c>, on the same device.</param>
    /// <param name="chunk">Samples per chunk; the last chunk may have fewer.</param>
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
