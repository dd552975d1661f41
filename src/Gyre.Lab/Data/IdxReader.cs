using System.Buffers.Binary;
using System.Globalization;

namespace Gyre.Lab.Data;

/// <summary>
/// Reads the IDX format of the MNIST family, plain or gzip (recognized by the first bytes), with integers of any type
/// whose values fit a byte. Layout: two zero bytes, a type, the number of dimensions, each dimension as a big-endian
/// 32-bit number, then the values, row-major and big-endian.
/// </summary>
internal static class IdxReader
{
    private const int MaxDimensions = 4;
    private const int Float = 0x0d;
    private const int Double = 0x0e;

    /// <summary>The width in bytes and the signedness of each integer type.</summary>
    private static readonly Dictionary<byte, (int Width, bool IsSigned)> Types = new()
    {
        [8] = (1, false),
        [9] = (1, true),
        [0x0b] = (2, true),
        [0x0c] = (4, true),
    };

    /// <summary>Reads images and their labels from two files.</summary>
    /// <exception cref="DataException">A file is missing or damaged, the files do not match, or a label is out of
    /// range. </exception>
    public static LabeledImages ReadPair(string imagesPath, string labelsPath, int classes)
    {
        var imagesName = UserFile.Shown(imagesPath, UserFile.PathLetters);
        var labelsName = UserFile.Shown(labelsPath, UserFile.PathLetters);
        return Join(
            Read(UserFile.Open(imagesPath), imagesName),
            imagesName,
            Read(UserFile.Open(labelsPath), labelsName),
            labelsName,
            classes
        );
    }

    /// <summary>As <see cref="ReadPair(string, string, int)"/>, from streams; the names are for messages.</summary>
    public static LabeledImages ReadPair(
        Stream images,
        string imagesName,
        Stream labels,
        string labelsName,
        int classes
    ) => Join(Read(images, imagesName), imagesName, Read(labels, labelsName), labelsName, classes);

    private static LabeledImages Join(
        (int[] Shape, byte[] Bytes) images,
        string imagesName,
        (int[] Shape, byte[] Bytes) labels,
        string labelsName,
        int classes
    )
    {
        if (labels.Shape.Length != 1)
            throw new DataException(
                $"{labelsName} must contain labels, with one dimension; it has {labels.Shape.Length}. Are "
                    + "the two files swapped?"
            );
        if (images.Shape.Length < 2)
            throw new DataException(
                $"{imagesName} must contain images, with at least two dimensions; it has "
                    + $"{images.Shape.Length}. Are the two files swapped?"
            );
        if (images.Shape[0] != labels.Shape[0])
            throw new DataException(
                $"{imagesName} has {images.Shape[0]} images, but {labelsName} has "
                    + $"{labels.Shape[0]} labels: they do not belong together."
            );
        var wrong = Array.FindIndex(labels.Bytes, label => label >= classes);
        if (wrong >= 0)
            throw new DataException(
                $"{labelsName}: label {labels.Bytes[wrong]} of sample {wrong} is out of range; "
                    + $"with {classes} classes labels are 0 to {classes - 1}."
            );
        return new LabeledImages(images.Bytes, images.Shape[1..], Array.ConvertAll(labels.Bytes, label => (int)label));
    }

    private static (int[] Shape, byte[] Bytes) Read(Stream stream, string name)
    {
        using (stream)
        {
            try
            {
                return Gzip.IsAt(stream)
                    ? Gzip.Read(stream, plain => ReadPlain(plain, name))
                    : ReadPlain(new BufferedStream(stream), name);
            }
            catch (Exception error) when (error is InvalidDataException or EndOfStreamException)
            {
                throw new DataException(
                    $"{name} is truncated or damaged: {error.Message} Download the file again.",
                    error
                );
            }
            catch (IOException error)
            {
                throw new DataException($"{name} cannot be read: {error.Message}", error);
            }
        }
    }

    private static (int[] Shape, byte[] Bytes) ReadPlain(Stream stream, string name)
    {
        Span<byte> word = stackalloc byte[4];
        stream.ReadExactly(word);
        if (word[0] != 0 || word[1] != 0)
            throw new DataException(
                $"{name} is not an IDX file: it must begin with two zero bytes, but begins with "
                    + $"{word[0]} and {word[1]}."
            );
        if (!Types.TryGetValue(word[2], out var type))
            throw new DataException(
                $"{name} contains "
                    + $"{(word[2] is Float or Double ? "floats" : "numbers of an unknown type")} (type "
                    + $"{word[2]}); integers "
                    + $"are supported (types {string.Join(", ", Types.Keys)}). Save it as unsigned bytes, or "
                    + "as numpy "
                    + "arrays (data.name = \"arrays\")."
            );
        if (word[3] is 0 or > MaxDimensions)
            throw new DataException($"{name} has {word[3]} dimensions; 1 to {MaxDimensions} are supported.");
        var shape = new long[word[3]];
        for (var i = 0; i < shape.Length; i++)
        {
            stream.ReadExactly(word);
            shape[i] = BinaryPrimitives.ReadUInt32BigEndian(word);
        }
        var length = shape.Aggregate((double)type.Width, (product, size) => product * size);
        if (length == 0)
            throw new DataException($"{name} is empty: its sizes are {string.Join(" × ", shape)}.");
        if (length > Array.MaxLength)
            throw new DataException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name} claims to contain "
                        + $"{string.Join(" × ", shape)} numbers of {type.Width} bytes; at most "
                        + $"{Array.MaxLength:N0} bytes are "
                        + $"read from an IDX file. Save more as numpy arrays (data.name = \"arrays\"), which are mapped."
                )
            );
        return (
            [.. shape.Select(size => (int)size)],
            Bytes(ReadBytes(stream, (int)length, name), type.Width, type.IsSigned, name)
        );
    }

    /// <summary>Returns the values as bytes.</summary>
    private static byte[] Bytes(byte[] data, int width, bool isSigned, string name)
    {
        if (width == 1 && !isSigned)
            return data;
        var bytes = new byte[data.Length / width];
        for (var i = 0; i < bytes.Length; i++)
        {
            var number = width switch
            {
                1 => (sbyte)data[i],
                2 => BinaryPrimitives.ReadInt16BigEndian(data.AsSpan(2 * i)),
                _ => BinaryPrimitives.ReadInt32BigEndian(data.AsSpan(4 * i)),
            };
            bytes[i] = number is >= 0 and <= 255
                ? (byte)number
                : throw new DataException(
                    $"{name} has the value {number} as "
                        + $"its number {i}; pixels and labels are 0 to 255. Save it as numpy arrays (data.name "
                        + "= \"arrays\"), "
                        + "which can hold any values."
                );
        }
        return bytes;
    }

    /// <summary>
    /// Grows with the bytes that exist, so that a false header cannot allocate memory that the file does not fill.
    /// </summary>
    private static byte[] ReadBytes(Stream stream, int length, string name)
    {
        using var collected = new MemoryStream(Math.Min(length, 1 << 20));
        var block = new byte[1 << 16];
        while (collected.Length < length)
        {
            var read = stream.Read(block, 0, (int)Math.Min(block.Length, length - collected.Length));
            if (read == 0)
                throw new DataException(
                    $"{name} is truncated: {collected.Length} of {length} bytes exist. Download the file again."
                );
            collected.Write(block, 0, read);
        }
        if (stream.ReadByte() >= 0)
            throw new DataException(
                $"{name} is longer than its header says ({length} bytes): it is damaged or has " + "another format."
            );
        return collected.ToArray();
    }
}
