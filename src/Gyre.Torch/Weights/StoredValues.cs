using static TorchSharp.torch;

namespace Gyre.Torch.Weights;

// A value in a torch.save file is null (None), bool, long, double, string, byte[], or one of these.

/// <summary>A Python class or function, by its full name, such as <c>torch.nn.modules.linear.Linear</c>.</summary>
internal sealed record StoredGlobal(string Name);

/// <summary>
/// A value that is not read, represented by the name of the function that would create it. Its contents are
/// discarded, and nothing is called.
/// </summary>
internal sealed record StoredOpaque(string Name);

/// <summary>A list or a set.</summary>
internal sealed class StoredList
{
    private readonly List<object?> _items = [];

    public IReadOnlyList<object?> Items => _items;

    internal void Add(object? item) => _items.Add(item);
}

/// <summary>A tuple or a torch.Size.</summary>
internal sealed class StoredTuple(object?[] items)
{
    public IReadOnlyList<object?> Items => items;
}

/// <summary>A dictionary of any kind, in insertion order.</summary>
internal sealed class StoredDictionary
{
    private static readonly object NoneKey = new();

    private readonly List<(object? Key, object? Value)> _pairs = [];
    private readonly Dictionary<object, int> _places = new(KeyComparer.Instance);

    public IReadOnlyList<(object? Key, object? Value)> Pairs => _pairs;

    /// <summary>Returns the value of a key; null if the key is missing or its value is None.</summary>
    public object? Find(string key) => _places.TryGetValue(key, out var place) ? _pairs[place].Value : null;

    public bool Has(string key) => _places.ContainsKey(key);

    internal void Set(object? key, object? value)
    {
        if (_places.TryAdd(key ?? NoneKey, _pairs.Count))
            _pairs.Add((key, value));
        else
            _pairs[_places[key ?? NoneKey]] = (key, value);
    }

    /// <summary>
    /// Compares strings and numbers by value, and everything else by reference. Hashes are seeded, so that no file
    /// can choose keys that collide.
    /// </summary>
    private sealed class KeyComparer : IEqualityComparer<object>
    {
        public static readonly KeyComparer Instance = new();

        bool IEqualityComparer<object>.Equals(object? x, object? y) =>
            x is string or long or double or bool ? x.Equals(y) : ReferenceEquals(x, y);

        public int GetHashCode(object obj) =>
            obj is string or long or double or bool
                ? HashCode.Combine(obj)
                : System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(obj);
    }
}

/// <summary>The memory of tensors: an entry of the archive, by its key.</summary>
/// <param name="Key">The entry's name under <c>data/</c>.</param>
/// <param name="Class">The Python class that holds it, such as <c>torch.FloatStorage</c>.</param>
/// <param name="Elements">The number of elements of that class; of bytes for an untyped storage.</param>
internal sealed record StoredStorage(string Key, string Class, long Elements);

/// <summary>A tensor, which is a view of a storage. Nothing has been checked against the storage yet.</summary>
/// <param name="Storage">The memory of the tensor.</param>
/// <param name="Dtype">The type of the elements.</param>
/// <param name="Offset">The position of the first element in the storage.</param>
/// <param name="Sizes">Outermost first; empty for a scalar.</param>
/// <param name="Strides">In elements, one per size.</param>
/// <param name="RequiresGrad">Whether the tensor requires a gradient.</param>
internal sealed record StoredTensor(
    StoredStorage Storage,
    ScalarType Dtype,
    long Offset,
    IReadOnlyList<long> Sizes,
    IReadOnlyList<long> Strides,
    bool RequiresGrad
)
{
    /// <summary>A key that is equal for tensors with the same numbers in the same memory.</summary>
    public string Identity =>
        $"{Storage.Key}:{Dtype}:{Offset}:{string.Join(',', Sizes)}:{string.Join(',', Strides)}:{RequiresGrad}";
}
