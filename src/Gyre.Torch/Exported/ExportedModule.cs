using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Gyre.Torch.Exported;

/// <summary>A tensor of a module, under the name that PyTorch gives it.</summary>
/// <param name="Kind">Parameter, buffer or constant.</param>
/// <param name="Name">PyTorch's name.</param>
/// <param name="Value">The tensor. If several names refer to one tensor, they share this value.</param>
/// <param name="IsSaved">Whether the module's state dict contains it.</param>
internal sealed record ModuleTensor(InputKind Kind, string Name, Tensor Value, bool IsSaved)
{
    /// <summary>
    /// Converts tensors to the dtype and device of the computation. Real numbers get the given dtype, complex numbers
    /// the complex dtype of the same width, and others keep theirs. Parameters become leaves; those that required a
    /// gradient still do.
    /// </summary>
    public static IReadOnlyList<ModuleTensor> Convert(
        IReadOnlyList<(ProgramInput Input, Tensor Tensor)> stored,
        ScalarType dtype,
        Device device
    )
    {
        var values = new Dictionary<Tensor, Tensor>(ReferenceEqualityComparer.Instance);
        var converted = new List<ModuleTensor>();
        foreach (var (input, tensor) in stored)
        {
            if (!values.TryGetValue(tensor, out var value))
                values[tensor] = value = Converted(tensor, input.Kind, dtype, device);
            converted.Add(new ModuleTensor(input.Kind, input.Target, value, input.IsSaved));
        }
        return converted;
    }

    private static ScalarType TypeFor(Tensor tensor, ScalarType dtype)
    {
        if (tensor.is_floating_point())
            return dtype;
        if (!tensor.is_complex())
            return tensor.dtype;
        return dtype == ScalarType.Float64 ? ScalarType.ComplexFloat64 : ScalarType.ComplexFloat32;
    }

    private static Tensor Converted(Tensor tensor, InputKind kind, ScalarType dtype, Device device)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var plain = tensor.detach();
        var moved = plain.to(TypeFor(plain, dtype), device);
        return kind == InputKind.Parameter
            ? new Parameter(moved, tensor.requires_grad && moved.is_floating_point()).DetachFromDisposeScope()
            : moved.DetachFromDisposeScope();
    }
}

/// <summary>A compiled program with its tensors: a function of the samples.</summary>
internal sealed class ExportedModule : IDisposable
{
    private readonly jit.ScriptModule _compiled;
    private readonly Tensor[] _inputs;

    /// <summary>Takes ownership of the compiled module and of the tensors.</summary>
    public ExportedModule(ExportedProgram program, jit.ScriptModule compiled, IReadOnlyList<ModuleTensor> tensors)
    {
        (Program, _compiled, Tensors) = (program, compiled, tensors);
        _inputs = [.. tensors.Select(one => one.Value)];
    }

    /// <summary>The program that this module was loaded from.</summary>
    public ExportedProgram Program { get; }

    /// <summary>Parameters, buffers and constants, in the order of the graph's inputs.</summary>
    public IReadOnlyList<ModuleTensor> Tensors { get; }

    /// <summary>Returns the chosen output for samples <c>[B, ...]</c>, in the caller's dispose scope.</summary>
    /// <exception cref="System.Runtime.InteropServices.ExternalException">libtorch rejects the samples.</exception>
    public Tensor Call(Tensor samples) => (Tensor)_compiled.call(_inputs, new[] { samples });

    /// <inheritdoc/>
    public void Dispose()
    {
        _compiled.Dispose();
        foreach (var tensor in _inputs.Distinct(ReferenceEqualityComparer.Instance).Cast<Tensor>())
            tensor.Dispose();
    }
}
