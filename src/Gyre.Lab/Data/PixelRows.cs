using System.IO.MemoryMappedFiles;

namespace Gyre.Lab.Data;

/// <summary>Samples as bytes, one row per sample, in memory or read from a file on request.</summary>
internal abstract class PixelRows
{
    /// <summary>The number of rows.</summary>
    public abstract int Count { get; }

    /// <summary>Bytes per row.</summary>
    public abstract int Size { get; }

    /// <summary>Copies one row.</summary>
    public abstract void Read(int row, Span<byte> into);

    /// <summary>Returns all rows, one after the other; for small data.</summary>
    public byte[] ToArray()
    {
        var all = new byte[(long)Count * Size];
        for (var row = 0; row < Count; row++)
            Read(row, all.AsSpan(row * Size, Size));
        return all;
    }
}

/// <summary>Rows in memory.</summary>
/// <param name="bytes">The bytes, row after row.</param>
/// <param name="size">Bytes per row.</param>
internal sealed class MemoryPixels(byte[] bytes, int size) : PixelRows
{
    /// <inheritdoc/>
    public override int Count => size == 0 ? 0 : bytes.Length / size;

    /// <inheritdoc/>
    public override int Size => size;

    /// <inheritdoc/>
    public override void Read(int row, Span<byte> into) => bytes.AsSpan(row * size, size).CopyTo(into);
}

/// <summary>
/// Rows of a memory-mapped file. The operating system reads the requested pages and may drop them again, so the data
/// may be larger than memory. The mapping exists until this object is garbage-collected.
/// </summary>
internal sealed class MappedPixels : PixelRows
{
    private readonly MemoryMappedViewAccessor _view;
    private readonly long _offset;
    private readonly long _stride;

    /// <summary>Maps a file.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="offset">Bytes before the first row.</param>
    /// <param name="stride">Bytes from row to row.</param>
    /// <param name="size">Bytes per row.</param>
    /// <param name="count">The number of rows.</param>
    /// <exception cref="DataException">The file cannot be read, or is too short.</exception>
    public MappedPixels(string path, long offset, long stride, int size, int count)
    {
        (_offset, _stride, Size, Count) = (offset, stride, size, count);
        using var file = UserFile.Open(path);
        var (needed, name) = (offset + (count - 1) * stride + size, UserFile.Shown(path, UserFile.PathLetters));
        if (count > 0 && file.Length < needed)
            throw new DataException(
                $"{name} is truncated: {file.Length} of {needed} bytes exist. Download the file again."
            );
        try
        {
            using var mapped = MemoryMappedFile.CreateFromFile(
                file,
                null,
                0,
                MemoryMappedFileAccess.Read,
                HandleInheritability.None,
                leaveOpen: true
            );
            _view = mapped.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new DataException($"{name} cannot be read: {error.Message}", error);
        }
    }

    /// <inheritdoc/>
    public override int Count { get; }

    /// <inheritdoc/>
    public override int Size { get; }

    /// <inheritdoc/>
    public override void Read(int row, Span<byte> into) =>
        _view.SafeMemoryMappedViewHandle.ReadSpan((ulong)(_offset + row * _stride), into[..Size]);
}

/// <summary>The rows of several parts, one after the other.</summary>
/// <param name="parts">Parts of the same row size.</param>
internal sealed class JoinedPixels(IReadOnlyList<PixelRows> parts) : PixelRows
{
    /// <inheritdoc/>
    public override int Count { get; } = parts.Sum(part => part.Count);

    /// <inheritdoc/>
    public override int Size => parts[0].Size;

    /// <inheritdoc/>
    public override void Read(int row, Span<byte> into)
    {
        var part = 0;
        for (; row >= parts[part].Count; part++)
            row -= parts[part].Count;
        parts[part].Read(row, into);
    }
}
