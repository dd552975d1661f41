using System.Runtime.InteropServices;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Models;

/// <summary>
/// A module that PyTorch or TorchSharp exported as TorchScript: parameters under its own names, from the values in the file, in the mode it was exported in. Frozen and whole-number parameters are not theta.
/// Where it has buffers that training changes (a BatchNorm's running statistics), they change once in every step and with no measurement; a test set is evaluated in evaluation mode.
/// </summary>
public sealed class TorchScriptModel : Network
{
    private readonly jit.ScriptModule<Tensor, Tensor> _module;
    private readonly ModelRequest _request;
    private readonly long[]? _shape;
    private bool _checked;

    /// <summary>Loads the file, in the request's dtype and on its device.</summary>
    /// <exception cref="ModelException">No file is named, it is no TorchScript, has nothing to train, or is not the file that the spec was made for.</exception>
    public TorchScriptModel(ModelRequest request) : base(nameof(TorchScriptModel))
    {
        ArgumentNullException.ThrowIfNull(request);
        _request = request;
        _shape = request.SampleShape.Count > 0 ? [.. request.SampleShape.Select(size => (long)size)] : null;
        if (_shape is not null && Product(_shape) != Product(request.InputShape))
            throw new ModelException($"model.input = [{string.Join(", ", _shape)}] has {Product(_shape)} numbers, but a sample has {Product(request.InputShape)}: its shape is [{string.Join(", ", request.InputShape)}].");
        _module = Loaded(request);
        foreach (var (name, parameter) in _module.named_parameters())
            register_parameter(name, parameter);
        foreach (var (name, buffer) in _module.named_buffers())
            register_buffer(name, buffer);
        base.train(_module.training);
        if (!parameters().Any(parameter => parameter.requires_grad))
            throw new ModelException($"{request.File} has nothing to train: no parameter requires a gradient. Export it without torch.jit.freeze, and with requires_grad left on.");
    }

    /// <summary>Outputs <c>[N, outputs]</c> of inputs <c>[N, ...]</c>.</summary>
    /// <exception cref="ModelException">The module refuses the samples, or its outputs do not suit the targets.</exception>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var scope = NewDisposeScope();
        try
        {
            var output = _module.call(_shape is null ? input : input.reshape([input.shape[0], .. _shape]));
            Check(input, output);
            return output.MoveToOuterDisposeScope();
        }
        catch (ExternalException error)
        {
            throw new ModelException(
                $"{_request.File} does not take samples of shape [{string.Join(", ", _shape ?? input.shape[1..])}]: {LibTorchWords.Of(error).Split('\n')[0]}. model.input gives samples another shape, such as [1, 28, 28] or [784].");
        }
    }

    /// <inheritdoc/>
    public override void train(bool train = true)
    {
        _module.train(train);
        base.train(train);
    }

    /// <summary>Evaluation mode until the result is disposed: its population statistics are its running ones.</summary>
    public override IDisposable UsePopulation(int chunks, Func<int, Tensor> inputs, Func<Func<int, Tensor>, Tensor>? sum = null)
    {
        var state = new ModuleState(this);
        eval();
        return state;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _module.Dispose();
        base.Dispose(disposing);
    }

    private static jit.ScriptModule<Tensor, Tensor> Loaded(ModelRequest request)
    {
        if (request.File.Length == 0)
            throw new ModelException("model.name = \"torchscript\" needs model.file, a TorchScript file.");
        try
        {
            if (request.Checksum.Length > 0 && TorchScriptFile.Sha256(request.File) is var now && now != request.Checksum)
                throw new ModelException($"{request.File} is not the file that this run was begun with: its SHA-256 is {now}, not {request.Checksum} (model.sha256). Put that file back, or begin another run.");
            return TorchScriptFile.Load(request.File, request.Dtype, request.Device);
        }
        catch (TorchScriptException error)
        {
            throw new ModelException(error.Message);
        }
    }

    /// <summary>Once: every chunk is of the same shape but for its length.</summary>
    private void Check(Tensor input, Tensor output)
    {
        if (_checked)
            return;
        long[] wanted = _request.Tokens ? [input.shape[0], _request.Outputs, input.shape[1]] : [input.shape[0], _request.Outputs];
        if (!output.shape.SequenceEqual(wanted) || !output.is_floating_point())
            throw new ModelException($"{_request.File} gives {output.dtype} of shape [{string.Join(", ", output.shape)}] for {input.shape[0]} samples; this data needs [{string.Join(", ", wanted)}]: {_request.Outputs} numbers a {(_request.Tokens ? "token" : "sample")}.");
        _checked = true;
    }

    private static long Product(IEnumerable<long> shape) => shape.Aggregate(1L, (product, size) => product * size);
}
