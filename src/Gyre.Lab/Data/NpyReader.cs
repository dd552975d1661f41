using System.IO.MemoryMappedFiles;

namespace Gyre.Lab.Data;

/// <summary>
/// Reads arrays as numpy writes them (.npy): Booleans, integers and floats of up to 64 bits, in either byte order.
/// </summary>
internal sealed class NpyReader : NumberRows
{
    private readonly Func<long, int, ReadOnlyMemory<byte>> _bytes;
    private readonly NpyHeader _header;

    private NpyReader(NpyHeader header, Func<long, int, ReadOnlyMemory<byte>> bytes)
    {
        (_header, _bytes, Shape, Size) = (header, bytes, header.Shape, header.SampleSize);
    }

    /// <summary>Every dimension, samples first.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>Whether the values are integers.</summary>
    public bool IsWhole => _header.Type.IsWhole;

    /// <inheritdoc/>
    public override int Count => Shape[0];

    /// <inheritdoc/>
    public override int Size { get; }

    /// <inheritdoc/>
    public override void Read(int row, Span<double> into)
    {
        var (type, width) = (_header.Type, _header.Type.Width);
        if (_header.IsFortran)
        {
            for (var i = 0; i < Size; i++)
                into[i] = type.Number(_bytes((row + FortranPlace(i) * Count) * width, width).Span);
            return;
        }
        var bytes = _bytes((long)row * Size * width, Size * width).Span;
        for (var i = 0; i < Size; i++)
            into[i] = type.Number(bytes.Slice(i * width, width));
    }

    /// <summary>
    /// Maps a file into memory. Only the requested rows are read, so the array may be larger than memory.
    /// </summary>
    /// <exception cref="DataException">The array cannot be used; the message has the reason and the fix.</exception>
    public static NpyReader Open(string path)
    {
        var name = UserFile.Shown(path, UserFile.PathLetters);
        try
        {
            using var file = UserFile.Open(path);
            var header = NpyHeader.Read(file, name);
            Check(header, file.Length - header.Bytes, name);
            if (header.DataBytes == 0)
                return new NpyReader(header, (_, _) => ReadOnlyMemory<byte>.Empty);
            using var mapped = MemoryMappedFile.CreateFromFile(
                file,
                null,
                0,
                MemoryMappedFileAccess.Read,
                HandleInheritability.None,
                leaveOpen: true
            );
            var view = mapped.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
            var buffer = Array.Empty<byte>();
            return new NpyReader(
                header,
                (at, count) =>
                {
                    if (buffer.Length < count)
                        buffer = new byte[count];
                    view.SafeMemoryMappedViewHandle.ReadSpan((ulong)(header.Bytes + at), buffer.AsSpan(0, count));
                    return buffer.AsMemory(0, count);
                }
            );
        }
        catch (EndOfStreamException error)
        {
            throw Headless(name, error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new DataException($"{name} cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Reads an array from the bytes of a whole file.</summary>
    /// <param name="bytes">The bytes, which are not copied.</param>
    /// <param name="name">Name for messages.</param>
    /// <exception cref="DataException">The array cannot be used.</exception>
    public static NpyReader Create(byte[] bytes, string name)
    {
        try
        {
            var header = NpyHeader.Read(new MemoryStream(bytes), name);
            Check(header, bytes.Length - header.Bytes, name);
            return new NpyReader(header, (at, count) => bytes.AsMemory((int)(header.Bytes + at), count));
        }
        catch (EndOfStreamException error)
        {
            throw Headless(name, error);
        }
    }

    private static void Check(NpyHeader header, long there, string name)
    {
        if (header.DataBytes > there)
            throw new DataException(
                $"{name} is truncated: its header requires {header.DataBytes} bytes of data, but "
                    + $"there are {there}. Save it again."
            );
        if (header.DataBytes < there)
            throw new DataException(
                $"{name} is longer than it should be: its header requires {header.DataBytes} bytes "
                    + $"of data, but there are {there}. A file contains one array: save it again with a single numpy.save."
            );
    }

    private static DataException Headless(string name, Exception error) =>
        new($"{name} is truncated: its header is incomplete. Save it again.", error);

    /// <summary>
    /// Converts the index of a value within a sample from row-major to column-major order (first dimension fastest).
    /// </summary>
    private long FortranPlace(int i)
    {
        var (place, rest) = (0L, i);
        for (var (dimension, stride) = (Shape.Count - 1, (long)Size); dimension > 0; dimension--)
        {
            stride /= Shape[dimension];
            place += rest % Shape[dimension] * stride;
            rest /= Shape[dimension];
        }
        return place;
    }
}
