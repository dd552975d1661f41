using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Gyre.Lab.Data;

/// <summary>The header of a .npy file, format versions 1 to 3, in every form that numpy reads.</summary>
/// <param name="Shape">Every dimension, samples first.</param>
/// <param name="Type">Type of the values.</param>
/// <param name="IsFortran">Whether the first dimension varies fastest.</param>
/// <param name="Bytes">Length of the header in bytes; the data follow it.</param>
internal sealed record NpyHeader(int[] Shape, NpyType Type, bool IsFortran, long Bytes)
{
    private const int MostDimensions = 64; // numpy's own limit, and libtorch's
    private const int MostBytes = 1 << 16;
    private static readonly string[] Keys = ["descr", "fortran_order", "shape"];

    /// <summary>Values per sample.</summary>
    public int SampleSize => Shape.Skip(1).Aggregate(1, (product, size) => product * size);

    /// <summary>The number of data bytes that the header requires.</summary>
    public long DataBytes => (long)Shape[0] * SampleSize * Type.Width;

    /// <summary>Reads a header from the start of a stream.</summary>
    /// <exception cref="DataException">The stream has no array, or one that cannot be used.</exception>
    /// <exception cref="EndOfStreamException">The stream ends within the header.</exception>
    public static NpyHeader Read(Stream stream, string name)
    {
        Span<byte> start = stackalloc byte[8];
        stream.ReadExactly(start);
        if (start[0] != 0x93 || !start[1..6].SequenceEqual("NUMPY"u8))
            throw new DataException(
                $"{name} is not a numpy array: it must begin with \\x93NUMPY. Save it with numpy.save."
            );
        if (start[6] is < 1 or > 3 || start[7] != 0)
            throw new DataException(
                $"{name} has format version {start[6]}.{start[7]}; 1.0, 2.0 and 3.0 are supported. "
                    + "Save it with numpy.save."
            );
        Span<byte> length = stackalloc byte[start[6] == 1 ? 2 : 4];
        stream.ReadExactly(length);
        var size =
            start[6] == 1
                ? BinaryPrimitives.ReadUInt16LittleEndian(length)
                : BinaryPrimitives.ReadUInt32LittleEndian(length);
        if (size > MostBytes)
            throw new DataException(
                $"{name} has a header of {size} bytes; the header of a numeric array has a few hundred, "
                    + $"and at most {MostBytes} are supported. Save it with numpy.save."
            );
        var text = new byte[size];
        stream.ReadExactly(text);
        var entries =
            PythonDictionary.TryParse(Encoding.Latin1.GetString(text)) is { } found
            && found.Keys.Order(StringComparer.Ordinal).SequenceEqual(Keys)
                ? found
                : throw new DataException(
                    $"{name} has the header {Quoted(Encoding.Latin1.GetString(text))}, which is not "
                        + "a dictionary of descr, fortran_order and shape. Save it with numpy.save."
                );
        return new NpyHeader(
            ShapeOf(entries["shape"], name),
            NpyType.Parse(entries["descr"], name),
            IsTrue(entries["fortran_order"], name),
            start.Length + length.Length + size
        );
    }

    private static bool IsTrue(string order, string name) =>
        order switch
        {
            "True" => true,
            "False" => false,
            _ => throw new DataException(
                $"{name} has fortran_order {Quoted(order)} in its header; it must be True or False. "
                    + "Save it with numpy.save."
            ),
        };

    /// <summary>Reads a tuple of sizes; Python 2 wrote an L after each.</summary>
    private static int[] ShapeOf(string shape, string name)
    {
        string[] sizes = shape is ['(', .., ')'] ? shape[1..^1].Split(',', StringSplitOptions.TrimEntries) : ["?"];
        sizes = sizes is [.. var most, ""] ? most : sizes;
        var isTuple = sizes.Length != 1 || shape.Contains(',', StringComparison.Ordinal);
        decimal[] numbers = [.. sizes.Select(SizeOf)];
        if (!isTuple || numbers.Contains(-1))
            throw new DataException(
                $"{name} has shape {Quoted(shape)} in its header, which is not a tuple of "
                    + "integers. Save it with numpy.save."
            );
        if (numbers.Length is 0 or > MostDimensions)
            throw new DataException(
                $"{name} has {numbers.Length} dimensions (shape {Quoted(shape)}); 1 to "
                    + $"{MostDimensions} are supported, samples first."
            );
        var sample = numbers.Skip(1).Aggregate(1.0, (product, size) => product * (double)size);
        if (sample > int.MaxValue / 8 || numbers.Any(size => size > int.MaxValue))
            throw new DataException(
                $"{name} has shape {Quoted(shape)}; at most {int.MaxValue} samples of at most "
                    + $"{int.MaxValue / 8} values are supported. Save fewer."
            );
        return [.. numbers.Select(size => (int)size)];
    }

    /// <summary>Parses a size; −1 if the text is not a size.</summary>
    private static decimal SizeOf(string text) =>
        decimal.TryParse(text.TrimEnd('L', 'l'), NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            ? size
            : -1;

    private static string Quoted(string text) => UserFile.Shown(text.Trim());
}

/// <summary>The type of an array's values.</summary>
/// <param name="Kind">b, i, u or f, as in numpy.</param>
/// <param name="Width">Bytes per value.</param>
/// <param name="IsBigEndian">Whether the most significant byte comes first.</param>
internal sealed record NpyType(char Kind, int Width, bool IsBigEndian)
{
    /// <summary>Numpy's names of Boolean, integer and float types with the same width on all machines.</summary>
    private static readonly Dictionary<string, (char Kind, int Width)> Known = new string[][]
    {
        ["b1", "?", "bool", "bool_"],
        ["i1", "b", "int8", "byte"],
        ["i2", "h", "int16", "short"],
        ["i4", "i", "int32", "intc"],
        ["i8", "q", "int64", "longlong"],
        ["u1", "B", "uint8", "ubyte"],
        ["u2", "H", "uint16", "ushort"],
        ["u4", "I", "uint32", "uintc"],
        ["u8", "Q", "uint64", "ulonglong"],
        ["f2", "e", "float16", "half"],
        ["f4", "f", "float32", "single"],
        ["f8", "d", "float64", "double", "float"],
    }
        .SelectMany(names => names.Select(name => (Name: name, Type: (names[0][0], names[0][1] - '0'))))
        .ToDictionary(pair => pair.Name, pair => pair.Type, StringComparer.Ordinal);

    /// <summary>Whether the values are integers.</summary>
    public bool IsWhole => Kind != 'f';

    /// <summary>Returns the type of a header's descr.</summary>
    /// <exception cref="DataException">The type is not numeric.</exception>
    public static NpyType Parse(string descr, string name)
    {
        var text = PythonDictionary.Text(descr);
        var plain = text is ['<' or '>' or '=' or '|', .. var after] ? after : text;
        if (plain is not null && Known.TryGetValue(plain, out var type))
            return new NpyType(type.Kind, type.Width, text![0] == '>');
        throw new DataException(
            $"{name} contains {TypeText(plain)} ({UserFile.Shown(text ?? descr)}), not numbers. "
                + "Save it with a numeric dtype, such as array.astype(\"float32\")."
        );
    }

    /// <summary>Returns a value from its bytes.</summary>
    public double Number(ReadOnlySpan<byte> bytes)
    {
        Span<byte> little = stackalloc byte[8];
        bytes.CopyTo(little);
        if (IsBigEndian)
            little[..Width].Reverse();
        return (Kind, Width) switch
        {
            ('b', 1) => little[0] == 0 ? 0 : 1,
            ('u', 1) => little[0],
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

    private static string TypeText(string? type) =>
        type switch
        {
            null => "records",
            ['O', ..] => "Python objects",
            ['U' or 'S' or 'a', ..] => "text",
            ['c', ..] => "complex numbers",
            ['M' or 'm', ..] => "dates or durations",
            ['f' or 'g', ..] => "floats of an unsupported width",
            ['V', ..] => "raw bytes",
            _ => "values of another type",
        };
}
