using System.IO.Compression;
using System.Runtime.InteropServices;
using Gyre.Torch.Weights;
using static TorchSharp.torch;

namespace Gyre.Torch.Exported;

/// <summary>
/// Reads the tensors that a program's graph uses. Tensors that share a storage still share it, and a tensor with two
/// names is read once. Sizes, strides and offsets are checked against the storage before memory is allocated.
/// </summary>
internal sealed class ProgramTensors
{
    private const int MostRank = 64; // libtorch's own limit

    /// <summary>
    /// The number of elements that an expanded tensor may have if its storage has fewer, and that all tensors
    /// together may have beyond the bytes of the file. The mask of a long sequence has that many.
    /// </summary>
    private const long MostExpanded = 1 << 28;

    private readonly Dictionary<(string Entry, ScalarType Dtype), Tensor> _storages = [];
    private readonly Dictionary<string, Tensor> _views = [];
    private readonly ZipArchive _zip;
    private readonly ExportedLayout _layout;
    private readonly IReadOnlyDictionary<string, Payload> _weights;
    private readonly IReadOnlyDictionary<string, Payload> _constants;
    private readonly Dictionary<string, Tensor> _saved;

    private ProgramTensors(ZipArchive zip, ExportedLayout layout)
    {
        (_zip, _layout) = (zip, layout);
        _weights = Payloads(layout.WeightConfigs);
        _constants = Payloads(layout.ConstantConfigs);
        _saved = Saved();
    }

    /// <summary>Reads the tensors of a program's inputs, in the order of the inputs.</summary>
    /// <param name="zip">The archive.</param>
    /// <param name="layout">The layout of the archive.</param>
    /// <param name="inputs">The inputs of the graph, without the user's.</param>
    /// <returns>The tensors as they were stored, on the CPU, with <c>requires_grad</c> set for trained parameters.
    /// They belong to the caller's dispose scope.</returns>
    /// <exception cref="FormatException">A tensor is missing, or extends beyond its storage.</exception>
    public static IReadOnlyList<Tensor> Read(ZipArchive zip, ExportedLayout layout, IEnumerable<ProgramInput> inputs)
    {
        using var scope = NewDisposeScope();
        var reader = new ProgramTensors(zip, layout);
        var tensors = inputs.Select(reader.Get).ToArray();
        RequireRoom(tensors, zip.Entries.Sum(entry => entry.Length));
        foreach (var tensor in tensors.Distinct(ReferenceEqualityComparer.Instance).Cast<Tensor>())
            tensor.MoveToOuterDisposeScope();
        return tensors;
    }

    /// <summary>
    /// Limits the total number of elements. Expanded tensors cost nothing until they are converted.
    /// </summary>
    private static void RequireRoom(IEnumerable<Tensor> tensors, long bytes)
    {
        var numbers = tensors
            .Distinct(ReferenceEqualityComparer.Instance)
            .Cast<Tensor>()
            .Aggregate(0L, (sum, one) => checked(sum + one.numel()));
        if (numbers > bytes + MostExpanded)
            throw new FormatException($"its tensors have {numbers} numbers, but the file has only {bytes} bytes");
    }

    private Tensor Get(ProgramInput input)
    {
        try
        {
            if (_saved.TryGetValue(input.Target, out var saved))
                return saved;
            if (_weights.TryGetValue(input.Target, out var weight))
                return Get(_layout.Weights, weight);
            if (_constants.TryGetValue(input.Target, out var constant))
                return Get(_layout.Constants, constant);
            throw new FormatException("it is not in the file");
        }
        catch (Exception error) when (error is FormatException or OverflowException)
        {
            throw new FormatException($"tensor {PlainText.Clipped(input.Target, 100)}: {error.Message}", error);
        }
    }

    private Tensor Get(string folder, Payload payload)
    {
        var entry =
            _zip.GetEntry(folder + payload.Entry)
            ?? throw new FormatException($"its part {PlainText.Clipped(payload.Entry, 80)} is missing");
        if (payload.IsPickle)
            return Once(entry.FullName, () => Pickled(entry));
        var meta = payload.Tensor ?? throw new FormatException("it is an object, not a tensor");
        if (meta is not { Dtype: { } dtype, IsStrided: true })
            throw new FormatException("its type or layout is not supported");
        var (sizes, strides, offset) = (Numbers(meta.Sizes), Numbers(meta.Strides), Number(meta.Offset));
        var key = $"{entry.FullName} {dtype} [{string.Join(' ', sizes)}] [{string.Join(' ', strides)}] {offset}";
        return Once(key, () => View(entry, dtype, sizes, strides, offset, payload.IsParameter && meta.RequiresGrad));
    }

    private Tensor Once(string key, Func<Tensor> make)
    {
        if (!_views.TryGetValue(key, out var known))
            _views[key] = known = make();
        return known;
    }

    private Tensor View(
        ZipArchiveEntry entry,
        ScalarType dtype,
        long[] sizes,
        long[] strides,
        long offset,
        bool trained
    )
    {
        var size = SizeOf(dtype);
        RequireInside(sizes, strides, offset, entry.Length / size);
        var isTrained = trained && dtype is not (ScalarType.Int64 or ScalarType.Int32 or ScalarType.Bool);
        if (sizes.Contains(0L))
            return empty(sizes, dtype: dtype, device: CPU).requires_grad_(isTrained);
        if (!_storages.TryGetValue((entry.FullName, dtype), out var storage))
            _storages[(entry.FullName, dtype)] = storage = Storage(entry, dtype, entry.Length / size);
        return storage.as_strided(sizes, strides, offset).requires_grad_(isTrained);
    }

    private static void RequireInside(long[] sizes, long[] strides, long offset, long elements)
    {
        if (sizes.Length != strides.Length || sizes.Length > MostRank)
            throw new FormatException($"it has {sizes.Length} sizes and {strides.Length} strides");
        if (offset < 0 || sizes.Any(one => one < 0) || strides.Any(one => one < 0))
            throw new FormatException("a size, a stride or its offset is negative");
        var numbers = sizes.Aggregate(1L, (product, one) => checked(product * Math.Max(one, 1)));
        var last = sizes.Zip(strides).Aggregate(offset, (sum, one) => checked(sum + (one.First - 1) * one.Second));
        if (numbers > Math.Max(elements, MostExpanded))
            throw new FormatException(
                $"its shape {TensorKind.ShapeText(sizes)} has {numbers} numbers, " + $"but its storage has {elements}"
            );
        if (!sizes.Contains(0L) && last >= elements)
            throw new FormatException(
                $"its shape {TensorKind.ShapeText(sizes)} reaches number {last} of a storage with {elements}"
            );
    }

    private static Tensor Storage(ZipArchiveEntry entry, ScalarType dtype, long elements)
    {
        using var scope = NewDisposeScope();
        var flat = Empty(entry, dtype, elements);
        using var stream = entry.Open();
        TensorBytes.EachPiece(
            flat,
            piece =>
            {
                stream.ReadExactly(piece);
                if (dtype == ScalarType.Bool && piece.ContainsAnyExceptInRange((byte)0, (byte)1))
                    throw new FormatException("it is bool but contains a byte other than 0 and 1");
            }
        );
        return flat.MoveToOuterDisposeScope();
    }

    private static Tensor Empty(ZipArchiveEntry entry, ScalarType dtype, long elements)
    {
        try
        {
            return empty([elements], dtype: dtype, device: CPU);
        }
        catch (ExternalException error)
        {
            throw new FormatException($"{entry.Length} bytes do not fit into memory", error);
        }
    }

    private static Tensor Pickled(ZipArchiveEntry entry)
    {
        using var stream = Seekable(entry);
        return TorchSaveFile.ReadTensor(stream, entry.FullName);
    }

    private Dictionary<string, Tensor> Saved()
    {
        var all = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var names in new[] { _layout.SavedConstants, _layout.SavedWeights })
        {
            if (ExportedArchive.FindEntry(_zip, names) is not { Length: > 0 } entry)
                continue;
            using var stream = Seekable(entry);
            foreach (var (name, tensor) in TorchSaveFile.ReadTensors(stream, entry.FullName))
                all[name] = tensor;
        }
        return all;
    }

    /// <summary>
    /// Reads an archive within the archive into memory. PyTorch stores it uncompressed, so that its size is no
    /// surprise.
    /// </summary>
    private static MemoryStream Seekable(ZipArchiveEntry entry)
    {
        if (entry.Length > Array.MaxLength)
            throw new FormatException(
                $"its part {PlainText.Clipped(entry.FullName, 80)} has {entry.Length} bytes; "
                    + $"at most {Array.MaxLength} are read"
            );
        var bytes = new byte[entry.Length];
        using var stream = entry.Open();
        stream.ReadExactly(bytes);
        return new MemoryStream(bytes, writable: false);
    }

    private IReadOnlyDictionary<string, Payload> Payloads(string[] names) =>
        ExportedArchive.FindEntry(_zip, names) is { } entry
            ? GraphReader.ParsePayloads(ExportedArchive.Bytes(entry))
            : new Dictionary<string, Payload>();

    private static int SizeOf(ScalarType dtype) =>
        dtype switch
        {
            ScalarType.ComplexFloat32 => 8,
            ScalarType.ComplexFloat64 => 16,
            _ => SafetensorsHeader.SizeOf(dtype),
        };

    private static long[] Numbers(IReadOnlyList<GraphSize> sizes) => [.. sizes.Select(Number)];

    private static long Number(GraphSize size) => size.Number ?? throw new FormatException("a size is symbolic");
}
