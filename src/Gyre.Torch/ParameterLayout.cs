using static TorchSharp.torch;

namespace Gyre.Torch;

/// <summary>How a list of parameters lies in one flat vector theta <c>[n]</c>: names, shapes and sizes in order, row-major each.</summary>
public sealed class ParameterLayout
{
    private readonly long[] _sizes;

    /// <summary>Takes names and shapes of the parameters; the tensors themselves are not kept.</summary>
    /// <exception cref="ArgumentException">No parameters, unequal counts, repeated names, or dtypes that differ or are not floating point.</exception>
    public ParameterLayout(IReadOnlyList<string> names, IReadOnlyList<Tensor> parameters)
    {
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(parameters);
        if (parameters.Count == 0)
            throw new ArgumentException("The model has no trainable parameters.", nameof(parameters));
        if (names.Count != parameters.Count || names.Distinct(StringComparer.Ordinal).Count() != names.Count)
            throw new ArgumentException($"There must be one name per parameter, each once; got {names.Count} names for {parameters.Count} parameters.", nameof(names));
        Dtype = parameters[0].dtype;
        if (Dtype is not (ScalarType.Float32 or ScalarType.Float64))
            throw new ArgumentException($"Parameters must be Float32 or Float64; '{names[0]}' is {Dtype}.", nameof(parameters));
        var odd = Enumerable.Range(0, names.Count).Where(i => parameters[i].dtype != Dtype).Select(i => names[i]).ToArray();
        if (odd.Length > 0)
            throw new ArgumentException($"Every parameter must be {Dtype}, as '{names[0]}' is; {string.Join(", ", odd)} differ.", nameof(parameters));
        Names = [.. names];
        Shapes = [.. parameters.Select(parameter => parameter.shape)];
        _sizes = [.. parameters.Select(parameter => parameter.NumberOfElements)];
        Dimension = _sizes.Sum();
    }

    /// <summary>Names in order.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Shapes in order.</summary>
    public IReadOnlyList<long[]> Shapes { get; }

    /// <summary>Numbers of elements in order.</summary>
    public IReadOnlyList<long> Sizes => _sizes;

    /// <summary>n.</summary>
    public long Dimension { get; }

    /// <summary>Float32 or Float64.</summary>
    public ScalarType Dtype { get; }

    /// <summary>One flat vector <c>[n]</c> from tensors of these shapes; a copy, in the caller's dispose scope. Keeps a graph if there is one.</summary>
    /// <exception cref="ArgumentException">A count or size that does not fit.</exception>
    public Tensor Flatten(IReadOnlyList<Tensor> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        if (tensors.Count != _sizes.Length)
            throw new ArgumentException($"There must be {_sizes.Length} tensors; got {tensors.Count}.", nameof(tensors));
        for (var i = 0; i < _sizes.Length; i++)
        {
            if (tensors[i].NumberOfElements != _sizes[i])
                throw new ArgumentException($"'{Names[i]}' has {_sizes[i]} numbers; got {tensors[i].NumberOfElements}.", nameof(tensors));
        }
        using var scope = NewDisposeScope();
        return cat([.. tensors.Select(tensor => tensor.reshape(-1))]).MoveToOuterDisposeScope();
    }

    /// <summary>Views of a flat vector <c>[n]</c>, one per parameter, in its shape; no copy, in the caller's dispose scope.</summary>
    /// <remarks>By <c>split</c>: the backward pass of <c>narrow</c> is nine times slower.</remarks>
    /// <exception cref="ArgumentException">The vector is not <c>[n]</c>.</exception>
    public Tensor[] Split(Tensor flat)
    {
        ArgumentNullException.ThrowIfNull(flat);
        if (flat.dim() != 1 || flat.shape[0] != Dimension)
            throw new ArgumentException($"A flat vector must have the shape [{Dimension}]; got [{string.Join(", ", flat.shape)}].", nameof(flat));
        using var scope = NewDisposeScope();
        return [.. flat.split(_sizes).Select((part, i) => part.view(Shapes[i]).MoveToOuterDisposeScope())];
    }

    /// <summary>Writes a flat vector <c>[n]</c> into parameters of these shapes, in place, without a graph.</summary>
    /// <exception cref="ArgumentException">A shape or dtype that does not fit; nothing has been written then.</exception>
    public void CopyTo(Tensor flat, IReadOnlyList<Tensor> parameters)
    {
        ArgumentNullException.ThrowIfNull(flat);
        ArgumentNullException.ThrowIfNull(parameters);
        if (flat.dtype != Dtype)
            throw new ArgumentException($"The flat vector must be {Dtype}; got {flat.dtype}.", nameof(flat));
        if (parameters.Count != _sizes.Length || parameters.Where((parameter, i) => !parameter.shape.AsSpan().SequenceEqual(Shapes[i])).Any())
            throw new ArgumentException("The parameters are not those of this layout.", nameof(parameters));
        using var none = no_grad();
        using var scope = NewDisposeScope();
        var parts = Split(flat);
        for (var i = 0; i < parts.Length; i++)
            parameters[i].copy_(parts[i]);
    }
}
