using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Models;

/// <summary>
/// A module that PyTorch or TorchSharp exported as TorchScript: parameters under its own names (a tensor with several
/// of them is one parameter), from the values in the file, in the mode it was exported in. Frozen and whole-number
/// parameters are not theta.
/// Where it has buffers that training changes (a BatchNorm's running statistics), they change once in every step and
/// with no measurement; a test set is evaluated in evaluation mode.
/// </summary>
internal sealed class TorchScriptModel : Network
{
    private readonly jit.ScriptModule<Tensor, Tensor> _module;
    private readonly ModelRequest _request;
    private readonly long[]? _shape;

    /// <summary>Loads the file, in the request's dtype and on its device.</summary>
    /// <exception cref="ModelException">No file is named, it is no TorchScript, has nothing to train, or is not the
    /// file that the spec was made for.</exception>
    public TorchScriptModel(ModelRequest request)
        : base(nameof(TorchScriptModel))
    {
        ArgumentNullException.ThrowIfNull(request);
        _request = request;
        _shape = request.SampleShape.Count > 0 ? [.. request.SampleShape.Select(size => (long)size)] : null;
        if (_shape is not null && Product(_shape) != Product(request.InputShape))
            throw new ModelException(
                $"model.input = [{string.Join(", ", _shape)}] has {Product(_shape)} numbers, but a sample has "
                    + $"{Product(request.InputShape)}: its shape is [{string.Join(", ", request.InputShape)}]."
            );
        _module = Loaded(request);
        foreach (var (name, parameter) in _module.named_parameters())
            register_parameter(name, parameter);
        foreach (var (name, buffer) in _module.named_buffers())
            register_buffer(name, buffer);
        base.train(_module.training);
        if (!parameters().Any(parameter => parameter.requires_grad))
            throw new ModelException(
                $"{request.File} has nothing to train: no parameter requires a gradient. Export it without "
                    + "torch.jit.freeze, and with requires_grad left on."
            );
    }

    /// <summary>Outputs <c>[N, outputs]</c> of inputs <c>[N, ...]</c>.</summary>
    /// <exception cref="ModelException">The module fails on the samples, or what it gives does not suit the
    /// targets.</exception>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var scope = NewDisposeScope();
        var output = Given(_shape is null ? input : input.reshape([input.shape[0], .. _shape]));
        Check(input, output);
        return output.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// What the module gives, whatever it does: it is the user's, and a failure of it is one sentence.
    /// </summary>
    private Tensor Given(Tensor samples)
    {
        try
        {
            var given = ((jit.ScriptModule)_module).call([samples]);
            return given as Tensor
                ?? throw new ModelException(
                    $"{_request.File} gives {ResultText(given)} where one tensor is needed: return the outputs alone."
                );
        }
        catch (ExternalException error) when (MemoryFault.TryFind(error) is null)
        {
            throw new ModelException(
                $"{_request.File} fails on samples of shape [{string.Join(", ", samples.shape[1..])}]: "
                    + $"{LibTorchErrors.Line(error).TrimEnd('.')}. "
                    + "Where the shape is the reason, model.input gives samples another one, such as [1, 28, "
                    + "28] or [784]."
            );
        }
        catch (Exception error) when (error is not ModelException && MemoryFault.TryFind(error) is null)
        {
            // TorchSharp takes apart what a module gives, and fails in many ways where it knows no such value.
            throw new ModelException(
                $"What {_request.File} gives cannot be taken as a tensor ({error.GetType().Name}): return the "
                    + "outputs alone, one tensor.",
                error
            );
        }
    }

    private static string ResultText(object? given) =>
        given switch
        {
            null => "nothing",
            Tensor[] list => $"a list of {list.Length} tensors",
            ITuple tuple => $"a tuple of {tuple.Length}",
            System.Collections.IDictionary => "a dictionary",
            System.Collections.IEnumerable and not string => "a list",
            _ => "a value that is not a tensor",
        };

    /// <inheritdoc/>
    public override void train(bool train = true)
    {
        _module.train(train);
        base.train(train);
    }

    /// <summary>Evaluation mode until the result is disposed: its population statistics are its running ones.</summary>
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
        if (request.File.Length == 0)
            throw new ModelException("model.name = \"torchscript\" needs model.file, a TorchScript file.");
        try
        {
            if (
                request.Checksum.Length > 0
                && TorchScriptFile.Sha256(request.File) is var now
                && now != request.Checksum
            )
                throw new ModelException(
                    $"{request.File} is not the file that this run was begun with: its SHA-256 is {now}, not "
                        + $"{request.Checksum} (model.sha256). Put that file back, or begin another run."
                );
            return TorchScriptFile.Load(request.File, request.Dtype, request.Device, request.Trusted);
        }
        catch (TorchScriptException error)
        {
            throw new ModelException(error.Message);
        }
    }

    /// <summary>Every chunk, since a module's outputs may depend on how many samples it is given.</summary>
    private void Check(Tensor input, Tensor output)
    {
        long[] wanted = _request.Tokens
            ? [input.shape[0], _request.Outputs, input.shape[1]]
            : [input.shape[0], _request.Outputs];
        if (!output.is_sparse && output.dtype == _request.Dtype && output.shape.SequenceEqual(wanted))
            return;
        var given = $"{(output.is_sparse ? "sparse " : "")}{output.dtype} of shape [{string.Join(", ", output.shape)}]";
        throw new ModelException(
            $"{_request.File} gives {given} for {input.shape[0]} samples; this data needs {_request.Dtype} of "
                + $"shape [{string.Join(", ", wanted)}]: "
                + $"{_request.Outputs} numbers a {(_request.Tokens ? "token" : "sample")}."
        );
    }

    private static long Product(IEnumerable<long> shape) => shape.Aggregate(1L, (product, size) => product * size);
}
