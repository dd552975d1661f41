using static TorchSharp.torch;

namespace Gyre.Torch;

/// <summary>
/// Represents the layout of a list of parameters in one flat vector <c>[n]</c>: in order, each row by row, without
/// gaps. It keeps no tensor alive.
/// </summary>
public sealed class ParameterLayout
{
    private readonly string[] _names;
    private readonly long[][] _shapes;
    private readonly long[] _offsets;
    private readonly long[] _sizes;

    /// <summary>
    /// Creates a layout from the names and from the shapes, dtype and device of <paramref name="parameters"/>.
    /// </summary>
    /// <param name="names">One name per parameter; all must be distinct.</param>
    /// <param name="parameters">At least one parameter; all of one dtype (Float32 or Float64) and on one device.
    /// Frozen ones are laid out like any other.</param>
    /// <exception cref="ArgumentException">Names and parameters do not agree; the message names the
    /// parameter.</exception>
    public ParameterLayout(IReadOnlyList<string> names, IReadOnlyList<Tensor> parameters)
    {
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(parameters);
        if (parameters.Count == 0)
            throw new ArgumentException("The model has no parameters to train.", nameof(parameters));
        CheckNames(names, parameters.Count);
        _names = [.. names];
        Dtype = parameters[0].dtype;
        Device = parameters[0].device;
        if (Dtype is not (ScalarType.Float32 or ScalarType.Float64))
            throw new ArgumentException(
                $"Parameter \"{_names[0]}\" is {Dtype}, but only Float32 and Float64 can be flattened.",
                nameof(parameters)
            );
        _shapes = new long[parameters.Count][];
        _sizes = new long[parameters.Count];
        _offsets = new long[parameters.Count];
        for (var i = 0; i < parameters.Count; i++)
        {
            CheckAgainstFirst(parameters, i);
            _shapes[i] = parameters[i].shape;
            _sizes[i] = parameters[i].numel();
            _offsets[i] = Dimension;
            Dimension += _sizes[i];
        }
    }

    /// <summary>The number of scalars over all parameters, n.</summary>
    public long Dimension { get; }

    /// <summary>The number of parameter tensors.</summary>
    public int Count => _names.Length;

    /// <summary>The dtype of every parameter and of the flat vector: Float32 or Float64.</summary>
    public ScalarType Dtype { get; }

    /// <summary>The device of every parameter and of the flat vector.</summary>
    public Device Device { get; }

    /// <summary>The parameters' names, in order.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>The offset of each parameter in the flat vector.</summary>
    public IReadOnlyList<long> Offsets => _offsets;

    /// <summary>The number of scalars of each parameter.</summary>
    public IReadOnlyList<long> Sizes => _sizes;

    /// <summary>The parameters' shapes, in order.</summary>
    public IReadOnlyList<long[]> Shapes => _shapes;

    /// <summary>
    /// Returns the layout of a module's trainable parameters, each tensor once, under the names it is registered
    /// with.
    /// </summary>
    /// <exception cref="ArgumentException">The module has no trainable parameter, or its parameters differ in dtype
    /// or device or share memory without being one tensor.</exception>
    public static ParameterLayout FromModule(nn.Module module)
    {
        ArgumentNullException.ThrowIfNull(module);
        var distinct = DistinctParameters.Trainable(module);
        return new ParameterLayout(
            [.. distinct.Select(one => one.Name)],
            [.. distinct.Select(one => (Tensor)one.Tensor)]
        );
    }

    /// <summary>
    /// Copies <paramref name="tensors"/> into one new vector <c>[n]</c>. Gradients flow through the copy.
    /// </summary>
    /// <param name="tensors">One tensor per parameter, of its shape, dtype and device: the parameters, their
    /// gradient, or any similar vector.</param>
    /// <returns>A new tensor, owned by the caller's dispose scope.</returns>
    /// <exception cref="ArgumentException">Number, shape, dtype or device do not agree; the message names the
    /// parameter.</exception>
    public Tensor Flatten(IReadOnlyList<Tensor> tensors)
    {
        CheckAll(tensors, nameof(tensors));
        using var scope = NewDisposeScope();
        var parts = new Tensor[tensors.Count];
        for (var i = 0; i < parts.Length; i++)
            parts[i] = tensors[i].reshape(-1);
        // TorchSharp's cat of one tensor returns that tensor, so the caller would get a view of the parameter.
        return (parts.Length == 1 ? parts[0].clone() : cat(parts, 0)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Returns views of a flat vector in the parameters' shapes. Nothing is copied, and a change to either shows in
    /// the other.
    /// </summary>
    /// <param name="flat">The flat vector <c>[n]</c>, of this dtype and device.</param>
    /// <returns>One view per parameter, owned by the caller's dispose scope. Gradients flow through the views at the
    /// cost of one concatenation.</returns>
    /// <exception cref="ArgumentException"><paramref name="flat"/> has another shape, dtype or device.</exception>
    public Tensor[] Split(Tensor flat)
    {
        CheckFlat(flat);
        using var scope = NewDisposeScope();
        // This uses one split instead of one narrow per parameter: backward through k narrows adds up k vectors of
        // length n.
        var parts = flat.split(_sizes, 0);
        for (var i = 0; i < parts.Length; i++)
            parts[i] = parts[i].view(_shapes[i]).MoveToOuterDisposeScope();
        return parts;
    }

    /// <summary>
    /// Writes a flat vector into the parameters' own memory. Graphs built on them earlier are no longer valid.
    /// </summary>
    /// <param name="flat">The flat vector <c>[n]</c>, of this dtype and device.</param>
    /// <param name="parameters">The targets: one per parameter, of its shape, dtype and device.</param>
    /// <exception cref="ArgumentException">Number, shape, dtype or device do not agree; nothing was
    /// written.</exception>
    public void CopyTo(Tensor flat, IReadOnlyList<Tensor> parameters)
    {
        CheckAll(parameters, nameof(parameters));
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        var parts = Split(flat);
        for (var i = 0; i < parts.Length; i++)
            parameters[i].copy_(parts[i]);
    }

    private static void CheckNames(IReadOnlyList<string> names, int count)
    {
        if (names.Count != count)
            throw new ArgumentException($"{names.Count} names for {count} parameters.", nameof(names));
        var twice = names.GroupBy(n => n, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1);
        if (twice is not null)
            throw new ArgumentException($"Two parameters are named \"{twice.Key}\".", nameof(names));
    }

    private void CheckAgainstFirst(IReadOnlyList<Tensor> parameters, int i)
    {
        var (first, one) = (parameters[0], parameters[i]);
        if (one is null)
            throw new ArgumentException($"Parameter \"{_names[i]}\" is null.", nameof(parameters));
        if (one.dtype != first.dtype || one.device_type != first.device_type || one.device_index != first.device_index)
            throw new ArgumentException(
                $"Parameter \"{_names[i]}\" is {one.dtype} on {one.device}; parameter \"{_names[0]}\" is "
                    + $"{Dtype} on {Device}.",
                nameof(parameters)
            );
    }

    private void CheckAll(IReadOnlyList<Tensor> tensors, string what)
    {
        ArgumentNullException.ThrowIfNull(tensors, what);
        if (tensors.Count != Count)
            throw new ArgumentException($"{tensors.Count} tensors for {Count} parameters.", what);
        for (var i = 0; i < Count; i++)
        {
            if (tensors[i] is null || !tensors[i].shape.AsSpan().SequenceEqual(_shapes[i]))
                throw new ArgumentException(
                    $"Parameter \"{_names[i]}\" has shape {TensorKind.ShapeText(_shapes[i])}, not {Shape(tensors[i])}.",
                    what
                );
            CheckPlace(tensors[i], $"Parameter \"{_names[i]}\"", what);
        }
    }

    private void CheckFlat(Tensor flat)
    {
        ArgumentNullException.ThrowIfNull(flat);
        if (flat.dim() != 1 || flat.numel() != Dimension)
            throw new ArgumentException($"The flat vector has shape [{Dimension}], not {Shape(flat)}.", nameof(flat));
        CheckPlace(flat, "The flat vector", nameof(flat));
    }

    private void CheckPlace(Tensor tensor, string subject, string what)
    {
        if (tensor.dtype != Dtype || tensor.device_type != Device.type || tensor.device_index != Device.index)
            throw new ArgumentException(
                $"{subject} is {Dtype} on {Device}, not {tensor.dtype} on {tensor.device}.",
                what
            );
    }

    private static string Shape(Tensor? tensor) => tensor is null ? "null" : TensorKind.ShapeText(tensor.shape);
}
