using static TorchSharp.torch;

namespace Gyre.Torch.Weights;

// A value of a file of torch.save is null (None), bool, long, double, string, byte[], or one of these.

/// <summary>A class or function of Python by its full name, such as <c>torch.nn.modules.linear.Linear</c>.</summary>
internal sealed record StoredGlobal(string Name);

/// <summary>
/// A value that is not read, by the name of what would make it. Nothing of it is kept, and nothing is called.
/// </summary>
internal sealed record StoredOpaque(string Name);

/// <summary>A list, or a set.</summary>
internal sealed class StoredList
{
    private readonly List<object?> _items = [];

    public IReadOnlyList<object?> Items => _items;

    internal void Add(object? item) => _items.Add(item);
}

/// <summary>A tuple, or a torch.Size.</summary>
internal sealed class StoredTuple(object?[] items)
{
    public IReadOnlyList<object?> Items => items;
}

/// <summary>A dictionary of any kind, in the order in which its keys came.</summary>
internal sealed class StoredDictionary
{
    private static readonly object NoneKey = new();

    private readonly List<(object? Key, object? Value)> _pairs = [];
    private readonly Dictionary<object, int> _places = new(KeyComparer.Instance);

    public IReadOnlyList<(object? Key, object? Value)> Pairs => _pairs;

    /// <summary>The value of a name; null where there is none, and where it is None.</summary>
    public object? Find(string key) => _places.TryGetValue(key, out var place) ? _pairs[place].Value : null;

    /// <summary>Whether there is such a name.</summary>
    public bool Has(string key) => _places.ContainsKey(key);

    internal void Set(object? key, object? value)
    {
        if (_places.TryAdd(key ?? NoneKey, _pairs.Count))
            _pairs.Add((key, value));
        else
            _pairs[_places[key ?? NoneKey]] = (key, value);
    }

    /// <summary>
    /// Texts and numbers by value, everything else by itself. Hashes are seeded, so that no file can choose keys that
    /// collide.
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

/// <summary>The memory of tensors: a part of the archive, by its key.</summary>
/// <param name="Key">Name of the part below <c>data/</c>.</param>
/// <param name="Class">Class of Python that holds it, such as <c>torch.FloatStorage</c>.</param>
/// <param name="Elements">Of its class; bytes of an untyped one.</param>
internal sealed record StoredStorage(string Key, string Class, long Elements);

/// <summary>A tensor: a view of a storage. Nothing of it is checked against the storage yet.</summary>
/// <param name="Storage">Its memory.</param>
/// <param name="Dtype">Type of its elements.</param>
/// <param name="Offset">Its first element in the storage.</param>
/// <param name="Sizes">Outermost first; empty for a single number.</param>
/// <param name="Strides">In elements, as many as sizes.</param>
/// <param name="RequiresGrad">Whether it is one that is trained.</param>
internal sealed record StoredTensor(
    StoredStorage Storage,
    ScalarType Dtype,
    long Offset,
    IReadOnlyList<long> Sizes,
    IReadOnlyList<long> Strides,
    bool RequiresGrad
)
{
    /// <summary>Equal for tensors that are the same numbers in the same memory.</summary>
    public string Identity =>
        $"{Storage.Key}:{Dtype}:{Offset}:{string.Join(',', Sizes)}:{string.Join(',', Strides)}:{RequiresGrad}";
}
