using System.IO.Compression;
using System.Runtime.InteropServices;
using ICSharpCode.SharpZipLib.Checksum;
using static TorchSharp.torch;

namespace Gyre.Torch.Weights;

/// <summary>
/// A torch.save file of PyTorch 1.6 or later: a zip archive that has, under one folder, <c>data.pkl</c>, a pickle,
/// and <c>data/KEY</c>, the bytes of each storage. <see cref="PickleReader"/> reads the pickle and calls nothing.
/// Tensors are created on demand, on the CPU; those that shared memory share it again.
/// </summary>
internal sealed class TorchSaveFile : IDisposable
{
    private const int MostPickle = 1 << 28;
    private const int MostRank = 64; // libtorch's own limit

    /// <summary>
    /// The most elements of an expanded tensor, which has more elements than its storage. Copying it needs memory for
    /// all of them.
    /// </summary>
    private const long MostExpanded = 1L << 31;

    private readonly string _source;
    private readonly ZipArchive _zip;
    private readonly Dictionary<string, ZipArchiveEntry> _parts;
    private readonly Dictionary<string, (StoredStorage Kind, Tensor Memory)> _storages = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Tensor> _tensors = new(StringComparer.Ordinal);

    private TorchSaveFile(string source, ZipArchive zip, Dictionary<string, ZipArchiveEntry> parts)
    {
        (_source, _zip, _parts) = (source, zip, parts);
        Root = PickleReader.Read(Pickle());
    }

    /// <summary>The saved value: see <see cref="StoredDictionary"/> and the types next to it.</summary>
    public object? Root { get; }

    /// <summary>Opens an archive and reads its pickle; no tensor is created yet.</summary>
    /// <param name="zip">The archive, which is closed when the result is disposed.</param>
    /// <param name="source">The file's name in messages.</param>
    /// <exception cref="WeightsException">The archive is not a torch.save file, is damaged, or its pickle has
    /// operations that torch.save does not write.</exception>
    public static TorchSaveFile Open(Stream zip, string source)
    {
        ArgumentNullException.ThrowIfNull(zip);
        try
        {
            return Guarded(source, () => Opened(zip, source));
        }
        catch
        {
            zip.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Reads a dictionary of tensors, into the caller's dispose scope. Their <c>requires_grad</c> is as stored, and
    /// names that refer to the same tensor share one.
    /// </summary>
    /// <param name="zip">The archive, which is closed afterwards.</param>
    /// <param name="source">The file's name in messages.</param>
    /// <exception cref="WeightsException">The archive is not a torch.save file, is damaged, or contains anything
    /// other than tensors.</exception>
    internal static IReadOnlyDictionary<string, Tensor> ReadTensors(Stream zip, string source)
    {
        using var file = Open(zip, source);
        if (file.Root is not StoredDictionary dictionary)
            throw new WeightsException($"{source} contains {Described(file.Root)}, not a dictionary of tensors.");
        using var scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (key, value) in dictionary.Pairs)
        {
            var name = key as string ?? throw new WeightsException($"{source} has a key that is {Described(key)}.");
            tensors.Add(name, file.Read(value, name));
        }
        foreach (var tensor in tensors.Values.Distinct(ReferenceEqualityComparer.Instance).Cast<Tensor>())
            tensor.MoveToOuterDisposeScope();
        return tensors;
    }

    /// <summary>Reads a file whose value is a single tensor, into the caller's dispose scope.</summary>
    /// <param name="zip">The archive, which is closed afterwards.</param>
    /// <param name="source">The file's name in messages.</param>
    /// <exception cref="WeightsException">The archive is not a torch.save file, is damaged, or contains anything
    /// other than one tensor.</exception>
    internal static Tensor ReadTensor(Stream zip, string source)
    {
        using var file = Open(zip, source);
        using var scope = NewDisposeScope();
        return file.Read(file.Root, "the value").MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Returns a tensor of the file, in the caller's dispose scope. Repeated calls return the same object while it is
    /// alive.
    /// </summary>
    /// <param name="value">A value within <see cref="Root"/>.</param>
    /// <param name="name">The tensor's name in messages.</param>
    /// <exception cref="WeightsException">The value is not a tensor, is a tensor that cannot be read, or the file is
    /// damaged.</exception>
    public Tensor Read(object? value, string name) =>
        value is StoredTensor stored
            ? Guarded(_source, () => Materialized(stored, name))
            : throw new WeightsException(
                $"{_source}: {PlainText.Clipped(name, 80)} is {Described(value)}, not a tensor that can be read."
            );

    /// <summary>Describes a value in words.</summary>
    public static string Described(object? value) =>
        value switch
        {
            null => "None",
            bool or long or double => "a number",
            string => "a string",
            byte[] => "bytes",
            StoredTensor => "a tensor",
            StoredDictionary => "a dictionary",
            StoredList => "a list",
            StoredTuple => "a tuple",
            StoredStorage => "a storage",
            StoredGlobal global => $"the name {PlainText.Clipped(global.Name, 80)}",
            StoredOpaque opaque => $"an unsupported value ({PlainText.Clipped(opaque.Name, 80)})",
            _ => "a value of another kind",
        };

    /// <inheritdoc/>
    public void Dispose()
    {
        _zip.Dispose();
        foreach (var (_, memory) in _storages.Values)
            memory.Dispose(); // tensors that view the storage keep it alive
    }

    private static TorchSaveFile Opened(Stream zip, string source)
    {
        var archive = new ZipArchive(zip, ZipArchiveMode.Read);
        return new TorchSaveFile(source, archive, Parts(archive, zip.Length));
    }

    private Tensor Materialized(StoredTensor stored, string name)
    {
        if (_tensors.TryGetValue(stored.Identity, out var known) && !known.IsInvalid)
            return known;
        CheckRange(stored, name);
        using var none = no_grad();
        using var scope = NewDisposeScope();
        var memory = Memory(stored.Storage);
        long[] sizes = [.. stored.Sizes];
        var tensor = sizes.Contains(0)
            ? empty(sizes, dtype: stored.Dtype, device: CPU)
            : memory.as_strided(sizes, [.. stored.Strides], stored.Offset);
        tensor = tensor.detach();
        if (stored.RequiresGrad)
            tensor.requires_grad = true;
        return _tensors[stored.Identity] = tensor.MoveToOuterDisposeScope();
    }

    /// <summary>Checks sizes, strides and offset against the storage, before memory is allocated.</summary>
    private static void CheckRange(StoredTensor stored, string name)
    {
        var shown = PlainText.Clipped(name, 80);
        var (sizes, strides) = (stored.Sizes, stored.Strides);
        if (sizes.Count != strides.Count || sizes.Count > MostRank)
            throw new FormatException($"{shown} has {sizes.Count} sizes and {strides.Count} strides");
        if (sizes.Concat(strides).Append(stored.Offset).Any(number => number < 0))
            throw new FormatException($"{shown} has a size, a stride or an offset below 0");
        var there = stored.Storage.Elements;
        try
        {
            var elements = sizes.Aggregate(1L, (product, size) => checked(product * Math.Max(size, 1)));
            var last = sizes
                .Zip(strides)
                .Aggregate(stored.Offset, (sum, one) => checked(sum + (Math.Max(one.First, 1) - 1) * one.Second));
            if (elements > Math.Max(MostExpanded, there))
                throw new FormatException($"{shown} has {elements} elements in a storage of {there}");
            if (!sizes.Contains(0) && last >= there)
                throw new FormatException($"{shown} reaches element {last} of a storage of {there}");
        }
        catch (OverflowException error)
        {
            throw new FormatException($"{shown} has too many elements to count", error);
        }
        if (
            stored.RequiresGrad
            && stored.Dtype
                is not (ScalarType.Float64 or ScalarType.Float32 or ScalarType.Float16 or ScalarType.BFloat16)
        )
            throw new FormatException($"{shown} is {stored.Dtype} and requires a gradient");
    }

    private static ScalarType DtypeOf(StoredStorage storage) =>
        PickleCalls.DtypeOf(storage.Class)
        ?? throw new FormatException($"storage type {PlainText.Clipped(storage.Class, 80)} is not supported");

    private Tensor Memory(StoredStorage storage)
    {
        if (_storages.TryGetValue(storage.Key, out var known))
            return known.Kind == storage
                ? known.Memory
                : throw new FormatException($"storage {PlainText.Clipped(storage.Key, 40)} is described in two ways");
        var memory = ReadMemory(storage).DetachFromDisposeScope();
        _storages[storage.Key] = (storage, memory);
        return memory;
    }

    private Tensor ReadMemory(StoredStorage storage)
    {
        var (key, dtype) = ($"data/{storage.Key}", DtypeOf(storage));
        var shown = PlainText.Clipped(key, 60);
        if (!_parts.TryGetValue(key, out var entry))
            throw new FormatException($"the archive has no {shown}, which should contain the values of a tensor");
        var size = SafetensorsHeader.SizeOf(dtype);
        if (entry.Length % size != 0 || entry.Length / size != storage.Elements)
            throw new FormatException($"{shown} has {entry.Length} bytes; {storage.Elements} of {size} are needed");
        var memory = Empty(storage.Elements, dtype, shown);
        using var stream = entry.Open();
        var sum = new Crc32();
        TensorBytes.EachPiece(
            memory,
            piece =>
            {
                stream.ReadExactly(piece);
                Sum(sum, piece);
                if (dtype == ScalarType.Bool && piece.ContainsAnyExceptInRange((byte)0, (byte)1))
                    throw new FormatException($"{shown} is Boolean but contains a byte other than 0 and 1");
            }
        );
        CheckSum(shown, (uint)sum.Value, entry);
        return memory;
    }

    private static Tensor Empty(long elements, ScalarType dtype, string part)
    {
        try
        {
            return empty(elements, dtype: dtype, device: CPU);
        }
        catch (ExternalException error)
        {
            throw new FormatException($"{part} does not fit in memory", error);
        }
    }

    private byte[] Pickle()
    {
        var entry = _parts["data.pkl"];
        if (entry.Length > MostPickle)
            throw new FormatException($"data.pkl has {entry.Length} bytes; at most {MostPickle} are read");
        var bytes = new byte[entry.Length];
        using var stream = entry.Open();
        stream.ReadExactly(bytes);
        var sum = new Crc32();
        Sum(sum, bytes);
        CheckSum("data.pkl", (uint)sum.Value, entry);
        return bytes;
    }

    private static void Sum(Crc32 sum, ReadOnlySpan<byte> bytes)
    {
        var buffer = new byte[Math.Min(bytes.Length, 1 << 16)];
        for (var left = bytes; left.Length > 0; left = left[Math.Min(left.Length, buffer.Length)..])
        {
            var length = Math.Min(left.Length, buffer.Length);
            left[..length].CopyTo(buffer);
            sum.Update(new ArraySegment<byte>(buffer, 0, length));
        }
    }

    private static void CheckSum(string part, uint sum, ZipArchiveEntry entry)
    {
        if (sum != entry.Crc32)
            throw new FormatException(
                $"{part} has the checksum {sum:x8} but the archive has {entry.Crc32:x8}: it is "
                    + "damaged, or was saved without checksums (torch.serialization.set_crc32_options)"
            );
    }

    /// <summary>Returns the entries under the root folder, by their names relative to it.</summary>
    private static Dictionary<string, ZipArchiveEntry> Parts(ZipArchive zip, long bytes)
    {
        const string pickle = "/data.pkl";
        var roots = zip
            .Entries.Where(entry => entry.FullName.EndsWith(pickle, StringComparison.Ordinal))
            .Take(2)
            .ToArray();
        if (roots is not [{ FullName: var named }])
            throw new FormatException(
                roots.Length == 0
                    ? "the archive has no data.pkl: torch.save did not write it"
                    : "the archive has two data.pkl"
            );
        var root = named[..^(pickle.Length - 1)];
        var parts = new Dictionary<string, ZipArchiveEntry>(StringComparer.Ordinal);
        foreach (var entry in zip.Entries.Where(entry => entry.FullName.StartsWith(root, StringComparison.Ordinal)))
        {
            if (!parts.TryAdd(entry.FullName[root.Length..], entry))
                throw new FormatException($"the archive has two parts named {PlainText.Clipped(entry.FullName, 80)}");
        }
        CheckSizes(parts, bytes);
        if (parts.ContainsKey("constants.pkl"))
            throw new FormatException("it is TorchScript, a network with its code: give it as model.file");
        CheckByteOrder(parts);
        return parts;
    }

    /// <summary>Checks that entries are uncompressed and together no longer than the archive.</summary>
    private static void CheckSizes(Dictionary<string, ZipArchiveEntry> parts, long bytes)
    {
        if (parts.FirstOrDefault(part => part.Value.Length != part.Value.CompressedLength).Key is { } packed)
            throw new FormatException(
                $"its part {PlainText.Clipped(packed, 60)} is compressed, as torch.save never does: write it again "
                    + "with torch.save"
            );
        var left = bytes;
        foreach (var (name, entry) in parts)
        {
            if (entry.Length < 0 || entry.Length > left)
                throw new FormatException(
                    $"its parts up to {PlainText.Clipped(name, 60)} have more bytes than the archive, which has {bytes}"
                );
            left -= entry.Length;
        }
    }

    private static void CheckByteOrder(Dictionary<string, ZipArchiveEntry> parts)
    {
        if (!parts.TryGetValue("byteorder", out var entry))
            return; // before PyTorch 2.0
        var text = new byte[16];
        using var stream = entry.Open();
        var order = System.Text.Encoding.Latin1.GetString(
            text,
            0,
            stream.ReadAtLeast(text, text.Length, throwOnEndOfStream: false)
        );
        if (order.Trim() != "little")
            throw new FormatException(
                $"its byte order is {PlainText.Clipped(order.Trim(), 16)}; only little-endian files are "
                    + "supported: save it on a little-endian machine"
            );
    }

    private static T Guarded<T>(string source, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is FormatException or InvalidDataException or EndOfStreamException)
        {
            throw new WeightsException(
                $"{source} cannot be read as a file of torch.save: {PlainText.Line(error.Message).TrimEnd('.')}.",
                error
            );
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new WeightsException($"{source} cannot be read: {PlainText.Line(error.Message)}", error);
        }
    }
}
