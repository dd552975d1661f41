using System.Buffers.Binary;
using System.Text;
using static TorchSharp.torch;

namespace Gyre.Torch.Weights;

/// <summary>
/// The Python classes and functions, by name, that a torch.save file needs for tensors, and the values that represent
/// their results here. Every other name becomes a <see cref="StoredOpaque"/>.
/// </summary>
internal static class PickleCalls
{
    private const string RebuildTensor = "torch._utils._rebuild_tensor";
    private const string RebuildTensor2 = "torch._utils._rebuild_tensor_v2";
    private const string RebuildTensor3 = "torch._utils._rebuild_tensor_v3";
    private const string Parameter = "torch.nn.parameter.Parameter";

    private static readonly Dictionary<string, ScalarType> Storages = new()
    {
        ["DoubleStorage"] = ScalarType.Float64,
        ["FloatStorage"] = ScalarType.Float32,
        ["HalfStorage"] = ScalarType.Float16,
        ["BFloat16Storage"] = ScalarType.BFloat16,
        ["LongStorage"] = ScalarType.Int64,
        ["IntStorage"] = ScalarType.Int32,
        ["ShortStorage"] = ScalarType.Int16,
        ["CharStorage"] = ScalarType.Int8,
        ["ByteStorage"] = ScalarType.Byte,
        ["BoolStorage"] = ScalarType.Bool,
    };

    /// <summary>Returns the dtype of a storage class, or null if the class is not supported.</summary>
    public static ScalarType? DtypeOf(string storage) =>
        storage.Split('.') is ["torch", .., var name] && Storages.TryGetValue(name, out var dtype) ? dtype : null;

    /// <summary>Returns the value that stands for the result of a call.</summary>
    public static object? Made(string name, IReadOnlyList<object?> given) =>
        name switch
        {
            "collections.OrderedDict" when given.Count == 0 => new StoredDictionary(),
            "collections.defaultdict" => new StoredDictionary(),
            "builtins.dict" or "__builtin__.dict" when given.Count == 0 => new StoredDictionary(),
            "builtins.set" or "__builtin__.set" when given is [StoredList list] => list,
            "torch.Size" when given is [StoredTuple sizes] => sizes,
            "torch.device" when given is [string device, ..] => device,
            "_codecs.encode" when given is [string text, "latin1"] => Latin1(text),
            "numpy.dtype" when given is [string kind, ..] => new StoredNumberKind(kind, '<'),
            "numpy.core.multiarray.scalar" or "numpy._core.multiarray.scalar" => Scalar(given),
            "torch._utils._rebuild_parameter" or "torch._utils._rebuild_parameter_with_state" => given switch
            {
                [StoredTensor tensor, bool trains, ..] => tensor with { RequiresGrad = trains },
                [StoredOpaque unread, ..] => unread,
                _ => new StoredOpaque(name),
            },
            "torch._tensor._rebuild_from_type_v2" => ReadTyped(given),
            RebuildTensor or RebuildTensor2 => AsTensor(name, given),
            RebuildTensor3 => ReadNewType(given),
            _ => new StoredOpaque(name),
        };

    /// <summary>
    /// Returns the value for a persistent ID, which refers to data outside the pickle: ('storage', class, key,
    /// device, number of elements). All devices are mapped to the CPU.
    /// </summary>
    public static object Persistent(object? id) =>
        id is StoredTuple { Items: ["storage", StoredGlobal kind, string key, string, long elements, ..] }
            ? new StoredStorage(key, kind.Name, elements)
            : new StoredOpaque("a value outside the pickle that is not a storage");

    /// <summary>Returns a value after its attributes are set.</summary>
    public static object? Built(object? value, object? state) =>
        (value, state) switch
        {
            // A state dict's _metadata holds versions of modules and no numbers.
            (StoredDictionary or StoredOpaque, _) => value,
            (StoredNumberKind kind, StoredTuple { Items: [long, string order, ..] }) => kind with
            {
                Order = order.Length == 1 ? order[0] : '?',
            },
            (StoredTensor, _) => new StoredOpaque("torch.Tensor with its own state"),
            _ => throw new FormatException("the pickle gives attributes to a value that has none"),
        };

    private static object? AsTensor(string name, IReadOnlyList<object?> given)
    {
        if (
            given is not [StoredStorage storage, long offset, StoredTuple sizes, StoredTuple strides, ..]
            || DtypeOf(storage.Class) is not { } dtype
            || Whole(sizes) is not { } shape
            || Whole(strides) is not { } steps
        )
            return new StoredOpaque(given is [StoredStorage { Class: var kind }, ..] ? $"{name} of {kind}" : name);
        return new StoredTensor(storage, dtype, offset, shape, steps, given is [_, _, _, _, true, ..]);
    }

    /// <summary>Tensors with dtypes that have no storage class of their own, such as float8, are not read.</summary>
    private static StoredOpaque ReadNewType(IReadOnlyList<object?> given) =>
        new(given is [_, _, _, _, _, _, StoredGlobal dtype, ..] ? dtype.Name : RebuildTensor3);

    /// <summary>Reads a tensor or parameter that has Python attributes. The attributes are dropped.</summary>
    private static object? ReadTyped(IReadOnlyList<object?> given) =>
        given switch
        {
            [
                StoredGlobal { Name: var make },
                StoredGlobal
                {
                    Name: "torch.Tensor" or "torch._tensor.Tensor" or Parameter or "torch.nn.parameter.Buffer"
                },
                StoredTuple from,
                ..,
            ] => Made(make, from.Items),
            [_, StoredGlobal type, ..] => new StoredOpaque(type.Name),
            _ => new StoredOpaque("torch._tensor._rebuild_from_type_v2"),
        };

    private static long[]? Whole(StoredTuple tuple) =>
        tuple.Items.All(item => item is long) ? [.. tuple.Items.Cast<long>()] : null;

    private static byte[] Latin1(string text) =>
        text.All(letter => letter < 256)
            ? Encoding.Latin1.GetBytes(text)
            : throw new FormatException("the pickle has bytes above 255");

    /// <summary>Reads a NumPy scalar.</summary>
    private static object Scalar(IReadOnlyList<object?> given) =>
        given is [StoredNumberKind { Order: '<' or '=' or '|' } kind, byte[] bytes]
            ? Number(kind.Kind, bytes)
                ?? new StoredOpaque($"a NumPy number of the kind {PlainText.Clipped(kind.Kind, 20)}")
            : new StoredOpaque("numpy.core.multiarray.scalar");

    private static object? Number(string kind, byte[] bytes) =>
        (kind.TrimStart('<', '=', '|'), bytes.Length) switch
        {
            ("f8", 8) => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
            ("f4", 4) => (double)BinaryPrimitives.ReadSingleLittleEndian(bytes),
            ("f2", 2) => (double)BinaryPrimitives.ReadHalfLittleEndian(bytes),
            ("i8", 8) => BinaryPrimitives.ReadInt64LittleEndian(bytes),
            ("i4", 4) => (long)BinaryPrimitives.ReadInt32LittleEndian(bytes),
            ("i2", 2) => (long)BinaryPrimitives.ReadInt16LittleEndian(bytes),
            ("i1", 1) => (long)(sbyte)bytes[0],
            ("u1", 1) => (long)bytes[0],
            ("b1", 1) => bytes[0] != 0,
            _ => null,
        };

    /// <summary>A NumPy dtype.</summary>
    private sealed record StoredNumberKind(string Kind, char Order);
}
