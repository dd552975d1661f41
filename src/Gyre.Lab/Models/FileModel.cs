using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Models;

/// <summary>
/// A network from a user's file. Samples are passed in the shape that the file expects, failures are reported with
/// the name of the file, and outputs are checked against the data.
/// </summary>
internal abstract class FileModel : Network
{
    private readonly ModelRequest _request;

    /// <summary>Stores the request, and the shape of a sample that the file expects.</summary>
    /// <param name="name">The name of the class.</param>
    /// <param name="request">A request with a file.</param>
    /// <param name="shape">The shape of a sample; null to use the data's.</param>
    /// <exception cref="ModelException">The samples have a different number of elements.</exception>
    protected FileModel(string name, ModelRequest request, IReadOnlyList<long>? shape)
        : base(name)
    {
        (_request, Shape) = (request, shape is null ? null : [.. shape]);
        if (Shape is not null && Product(Shape) != Product(request.InputShape))
            throw new ModelException(
                $"{(request.SampleShape.Count > 0 ? "model.input" : request.File)} needs samples of [{string.Join(", ", Shape)}], "
                    + $"which have {Product(Shape)} numbers, but a sample of this data has {Product(request.InputShape)}: "
                    + $"its shape is [{string.Join(", ", request.InputShape)}]."
            );
    }

    /// <summary>The shape in which the file takes a sample; null to use the data's.</summary>
    protected long[]? Shape { get; }

    /// <summary>Returns outputs <c>[N, outputs]</c> for inputs <c>[N, ...]</c>.</summary>
    /// <exception cref="ModelException">The module fails on the samples, or its outputs do not match the
    /// targets.</exception>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var scope = NewDisposeScope();
        var output = Given(Shape is null ? input : input.reshape([input.shape[0], .. Shape]));
        Check(input, output);
        return output.MoveToOuterDisposeScope();
    }

    /// <summary>Returns the result of the file's own function.</summary>
    protected abstract object? Compute(Tensor samples);

    /// <summary>Returns where in the module a failure occurred, as " at ..."; empty if that is not known.</summary>
    protected virtual string Place(Exception error) => "";

    /// <summary>Throws if the module has no parameter that requires a gradient.</summary>
    protected void RequireParameters(string advice)
    {
        if (!parameters().Any(parameter => parameter.requires_grad))
            throw new ModelException(
                $"{_request.File} has nothing to train: no parameter requires a gradient. {advice}"
            );
    }

    /// <summary>Throws if the file is not the one that the spec was made for.</summary>
    protected static void RequireChecksum(ModelRequest request)
    {
        if (request.Checksum.Length > 0 && TorchScriptFile.Sha256(request.File) is var now && now != request.Checksum)
            throw new ModelException(
                $"{request.File} is not the file that this run started with: its SHA-256 is {now}, not "
                    + $"{request.Checksum} (model.sha256). Restore that file, or start another run."
            );
    }

    /// <summary>Returns the number of elements in a shape.</summary>
    protected static long Product(IEnumerable<long> shape) => shape.Aggregate(1L, (product, size) => product * size);

    private Tensor Given(Tensor samples)
    {
        try
        {
            var given = Compute(samples);
            return given as Tensor
                ?? throw new ModelException(
                    $"{_request.File} returns {ResultText(given)} instead of one tensor: return only the outputs."
                );
        }
        catch (ExternalException error) when (MemoryFault.TryFind(error) is null)
        {
            throw new ModelException(
                $"{_request.File} fails on samples of shape [{string.Join(", ", samples.shape[1..])}]{Place(error)}: "
                    + $"{LibTorchErrors.Line(error).TrimEnd('.')}. "
                    + "If the shape is the reason, set model.input to another one, such as [1, 28, "
                    + "28] or [784]."
            );
        }
        catch (Exception error) when (error is not ModelException && MemoryFault.TryFind(error) is null)
        {
            // TorchSharp unpacks the module's result, and fails in various ways if it does not support the type.
            throw new ModelException(
                $"The result of {_request.File} is not a tensor ({error.GetType().Name}): return the "
                    + "outputs only, as one tensor.",
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

    /// <summary>
    /// Checks the outputs of every chunk, since a module's outputs may depend on the number of samples.
    /// </summary>
    private void Check(Tensor input, Tensor output)
    {
        long[] wanted = _request.Tokens
            ? [input.shape[0], _request.Outputs, input.shape[1]]
            : [input.shape[0], _request.Outputs];
        if (!output.is_sparse && output.dtype == _request.Dtype && output.shape.SequenceEqual(wanted))
            return;
        var given = $"{(output.is_sparse ? "sparse " : "")}{output.dtype} of shape [{string.Join(", ", output.shape)}]";
        throw new ModelException(
            $"{_request.File} returns {given} for {input.shape[0]} samples, but this data needs {_request.Dtype} of "
                + $"shape [{string.Join(", ", wanted)}]: "
                + $"{_request.Outputs} numbers per {(_request.Tokens ? "token" : "sample")}."
        );
    }
}
