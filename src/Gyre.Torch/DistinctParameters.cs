using System.Runtime.InteropServices;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Gyre.Torch;

/// <summary>A parameter tensor of a module, with every name that the module has for it.</summary>
/// <param name="Names">The names, in the module's order; at least one.</param>
/// <param name="Tensor">The parameter tensor.</param>
internal sealed record DistinctParameter(IReadOnlyList<string> Names, Parameter Tensor)
{
    /// <summary>All names joined into one, such as <c>encoder.weight = decoder.weight</c>.</summary>
    public string Name => string.Join(" = ", Names);
}

/// <summary>
/// Finds a module's parameters, each tensor once regardless of how many names it has. A sum over names would count a
/// shared tensor twice, and an update per name would train it twice.
/// </summary>
internal static class DistinctParameters
{
    private const long MostCompared = 1 << 26;

    /// <summary>Returns every parameter of a module, including frozen ones, in the module's order.</summary>
    public static IReadOnlyList<DistinctParameter> Find(nn.Module module)
    {
        ArgumentNullException.ThrowIfNull(module);
        // named_parameters() leaves out further names of a tensor if it recognizes them as such; the state has them
        // all.
        var named = module.named_parameters().ToArray();
        var further = module.state_dict().Select(entry => (Name: entry.Key, Impl: Identity(entry.Value))).ToArray();
        return
        [
            .. named
                .GroupBy(one => Identity(one.parameter))
                .Select(group => new DistinctParameter(
                    [
                        .. group
                            .Select(one => one.name)
                            .Concat(further.Where(one => one.Impl == group.Key).Select(one => one.Name))
                            .Distinct(),
                    ],
                    group.First().parameter
                )),
        ];
    }

    /// <summary>Returns the parameters of a module that require a gradient; together they form theta.</summary>
    /// <exception cref="ArgumentException">Memory is shared in a way that theta cannot represent (see
    /// <see cref="Trouble"/>).</exception>
    public static IReadOnlyList<DistinctParameter> Trainable(nn.Module module)
    {
        var trainable = Find(module).Where(one => one.Tensor.requires_grad).ToArray();
        var trouble = Trouble([
            .. module.named_parameters().Select(one => (one.name, (Tensor)one.parameter)),
            .. module.named_buffers(),
        ]);
        return trouble is null ? trainable : throw new ArgumentException(trouble, nameof(module));
    }

    /// <summary>
    /// Returns a sentence on the first trainable tensor whose memory theta cannot represent, or null if there is
    /// none. Such memory may be shared with a different tensor (two views, for example): a gradient by one of them
    /// does not account for the other, while an update changes both. Or one number of it may serve as several, as in
    /// an expanded tensor.
    /// </summary>
    /// <param name="tensors">Parameters and buffers with their names.</param>
    public static string? Trouble(IReadOnlyList<(string Name, Tensor Tensor)> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        var places = tensors
            .Where(one => !one.Tensor.is_sparse && one.Tensor.numel() > 0)
            .DistinctBy(one => Identity(one.Tensor))
            .Select(one => Place.TryFind(one.Name, one.Tensor))
            .OfType<Place>()
            .OrderBy(place => place.First)
            .ToArray();
        if (places.FirstOrDefault(place => place.Trainable && place.RepeatsItself) is { } repeated)
            return $"Parameter {repeated.Name} shares one number in memory between several elements (it is an "
                + "expanded tensor): train the tensor that was expanded.";
        for (var i = 0; i < places.Length; i++)
        {
            for (var j = i + 1; j < places.Length && places[j].First <= places[i].Last; j++)
            {
                if ((places[i].Trainable || places[j].Trainable) && places[i].Meets(places[j]))
                    return Shared(places[i], places[j]);
            }
        }
        return null;
    }

    private static string Shared(Place one, Place other) =>
        $"{one.Kind} {one.Name} and {other.Kind.ToLowerInvariant()} {other.Name} share memory but are two "
        + "tensors: a gradient with respect to one "
        + "omits the other, and an update changes both. Keep one of them and derive the other from it in forward (by a "
        + "transpose or a slice, for example).";

    /// <summary>
    /// Returns a value that is the same for every handle of one tensor: the pointer that a C++ tensor holds, which is
    /// the first word of the object behind a handle.
    /// </summary>
    private static nint Identity(Tensor tensor) => Marshal.ReadIntPtr(tensor.Handle);

    /// <summary>The memory that a tensor occupies.</summary>
    private sealed class Place
    {
        private readonly ScalarType _dtype;
        private readonly long _size;
        private readonly long[] _shape;
        private readonly long[] _strides;
        private readonly long _device;

        private Place(string name, Tensor tensor, long address)
        {
            (Name, Trainable, _dtype, _size) = (name, tensor.requires_grad, tensor.dtype, tensor.ElementSize);
            (_shape, _strides, _device) = (
                tensor.shape,
                tensor.stride(),
                1000L * (int)tensor.device_type + tensor.device_index
            );
            First = address;
            Last = First + _size * (1 + _shape.Zip(_strides, (length, stride) => (length - 1) * stride).Sum()) - 1;
        }

        public static Place? TryFind(string name, Tensor tensor) =>
            TensorMemory.AddressOf(tensor) is { } address ? new Place(name, tensor, address) : null;

        public string Name { get; }

        public bool Trainable { get; }

        public string Kind => Trainable ? "Parameter" : "Tensor";

        /// <summary>The address of the first byte. <see cref="Last"/> is that of the last.</summary>
        public long First { get; }

        public long Last { get; }

        /// <summary>
        /// The number of addresses that <see cref="Addresses"/> returns: an expanded dimension adds none.
        /// </summary>
        private double Count =>
            _shape.Zip(_strides).Where(one => one.Second != 0).Aggregate(1.0, (product, one) => product * one.First);

        public bool RepeatsItself => _shape.Zip(_strides).Any(one => one.First > 1 && one.Second == 0);

        /// <summary>
        /// Whether the two tensors share a number. For very large tensors and mixed dtypes, whether their address
        /// ranges overlap.
        /// </summary>
        public bool Meets(Place other)
        {
            if (_device != other._device || First > other.Last || other.First > Last)
                return false;
            if (_dtype != other._dtype || Last - First > MostCompared || other.Last - other.First > MostCompared)
                return true;
            if (Count > MostCompared / _size || other.Count > MostCompared / _size)
                return true; // too many to store: windows over one memory, for example
            var taken = Addresses().ToHashSet();
            return other.Addresses().Any(taken.Contains);
        }

        private IEnumerable<long> Addresses()
        {
            IEnumerable<long> all = [First];
            foreach (var (length, stride) in _shape.Zip(_strides).Where(one => one.Second != 0))
                all = all.SelectMany(from => Enumerable.Range(0, (int)length).Select(i => from + i * stride * _size));
            return all;
        }
    }
}
