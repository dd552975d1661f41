namespace Gyre.Tests.TestKit;

// Values of Python as PickleWriter writes them, sound or not: what a file claims is not what it holds.

/// <summary>A class or function of Python.</summary>
internal sealed record PickledName(string Module, string Name);

/// <summary>A call of one.</summary>
internal sealed record PickledCall(PickledName Callee, params object?[] Arguments);

/// <summary>A storage, outside of the pickle.</summary>
internal sealed record PickledStorage(string Key, string Class, long Elements, string Device = "cpu");

/// <summary>A list of Python.</summary>
internal sealed record PickledList(params object?[] Items);

/// <summary>A dictionary of Python.</summary>
internal sealed record PickledPairs(params (object? Key, object? Value)[] Pairs);

/// <summary>A tensor, as torch.save describes it.</summary>
internal sealed record PickledTensor(
    PickledStorage Storage,
    long[] Sizes,
    long[] Strides,
    long Offset = 0,
    bool Trains = false
)
{
    /// <summary>The call that makes it.</summary>
    public PickledCall Call =>
        new(
            new PickledName("torch._utils", "_rebuild_tensor_v2"),
            Storage,
            Offset,
            Sizes.Cast<object?>().ToArray(),
            Strides.Cast<object?>().ToArray(),
            Trains,
            new PickledCall(new PickledName("collections", "OrderedDict"))
        );

    /// <summary>A vector of float32 with a storage of its own.</summary>
    public static PickledTensor Vector(string key, long length) =>
        new(new PickledStorage(key, "FloatStorage", length), [length], [1]);
}
