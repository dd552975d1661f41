using System.Buffers.Binary;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Gyre.Torch;

/// <summary>
/// Represents a failure to read or write a safetensors file; the message names the file and the fault.
/// </summary>
public sealed class SafetensorsException : GyreException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">The message for the user, in whole sentences.</param>
    /// <param name="inner">The cause, if there is one.</param>
    public SafetensorsException(string message, Exception? inner = null)
        : base(message, inner) { }
}

/// <summary>The content of a safetensors file.</summary>
/// <param name="Tensors">The tensors by name, on the CPU.</param>
/// <param name="Metadata">Free text about the file; empty if there is none.</param>
internal sealed record SafetensorsContent(
    IReadOnlyDictionary<string, Tensor> Tensors,
    IReadOnlyDictionary<string, string> Metadata
);

/// <summary>
/// Reads and writes the safetensors format (Hugging Face): eight bytes of length, a JSON header, and raw
/// little-endian bytes. The dtypes are F64, F32, F16, BF16, I64, I32, I16, I8, U8 and BOOL. Equal content gives equal
/// bytes. Reading checks everything before it allocates, so that a damaged file results in an exception and never in
/// a wrong number, unless a bit is flipped in a number itself: the format has no checksum.
/// </summary>
internal static class Safetensors
{
    private const int LengthBytes = 8;

    /// <summary>
    /// Writes a file completely or not at all, by writing a temporary file, flushing it to the disk and renaming it.
    /// An existing file is replaced.
    /// </summary>
    /// <param name="path">The path of the file; its folder must exist.</param>
    /// <param name="tensors">The tensors by name; on any device, with any strides. Graphs are not stored.</param>
    /// <param name="metadata">Free text about the file.</param>
    /// <exception cref="SafetensorsException">The disk is full, the folder is not writable, or a dtype or name cannot
    /// be stored. In each case nothing has changed.</exception>
    public static void Write(
        string path,
        IReadOnlyDictionary<string, Tensor> tensors,
        IReadOnlyDictionary<string, string>? metadata = null
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(tensors);
        try
        {
            var header = Plan(tensors, metadata);
            var head = header.ToBytes();
            AtomicFile.Write(
                path,
                head.Length + header.DataBytes,
                stream =>
                {
                    stream.Write(head);
                    foreach (var entry in header.Entries)
                        TensorBytes.EachPiece(tensors[entry.Name], bytes => stream.Write(bytes));
                }
            );
        }
        catch (Exception error) when (error is FormatException or IOException or UnauthorizedAccessException)
        {
            throw new SafetensorsException(
                $"{path} cannot be written, and nothing was changed: {error.Message}",
                error
            );
        }
    }

    /// <summary>Reads a file and checks all of it.</summary>
    /// <param name="path">The path of the file.</param>
    /// <returns>Tensors owned by the caller's dispose scope.</returns>
    /// <exception cref="SafetensorsException">The file is missing or damaged, or its content is not
    /// supported.</exception>
    public static SafetensorsContent Read(string path) =>
        Reading(path, (stream, header) => Tensors(header, stream.ReadExactly));

    /// <summary>Reads and checks only the header, which is cheap for a file of any size.</summary>
    /// <param name="path">The path of the file.</param>
    /// <exception cref="SafetensorsException">The file is missing or its header is damaged.</exception>
    public static (IReadOnlyList<SafetensorsEntry> Entries, IReadOnlyDictionary<string, string> Metadata) Describe(
        string path
    ) => Reading(path, (_, header) => (header.Entries, header.Metadata));

    /// <summary>
    /// Reads one tensor's numbers in row-major order without libtorch, for programs that do not compute; float64 is
    /// rounded to float32.
    /// </summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="name">The name of the tensor.</param>
    /// <exception cref="SafetensorsException">The file is missing or damaged, or it has no such tensor of floats that
    /// fits into an array.</exception>
    public static (float[] Values, IReadOnlyList<long> Shape, IReadOnlyDictionary<string, string> Metadata) ReadFloats(
        string path,
        string name
    ) =>
        Reading(
            path,
            (stream, header) =>
            {
                var entry =
                    header.Entries.FirstOrDefault(entry => entry.Name == name)
                    ?? throw new FormatException($"it has no \"{name}\"");
                if (entry.Dtype is not (ScalarType.Float32 or ScalarType.Float64) || entry.Bytes > Array.MaxLength)
                    throw new FormatException(
                        $"\"{name}\" is {entry.Dtype} of {entry.Bytes} bytes, not float32 or float64 of at "
                            + $"most {Array.MaxLength}"
                    );
                stream.Seek(entry.Offset, SeekOrigin.Current);
                var bytes = new byte[entry.Bytes];
                stream.ReadExactly(bytes);
                float[] values =
                    entry.Dtype == ScalarType.Float32
                        ? MemoryMarshal.Cast<byte, float>(bytes).ToArray()
                        : Array.ConvertAll(MemoryMarshal.Cast<byte, double>(bytes).ToArray(), value => (float)value);
                return (values, entry.Shape, header.Metadata);
            }
        );

    /// <summary>Returns the bytes that <see cref="Write"/> would write.</summary>
    /// <exception cref="SafetensorsException">A dtype or name cannot be stored, or the result exceeds the 2 GiB of an
    /// array.</exception>
    internal static byte[] ToBytes(
        IReadOnlyDictionary<string, Tensor> tensors,
        IReadOnlyDictionary<string, string>? metadata = null
    )
    {
        try
        {
            var header = Plan(tensors, metadata);
            var all = new MemoryStream();
            all.Write(header.ToBytes());
            foreach (var entry in header.Entries)
                TensorBytes.EachPiece(tensors[entry.Name], bytes => all.Write(bytes));
            return all.ToArray();
        }
        catch (Exception error) when (error is FormatException or IOException)
        {
            throw new SafetensorsException($"The tensors cannot be stored: {error.Message}", error);
        }
    }

    /// <summary>
    /// Reads the bytes that <see cref="ToBytes"/> returned, with every check of <see cref="Read"/>.
    /// </summary>
    /// <exception cref="SafetensorsException">The bytes are damaged.</exception>
    internal static SafetensorsContent FromBytes(ReadOnlySpan<byte> bytes, string source)
    {
        try
        {
            var headerBytes = HeaderBytes(bytes.Length < LengthBytes ? [] : bytes[..LengthBytes], bytes.Length);
            var data = bytes[(LengthBytes + headerBytes)..];
            var header = SafetensorsHeader.Parse(bytes.Slice(LengthBytes, headerBytes), data.Length);
            unsafe
            {
                fixed (byte* start = data)
                {
                    var (next, left) = ((nint)start, data.Length);
                    return Tensors(
                        header,
                        target =>
                        {
                            new ReadOnlySpan<byte>((byte*)next, left)[..target.Length].CopyTo(target);
                            (next, left) = (next + target.Length, left - target.Length);
                        }
                    );
                }
            }
        }
        catch (FormatException error)
        {
            throw Unsound(source, error);
        }
    }

    private static T Reading<T>(string path, Func<FileStream, SafetensorsHeader, T> use)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            if (FileKind.Special(path) is { } kind)
                throw new FormatException($"it is {kind}, not a regular file");
            using var stream = new FileStream(
                path,
                FileMode.Open,
                FileAccess.Read,
                FileShare.Read | FileShare.Delete,
                1 << 16
            );
            var total = stream.Length;
            var length = new byte[Math.Min(total, LengthBytes)];
            stream.ReadExactly(length);
            var json = new byte[HeaderBytes(length, total)];
            stream.ReadExactly(json);
            return use(stream, SafetensorsHeader.Parse(json, total - LengthBytes - json.Length));
        }
        catch (FormatException error)
        {
            throw Unsound(path, error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new SafetensorsException($"{path} cannot be read: {error.Message}", error);
        }
    }

    /// <summary>
    /// Returns the length of the header, checked against the length of the file before anything is allocated for it.
    /// </summary>
    private static int HeaderBytes(ReadOnlySpan<byte> length, long total)
    {
        if (length.Length < LengthBytes)
            throw new FormatException($"it has {total} bytes, fewer than the {LengthBytes} of the header's length");
        var bytes = BinaryPrimitives.ReadUInt64LittleEndian(length);
        if (bytes > SafetensorsHeader.MaxBytes || bytes > (ulong)(total - LengthBytes))
            throw new FormatException(
                $"its header should have {bytes} bytes; the file has {total} and a header at most "
                    + $"{SafetensorsHeader.MaxBytes}"
            );
        return (int)bytes;
    }

    private static SafetensorsHeader Plan(
        IReadOnlyDictionary<string, Tensor> tensors,
        IReadOnlyDictionary<string, string>? metadata
    ) =>
        SafetensorsHeader.Plan(
            tensors.Select(pair => (pair.Key, pair.Value.dtype, pair.Value.shape)),
            metadata ?? new Dictionary<string, string>()
        );

    private static SafetensorsContent Tensors(SafetensorsHeader header, TensorBytes.PieceAction read)
    {
        using var scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var entry in header.Entries)
        {
            var tensor = Empty(entry);
            TensorBytes.EachPiece(
                tensor,
                piece =>
                {
                    read(piece);
                    // libtorch's kernels assume that a Bool is 0 or 1.
                    if (entry.Dtype == ScalarType.Bool && piece.ContainsAnyExceptInRange((byte)0, (byte)1))
                        throw new FormatException($"\"{entry.Name}\" is BOOL but contains a byte other than 0 and 1");
                }
            );
            tensors.Add(entry.Name, tensor);
        }
        foreach (var tensor in tensors.Values)
            tensor.MoveToOuterDisposeScope();
        return new SafetensorsContent(tensors, header.Metadata);
    }

    private static Tensor Empty(SafetensorsEntry entry)
    {
        try
        {
            return empty([.. entry.Shape], dtype: entry.Dtype, device: CPU);
        }
        catch (ExternalException error)
        {
            throw new FormatException($"\"{entry.Name}\" of {entry.Bytes} bytes does not fit in memory", error);
        }
    }

    private static SafetensorsException Unsound(string source, FormatException error) =>
        new($"{source} cannot be read as safetensors: {PlainText.Line(error.Message)}.", error);
}
