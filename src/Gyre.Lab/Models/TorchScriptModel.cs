using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Models;

/// <summary>
/// A module that PyTorch or TorchSharp exported as TorchScript. Parameters have their own names (a tensor with
/// several names is one parameter) and start from the values in the file. The module keeps the mode that it was
/// exported in. Frozen and integer parameters are not part of theta. If the module has buffers that training changes
/// (a BatchNorm's running statistics), they change once per training step and never in measurements. The test set is
/// evaluated in evaluation mode.
/// </summary>
internal sealed class TorchScriptModel : FileModel
{
    private readonly jit.ScriptModule<Tensor, Tensor> _module;

    /// <summary>Loads the file, in the request's dtype and on its device.</summary>
    /// <exception cref="ModelException">No file is given, the file is not TorchScript, has nothing to train, or is
    /// not the file that the spec was made for.</exception>
    public TorchScriptModel(ModelRequest request)
        : base(
            nameof(TorchScriptModel),
            request,
            request.SampleShape.Count > 0 ? [.. request.SampleShape.Select(size => (long)size)] : null
        )
    {
        _module = Loaded(request);
        foreach (var (name, parameter) in _module.named_parameters())
            register_parameter(name, parameter);
        foreach (var (name, buffer) in _module.named_buffers())
            register_buffer(name, buffer);
        base.train(_module.training);
        RequireParameters("Export it without torch.jit.freeze, and with requires_grad on.");
    }

    /// <inheritdoc/>
    protected override object? Compute(Tensor samples) => ((jit.ScriptModule)_module).call([samples]);

    /// <inheritdoc/>
    public override void train(bool train = true)
    {
        _module.train(train);
        base.train(train);
    }

    /// <summary>
    /// Switches to evaluation mode until the result is disposed: the module's running statistics serve as its
    /// population statistics.
    /// </summary>
    public override IDisposable UsePopulation(
        int chunks,
        Func<int, Tensor> inputs,
        Func<Func<int, Tensor>, Tensor>? sum = null
    )
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
        try
        {
            RequireChecksum(request);
            return TorchScriptFile.Load(request.File, request.Dtype, request.Device, request.Trusted);
        }
        catch (TorchScriptException error)
        {
            throw new ModelException(error.Message);
        }
    }
}
