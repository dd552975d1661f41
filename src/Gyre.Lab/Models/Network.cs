using Gyre.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Gyre.Lab.Models;

/// <summary>
/// A module whose parameters are drawn or read from a file, and released when it is disposed. Except for the buffers
/// of a TorchScript module, it has no state other than its parameters: the same input and parameters give the same
/// output, regardless of earlier calls.
/// </summary>
internal abstract class Network : nn.Module<Tensor, Tensor>
{
    private readonly List<Tensor> _constants = [];
    private readonly List<BatchNorm> _batchNorms = [];

    protected Network(string name)
        : base(name) { }

    /// <summary>
    /// Makes the network normalize by population statistics instead of those of each chunk, until the result is
    /// disposed. One forward pass over the chunks, in order and without gradients, normalizes each chunk by its own
    /// statistics as in training. The population statistics are the means and unbiased variances of every BatchNorm,
    /// averaged over the chunks with their numbers of samples as weights. Does nothing without BatchNorm.
    /// </summary>
    /// <param name="chunks">The number of chunks.</param>
    /// <param name="inputs">Returns the inputs of a chunk <c>[B, ...]</c>, which are not owned or belong to the
    /// dispose scope of the call.</param>
    /// <param name="sum">Sums the result of a function, <c>[k]</c> float64 per chunk, over all chunks, which several
    /// processes may share. If null, the chunks are computed one after the other in this process.</param>
    /// <exception cref="ModelException">A chunk has a single value per channel.</exception>
    public virtual IDisposable UsePopulation(
        int chunks,
        Func<int, Tensor> inputs,
        Func<Func<int, Tensor>, Tensor>? sum = null
    )
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var population = new PopulationStatistics(_batchNorms);
        Tensor Chunk(int chunk)
        {
            using var scope = NewDisposeScope();
            call(inputs(chunk));
            return population.TakeChunk().MoveToOuterDisposeScope();
        }
        try
        {
            using var none = no_grad();
            using var scope = NewDisposeScope();
            if (_batchNorms.Count > 0)
                population.Use(
                    sum is null
                        ? Enumerable.Range(0, chunks).Select(Chunk).Aggregate((total, part) => total.add_(part))
                        : sum(Chunk)
                );
            return population;
        }
        catch
        {
            population.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Whether every convolution has channels in multiples of <see cref="OneDnn.Vector"/>, except those of the image
    /// itself, whose gradient is not needed. It is passed to <see cref="OneDnn.UseFor"/>; the network then pads the
    /// samples.
    /// </summary>
    public bool HasNoRemainder { get; internal set; } = true;

    /// <summary>Whether the network has BatchNorms, which keep no running statistics.</summary>
    public bool KeepsNoStatistics => _batchNorms.Count > 0;

    /// <summary>The number of samples that every call must have; null if any number is allowed.</summary>
    public virtual long? FixedBatch => null;

    /// <summary>Remarks about the network for a reader of its results, one sentence each.</summary>
    public virtual IReadOnlyList<string> Remarks => [];

    /// <summary>
    /// Returns images <c>[N, H, W]</c> or <c>[N, C, H, W]</c> as <c>[M, C, H, W]</c>, in the caller's dispose scope.
    /// M is N, or, if oneDNN is on and leaves out remainders, the next multiple of <see cref="OneDnn.Vector"/>, with
    /// images of zeros at the end. Only the first N results count.
    /// </summary>
    protected Tensor Images(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var images = input.dim() == 3 ? input.unsqueeze(1) : input.alias();
        var affected =
            OneDnn.IsOn
            && !OneDnn.HandlesRemainders
            && input.dtype == ScalarType.Float32
            && input.device_type == TorchSharp.DeviceType.CPU;
        if (affected && !HasNoRemainder)
            throw new InvalidOperationException(
                "oneDNN is on for a network whose channels it leaves out; call OneDnn.UseFor first."
            );
        var missing = affected ? (OneDnn.Vector - input.shape[0] % OneDnn.Vector) % OneDnn.Vector : 0;
        return missing == 0 ? images : Filled(images, missing);
    }

    /// <summary>Appends the given number of zero samples.</summary>
    internal static Tensor Filled(Tensor samples, long missing)
    {
        using var scope = NewDisposeScope();
        return cat([samples, zeros([missing, .. samples.shape[1..]], samples.dtype, samples.device)])
            .MoveToOuterDisposeScope();
    }

    /// <summary>Registers a new parameter with the given value, copied to the requested dtype and device.</summary>
    protected internal Parameter Own(string name, Tensor value, ModelRequest request)
    {
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(request);
        var parameter = new Parameter(value.to(request.Dtype, request.Device, copy: true));
        parameter.DetachFromDisposeScope();
        register_parameter(name, parameter);
        return parameter;
    }

    /// <summary>
    /// Stores a number or a table that the network computes with, copied to the requested dtype and device. It is
    /// neither a parameter nor a buffer.
    /// </summary>
    protected internal Tensor Constant(Tensor value, ModelRequest request)
    {
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(request);
        var constant = value.to(request.Dtype, request.Device, copy: true).DetachFromDisposeScope();
        _constants.Add(constant);
        return constant;
    }

    /// <summary>Registers a norm that can use population statistics.</summary>
    internal BatchNorm Register(BatchNorm norm)
    {
        _batchNorms.Add(norm);
        return norm;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _constants.ForEach(constant => constant.Dispose());
        base.Dispose(disposing);
    }
}
