using System.Buffers.Binary;
using System.Globalization;
using System.IO.MemoryMappedFiles;
using System.Text;
using System.Text.RegularExpressions;

namespace Gyre.Lab.Data;

/// <summary>An array as numpy writes it (.npy, format versions 1 to 3): whole numbers and floats of any width, row-major.</summary>
public sealed partial class NpyReader : NumberRows
{
    private const int MostDimensions = 8;
    private const int MostHeader = 1 << 20;

    private readonly Func<long, int, ReadOnlyMemory<byte>> _bytes;
    private readonly string _type;
    private readonly int _width;

    private NpyReader(int[] shape, string type, int width, Func<long, int, ReadOnlyMemory<byte>> bytes)
    {
        (Shape, _type, _width, _bytes) = (shape, type, width, bytes);
        Size = shape.Skip(1).Aggregate(1, (product, size) => checked(product * size));
    }

    /// <summary>Every dimension, the samples' first.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>Whether its numbers are whole.</summary>
    public bool IsWhole => _type[1] is not 'f';

    /// <summary>Whether its numbers are bytes.</summary>
    public bool IsBytes => _type is "|u1";

    /// <inheritdoc/>
    public override int Count => Shape[0];

    /// <inheritdoc/>
    public override int Size { get; }

    /// <inheritdoc/>
    public override void Read(int row, Span<double> into)
    {
        var bytes = _bytes((long)row * Size * _width, Size * _width).Span;
        for (var i = 0; i < Size; i++)
            into[i] = Number(bytes.Slice(i * _width, _width));
    }

    /// <summary>Maps a file into memory; of an array larger than memory only the rows asked for are read.</summary>
    /// <exception cref="DataException">Not an array that can be used; the message says why and what to do.</exception>
    public static NpyReader Open(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            var length = file.Length;
            var (shape, type, width, offset) = Header(file, path);
            Check(path, shape, width, length - offset);
            if (length - offset == 0)
                return new NpyReader(shape, type, width, (_, _) => ReadOnlyMemory<byte>.Empty);
            var view = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read).CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
            var buffer = Array.Empty<byte>();
            return new NpyReader(shape, type, width, (at, count) =>
            {
                if (buffer.Length < count)
                    buffer = new byte[count];
                view.SafeMemoryMappedViewHandle.ReadSpan((ulong)(offset + at), buffer.AsSpan(0, count));
                return buffer.AsMemory(0, count);
            });
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw error is EndOfStreamException ? new DataException($"{path} is truncated: not even its header is whole. Save it again.", error) : new DataException($"{path} cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Reads an array of a stream into memory.</summary>
    /// <param name="stream">Its bytes.</param>
    /// <param name="name">For messages.</param>
    /// <param name="most">Bytes that its data may take.</param>
    /// <exception cref="DataException">Not an array that can be used.</exception>
    public static NpyReader Read(Stream stream, string name, long most)
    {
        try
        {
            var (shape, type, width, _) = Header(stream, name);
            var bytes = checked(shape.Aggregate((long)width, (product, size) => product * size));
            if (bytes > most || bytes > Array.MaxLength)
                throw new DataException($"{name} declares {bytes} bytes of data, more than its file can hold in earnest. It is damaged or made to fill memory.");
            var data = new byte[bytes];
            stream.ReadExactly(data);
            return stream.ReadByte() < 0 ? new NpyReader(shape, type, width, (at, count) => data.AsMemory((int)at, count)) : throw new DataException($"{name} is longer than its header says: it is damaged. Save it again.");
        }
        catch (Exception error) when (error is EndOfStreamException or OverflowException or InvalidDataException)
        {
            throw new DataException($"{name} is truncated or damaged. Save it again.", error);
        }
    }

    private static void Check(string path, int[] shape, int width, long there)
    {
        var bytes = shape.Aggregate((double)width, (product, size) => product * size);
        if (bytes != there)
            throw new DataException($"{path} is {(bytes > there ? "truncated" : "longer than it should be")}: its header asks for {bytes:0} bytes of data and {there} are there. Save it again.");
    }

    private static (int[] Shape, string Type, int Width, long Offset) Header(Stream stream, string name)
    {
        Span<byte> start = stackalloc byte[8];
        stream.ReadExactly(start);
        if (start[0] != 0x93 || !start[1..6].SequenceEqual("NUMPY"u8))
            throw new DataException($"{name} is not a numpy array: it must begin with \\x93NUMPY. Save it by numpy.save.");
        if (start[6] is < 1 or > 3)
            throw new DataException($"{name} has format version {start[6]}; 1 to 3 are known. Save it by numpy.save.");
        Span<byte> length = stackalloc byte[start[6] == 1 ? 2 : 4];
        stream.ReadExactly(length);
        var size = start[6] == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(length) : BinaryPrimitives.ReadUInt32LittleEndian(length);
        if (size > MostHeader)
            throw new DataException($"{name} has a header of {size} bytes: it is damaged.");
        var bytes = new byte[size];
        stream.ReadExactly(bytes);
        var (shape, type, width) = Parsed(Encoding.Latin1.GetString(bytes), name);
        return (shape, type, width, start.Length + length.Length + size);
    }

    private static (int[] Shape, string Type, int Width) Parsed(string header, string name)
    {
        var (type, order, shape) = (TypeField().Match(header), OrderField().Match(header), ShapeField().Match(header));
        if (!order.Success || !shape.Success)
            throw new DataException($"{name} has a header that is not numpy's: it is damaged. Save it again.");
        if (!type.Success || !KnownType().IsMatch(type.Groups[1].Value))
            throw new DataException($"{name} holds {(type.Success ? type.Groups[1].Value : "records or objects")}, not plain numbers. Save it with a plain dtype, such as array.astype(\"float32\").");
        if (order.Groups[1].Value == "True")
            throw new DataException($"{name} is in Fortran order. Save numpy.ascontiguousarray(array).");
        int[] sizes = [.. shape.Groups[1].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(size => int.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var whole) ? whole : -1)];
        if (sizes.Length is 0 or > MostDimensions || sizes.Any(size => size < 0) || sizes.Skip(1).Aggregate(1.0, (product, size) => product * size) > int.MaxValue / 8)
            throw new DataException($"{name} has shape ({shape.Groups[1].Value}): one to {MostDimensions} dimensions are needed, the samples' first.");
        return (sizes, type.Groups[1].Value, int.Parse(type.Groups[1].Value[2..], CultureInfo.InvariantCulture));
    }

    private double Number(ReadOnlySpan<byte> bytes)
    {
        Span<byte> little = stackalloc byte[8];
        bytes.CopyTo(little);
        if (_type[0] == '>')
            little[.._width].Reverse();
        return (_type[1], _width) switch
        {
            ('b' or 'u', 1) => little[0],
            ('i', 1) => (sbyte)little[0],
            ('i', 2) => BinaryPrimitives.ReadInt16LittleEndian(little),
            ('u', 2) => BinaryPrimitives.ReadUInt16LittleEndian(little),
            ('i', 4) => BinaryPrimitives.ReadInt32LittleEndian(little),
            ('u', 4) => BinaryPrimitives.ReadUInt32LittleEndian(little),
            ('i', 8) => BinaryPrimitives.ReadInt64LittleEndian(little),
            ('u', 8) => BinaryPrimitives.ReadUInt64LittleEndian(little),
            ('f', 2) => (double)BinaryPrimitives.ReadHalfLittleEndian(little),
            ('f', 4) => BinaryPrimitives.ReadSingleLittleEndian(little),
            _ => BinaryPrimitives.ReadDoubleLittleEndian(little),
        };
    }

    [GeneratedRegex(@"'descr'\s*:\s*'([^']*)'")]
    private static partial Regex TypeField();

    [GeneratedRegex(@"'fortran_order'\s*:\s*(True|False)")]
    private static partial Regex OrderField();

    [GeneratedRegex(@"'shape'\s*:\s*\(([^)]*)\)")]
    private static partial Regex ShapeField();

    [GeneratedRegex(@"^([|<>=](b1|u1|i1)|[<>=]([iu][248]|f[248]))$")]
    private static partial Regex KnownType();
}
