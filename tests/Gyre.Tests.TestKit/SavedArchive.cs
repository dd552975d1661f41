using System.IO.Compression;
using System.Text;

namespace Gyre.Tests.TestKit;

/// <summary>A class or function of Python.</summary>
public sealed record PickledName(string Module, string Name);

/// <summary>A call of one.</summary>
public sealed record PickledCall(PickledName Callee, params object?[] Arguments);

/// <summary>A storage, outside of the pickle.</summary>
public sealed record PickledStorage(string Key, string Class, long Elements, string Device = "cpu");

/// <summary>A list of Python.</summary>
public sealed record PickledList(params object?[] Items);

/// <summary>A dictionary of Python.</summary>
public sealed record PickledPairs(params (object? Key, object? Value)[] Pairs);

/// <summary>A tensor, as torch.save describes it.</summary>
public sealed record PickledTensor(
    PickledStorage Storage,
    long[] Sizes,
    long[] Strides,
    long Offset = 0,
    bool Trains = false
)
{
    /// <summary>A vector of float32 with a storage of its own.</summary>
    public static PickledTensor Vector(string key, long length) =>
        new(new PickledStorage(key, "FloatStorage", length), [length], [1]);
}

/// <summary>
/// Writes archives as torch.save does, without PyTorch, sound or not: null, Booleans, whole numbers, doubles, texts,
/// object arrays (tuples) and the records above.
/// </summary>
public sealed class SavedArchive
{
    private readonly List<byte> _pickle = [0x80, 2];

    /// <summary>The pickle of a value.</summary>
    public static byte[] Pickle(object? value)
    {
        var archive = new SavedArchive();
        archive.Put(value);
        return [.. archive._pickle, (byte)'.'];
    }

    /// <summary>An archive of a value, with float32 storages by key.</summary>
    public static byte[] Bytes(object? value, params (string Key, float[] Values)[] storages) =>
        Zip([
            ("archive/data.pkl", Pickle(value)),
            .. storages.Select(one =>
                ($"archive/data/{one.Key}", one.Values.SelectMany(BitConverter.GetBytes).ToArray())
            ),
            ("archive/version", "3\n"u8.ToArray()),
        ]);

    /// <summary>An archive of any parts, each as it is.</summary>
    public static byte[] Zip(
        IEnumerable<(string Name, byte[] Bytes)> parts,
        CompressionLevel packing = CompressionLevel.NoCompression
    )
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, bytes) in parts)
            {
                using var entry = zip.CreateEntry(name, packing).Open();
                entry.Write(bytes);
            }
        }
        return stream.ToArray();
    }

    private void Put(object? value)
    {
        switch (value)
        {
            case null:
                Op('N');
                break;
            case bool flag:
                _pickle.Add(flag ? (byte)0x88 : (byte)0x89);
                break;
            case int or long:
                Whole(Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture));
                break;
            case double number:
                Op('G', [.. BitConverter.GetBytes(number).Reverse()]);
                break;
            case string text:
                Op('X', [.. BitConverter.GetBytes(Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)]);
                break;
            case object?[] tuple:
                Group(tuple, 't');
                break;
            default:
                PutRecord(value);
                break;
        }
    }

    private void PutRecord(object value)
    {
        switch (value)
        {
            case PickledList list:
                Op(']');
                Group(list.Items, 'e');
                break;
            case PickledPairs dictionary:
                Op('}');
                Group([.. dictionary.Pairs.SelectMany(pair => new[] { pair.Key, pair.Value })], 'u');
                break;
            case PickledName name:
                Op('c', Encoding.UTF8.GetBytes($"{name.Module}\n{name.Name}\n"));
                break;
            case PickledCall call:
                Put(call.Callee);
                Put(call.Arguments);
                Op('R');
                break;
            case PickledStorage storage:
                Put(
                    new object?[]
                    {
                        "storage",
                        new PickledName("torch", storage.Class),
                        storage.Key,
                        storage.Device,
                        storage.Elements,
                    }
                );
                Op('Q');
                break;
            case PickledTensor tensor:
                Put(Rebuilt(tensor));
                break;
            default:
                throw new ArgumentException($"{value.GetType()} is not written.", nameof(value));
        }
    }

    private static PickledCall Rebuilt(PickledTensor tensor) =>
        new(
            new PickledName("torch._utils", "_rebuild_tensor_v2"),
            tensor.Storage,
            tensor.Offset,
            tensor.Sizes.Cast<object?>().ToArray(),
            tensor.Strides.Cast<object?>().ToArray(),
            tensor.Trains,
            new PickledCall(new PickledName("collections", "OrderedDict"))
        );

    private void Group(object?[] items, char end)
    {
        Op('(');
        foreach (var item in items)
            Put(item);
        Op(end);
    }

    private void Whole(long number)
    {
        if (number is >= int.MinValue and <= int.MaxValue)
            Op('J', BitConverter.GetBytes((int)number));
        else
            _pickle.AddRange([0x8a, 8, .. BitConverter.GetBytes(number)]);
    }

    private void Op(char code, params byte[] rest) => _pickle.AddRange([(byte)code, .. rest]);
}
