using Gyre.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Gyre.Lab.Models;

/// <summary>
/// A module that makes its parameters from drawn values; disposing it releases them. It has no state but its
/// parameters: the same input at the same parameters gives the same
/// output, whatever was computed before.
/// </summary>
internal abstract class Network : nn.Module<Tensor, Tensor>
{
    private readonly List<Tensor> _constants = [];
    private readonly List<BatchNorm> _batchNorms = [];

    /// <summary>Names it.</summary>
    protected Network(string name)
        : base(name) { }

    /// <summary>
    /// Makes the network normalise by statistics of a population in place of those of each chunk, until the result is
    /// disposed: one forward pass over the chunks, in their order and without gradients, in which
    /// each chunk is normalised by its own statistics as in training; then the mean over the chunks, weighted by their
    /// samples, of the means and unbiased variances that every BatchNorm saw. Without BatchNorm nothing is done.
    /// </summary>
    /// <param name="chunks">How many there are.</param>
    /// <param name="inputs">The inputs of a chunk <c>[B, ...]</c>; not owned, or of the dispose scope of the
    /// call.</param>
    /// <param name="sum">Sums what a chunk gives, <c>[k]</c> float64, over all chunks: several processes may share
    /// them. Null: one after the other, here.</param>
    /// <exception cref="ModelException">A chunk has one value a channel.</exception>
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
    /// Whether every convolution has channels in multiples of <see cref="OneDnn.Vector"/>, those of the image itself
    /// apart, whose gradient nobody asks for. <see cref="OneDnn.UseFor"/> takes it; samples are then filled up by the
    /// network.
    /// </summary>
    public bool HasNoRemainder { get; internal set; } = true;

    /// <summary>Whether it has BatchNorms, which keep no running statistics.</summary>
    public bool KeepsNoStatistics => _batchNorms.Count > 0;

    /// <summary>Samples that every call must have; null for a network that takes any number.</summary>
    public virtual long? FixedBatch => null;

    /// <summary>What a reader of results should know of the network, in sentences.</summary>
    public virtual IReadOnlyList<string> Remarks => [];

    /// <summary>
    /// Images <c>[N, H, W]</c> or <c>[N, C, H, W]</c> as <c>[M, C, H, W]</c>. M is N, or the next multiple of
    /// <see cref="OneDnn.Vector"/> with images of zeros at the end, where oneDNN is on and leaves out remainders; only
    /// the
    /// first N results count. In the caller's dispose scope.
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

    /// <summary>With so many samples of zeros at the end.</summary>
    internal static Tensor Filled(Tensor samples, long missing)
    {
        using var scope = NewDisposeScope();
        return cat([samples, zeros([missing, .. samples.shape[1..]], samples.dtype, samples.device)])
            .MoveToOuterDisposeScope();
    }

    /// <summary>Makes a parameter of a value, copied to the dtype and device asked for, and registers it.</summary>
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
    /// Keeps a number or a table that the network computes with, copied to the dtype and device asked for. It is
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

    /// <summary>Takes note of a norm whose statistics can be a population's.</summary>
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
