using System.Buffers.Binary;
using System.IO.Compression;

namespace Gyre.Lab.Data;

/// <summary>
/// Reads the IDX format of the MNIST family (bytes only), plain or gzip, told apart by their first bytes.
/// Layout: two zero bytes, type 8 (unsigned byte), number of dimensions, each dimension as a big-endian 32-bit number, then the bytes, row-major.
/// </summary>
public static class IdxReader
{
    private const int MaxDimensions = 4;

    /// <summary>Images and their labels from two files.</summary>
    /// <exception cref="DataException">A file is missing, not IDX, truncated, too long, or does not fit the other; or a label is out of range.</exception>
    public static LabelledImages ReadPair(string imagesPath, string labelsPath, int classes) =>
        Join(Read(Open(imagesPath), imagesPath), imagesPath, Read(Open(labelsPath), labelsPath), labelsPath, classes);

    /// <summary>As <see cref="ReadPair(string, string, int)"/>, from streams; the names are for messages.</summary>
    public static LabelledImages ReadPair(Stream images, string imagesName, Stream labels, string labelsName, int classes) =>
        Join(Read(images, imagesName), imagesName, Read(labels, labelsName), labelsName, classes);

    private static FileStream Open(string path)
    {
        try
        {
            return File.OpenRead(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new DataException($"{path} cannot be read: {error.Message}", error);
        }
    }

    private static LabelledImages Join((int[] Shape, byte[] Bytes) images, string imagesName, (int[] Shape, byte[] Bytes) labels, string labelsName, int classes)
    {
        if (labels.Shape.Length != 1)
            throw new DataException($"{labelsName} must hold labels, one dimension; it has {labels.Shape.Length}. Are the two files exchanged?");
        if (images.Shape.Length < 2)
            throw new DataException($"{imagesName} must hold images, at least two dimensions; it has {images.Shape.Length}. Are the two files exchanged?");
        if (images.Shape[0] != labels.Shape[0])
            throw new DataException($"{imagesName} holds {images.Shape[0]} images, but {labelsName} holds {labels.Shape[0]} labels: they do not belong together.");
        var wrong = Array.FindIndex(labels.Bytes, label => label >= classes);
        if (wrong >= 0)
            throw new DataException($"{labelsName}: label {labels.Bytes[wrong]} of sample {wrong} is out of range; with {classes} classes labels are 0 to {classes - 1}.");
        return new LabelledImages(images.Bytes, images.Shape[1..], Array.ConvertAll(labels.Bytes, label => (int)label));
    }

    private static (int[] Shape, byte[] Bytes) Read(Stream stream, string name)
    {
        using (stream)
        {
            try
            {
                var zipped = IsGzip(stream);
                using var plain = zipped ? new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true) : (Stream)new BufferedStream(stream);
                var read = ReadPlain(plain, name);
                if (zipped)
                    CheckTrailer(stream, 4 + 4 * read.Shape.Length + read.Bytes.Length, name);
                return read;
            }
            catch (Exception error) when (error is InvalidDataException or EndOfStreamException)
            {
                throw new DataException($"{name} is truncated or damaged: {error.Message} Get the file again.", error);
            }
            catch (IOException error)
            {
                throw new DataException($"{name} cannot be read: {error.Message}", error);
            }
        }
    }

    private static bool IsGzip(Stream stream)
    {
        if (!stream.CanSeek)
            throw new ArgumentException("The stream must be seekable.", nameof(stream));
        Span<byte> magic = stackalloc byte[2];
        var zipped = stream.ReadAtLeast(magic, 2, throwOnEndOfStream: false) == 2 && magic[0] == 0x1f && magic[1] == 0x8b;
        stream.Position = 0;
        return zipped;
    }

    /// <summary>GZipStream checks the checksum of a whole file but says nothing where the file ends before it. The last four bytes are the length unzipped.</summary>
    private static void CheckTrailer(Stream stream, long unzipped, string name)
    {
        Span<byte> length = stackalloc byte[4];
        stream.Seek(-4, SeekOrigin.End);
        stream.ReadExactly(length);
        if (BinaryPrimitives.ReadUInt32LittleEndian(length) != unzipped)
            throw new DataException($"{name} is truncated, or joined from several gzip files: its end does not tell the {unzipped} bytes that it holds. Get the file again, or unzip it.");
    }

    private static (int[] Shape, byte[] Bytes) ReadPlain(Stream stream, string name)
    {
        Span<byte> word = stackalloc byte[4];
        stream.ReadExactly(word);
        if (word[0] != 0 || word[1] != 0)
            throw new DataException($"{name} is not an IDX file: it must begin with two zero bytes.");
        if (word[2] != 8)
            throw new DataException($"{name}: only unsigned bytes (type 8) are supported; this file has type {word[2]}.");
        if (word[3] is 0 or > MaxDimensions)
            throw new DataException($"{name}: {word[3]} dimensions; between 1 and {MaxDimensions} are supported.");
        var shape = new int[word[3]];
        var length = 1L;
        for (var i = 0; i < shape.Length; i++)
        {
            stream.ReadExactly(word);
            var size = BinaryPrimitives.ReadUInt32BigEndian(word);
            length = size is 0 or > int.MaxValue ? long.MaxValue : length > int.MaxValue ? length : length * size;
            shape[i] = unchecked((int)size);
        }
        if (length > Array.MaxLength)
            throw new DataException($"{name}: its header asks for an impossible size ({string.Join(" × ", shape.Select(size => (uint)size))}).");
        return (shape, ReadBytes(stream, (int)length, name));
    }

    /// <summary>Grows with what is really there, so that a false header cannot ask for memory the file does not fill.</summary>
    private static byte[] ReadBytes(Stream stream, int length, string name)
    {
        using var collected = new MemoryStream(Math.Min(length, 1 << 20));
        var block = new byte[1 << 16];
        while (collected.Length < length)
        {
            var read = stream.Read(block, 0, (int)Math.Min(block.Length, length - collected.Length));
            if (read == 0)
                throw new DataException($"{name} is truncated: {collected.Length} of {length} bytes are there. Get the file again.");
            collected.Write(block, 0, read);
        }
        if (stream.ReadByte() >= 0)
            throw new DataException($"{name} is longer than its header says ({length} bytes): it is damaged or not what it claims to be.");
        return collected.ToArray();
    }
}
