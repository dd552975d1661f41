using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Gyre.Lab.Models;

/// <summary>
/// A module that makes its parameters from drawn values; disposing it releases them. It has no state but its parameters: the same input at the same parameters gives the same
/// output, whatever was computed before.
/// </summary>
public abstract class Network : nn.Module<Tensor, Tensor>
{
    private readonly List<Tensor> _constants = [];
    private readonly List<BatchNorm> _batchNorms = [];

    /// <summary>Names it.</summary>
    protected Network(string name) : base(name) { }

    /// <summary>
    /// Makes the network normalise by statistics of a population in place of those of each chunk, until the result is disposed: one forward pass over the chunks, in their order and without gradients, in which
    /// each chunk is normalised by its own statistics as in training; then the mean over the chunks, weighted by their samples, of the means and unbiased variances that every BatchNorm saw. Without BatchNorm nothing is done.
    /// </summary>
    /// <param name="chunks">How many there are.</param>
    /// <param name="inputs">The inputs of a chunk <c>[B, ...]</c>; not owned, or of the dispose scope of the call.</param>
    /// <exception cref="ModelException">A chunk has one value a channel.</exception>
    public virtual IDisposable UsePopulation(int chunks, Func<int, Tensor> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var population = new PopulationStatistics(_batchNorms);
        try
        {
            using var none = no_grad();
            for (var chunk = 0; _batchNorms.Count > 0 && chunk < chunks; chunk++)
            {
                using var scope = NewDisposeScope();
                call(inputs(chunk));
            }
            population.Apply();
            return population;
        }
        catch
        {
            population.Dispose();
            throw;
        }
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

    /// <summary>Keeps a number or a table that the network computes with, copied to the dtype and device asked for. It is neither a parameter nor a buffer.</summary>
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
