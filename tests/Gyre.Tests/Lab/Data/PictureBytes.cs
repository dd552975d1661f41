using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using ICSharpCode.SharpZipLib.Checksum;

namespace Gyre.Tests.Lab.Data;

/// <summary>Picture files byte by byte, by the descriptions of their formats.</summary>
internal static class PictureBytes
{
    /// <summary>A PNG of 8 bits a sample: red, green, blue and, of four channels, alpha.</summary>
    public static byte[] Png(int width, int height, int channels, byte[] samples, params byte[][] chunks)
    {
        var rows = samples.Chunk(width * channels).SelectMany(row => row.Prepend((byte)0));
        return Png(
            width,
            height,
            8,
            channels switch
            {
                1 => 0,
                3 => 2,
                _ => 6,
            },
            [.. rows],
            chunks
        );
    }

    /// <summary>A PNG of any kind; every row of the data begins with its filter, 0.</summary>
    public static byte[] Png(int width, int height, byte depth, int color, byte[] data, params byte[][] chunks)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (depth, (byte)color);
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            zlib.Write(data);
        return
        [
            0x89,
            .. "PNG\r\n"u8,
            0x1a,
            0x0a,
            .. Chunk("IHDR", header),
            .. chunks.SelectMany(chunk => chunk),
            .. Chunk("IDAT", packed.ToArray()),
            .. Chunk("IEND", []),
        ];
    }

    /// <summary>A chunk of a PNG with its checksum.</summary>
    public static byte[] Chunk(string name, byte[] data)
    {
        byte[] summed = [.. Encoding.ASCII.GetBytes(name), .. data];
        var sum = new Crc32();
        sum.Update(summed);
        return [.. BigEndian(data.Length), .. summed, .. BigEndian((int)sum.Value)];
    }

    /// <summary>EXIF data with an orientation alone.</summary>
    public static byte[] Exif(byte orientation) =>
        [.. "MM"u8, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0];

    /// <summary>A JPEG with EXIF data put in.</summary>
    public static byte[] WithExif(byte[] jpeg, byte orientation)
    {
        byte[] exif = [.. "Exif"u8, 0, 0, .. Exif(orientation)];
        return [.. jpeg[..2], 0xff, 0xe1, 0, (byte)(exif.Length + 2), .. exif, .. jpeg[2..]];
    }

    /// <summary>A square WebP of the simple form in the extended one, with EXIF data.</summary>
    public static byte[] WebpWithExif(byte[] webp, byte side, byte orientation)
    {
        byte[] body =
        [
            .. "WEBPVP8X"u8,
            10,
            0,
            0,
            0,
            8,
            0,
            0,
            0,
            (byte)(side - 1),
            0,
            0,
            (byte)(side - 1),
            0,
            0,
            .. webp[12..],
            .. "EXIF"u8,
            .. BitConverter.GetBytes(Exif(orientation).Length),
            .. Exif(orientation),
        ];
        return [.. "RIFF"u8, .. BitConverter.GetBytes(body.Length), .. body];
    }

    /// <summary>A baseline JPEG of 8×8 pixels of one color: each component is its mean, and nothing else.</summary>
    public static byte[] Jpeg(byte[] components, byte precision = 8)
    {
        var bits = new StringBuilder();
        foreach (var value in components)
        {
            var mean = value - 128;
            var size = mean == 0 ? 0 : (int)Math.Log2(Math.Abs(mean)) + 1;
            var magnitude = mean > 0 ? mean : mean + (1 << size) - 1;
            bits.Append(Bits(size, 4)).Append(size == 0 ? "" : Bits(magnitude, size)).Append('0');
        }
        var padded = bits.ToString().PadRight((bits.Length + 7) / 8 * 8, '1');
        var coded = padded
            .Chunk(8)
            .Select(part => Convert.ToByte(new string(part), 2))
            .SelectMany(part => part == 0xff ? new byte[] { 0xff, 0 } : [part]);
        var count = (byte)components.Length;
        byte[] numbers = [.. Enumerable.Range(1, count).Select(number => (byte)number)];
        byte[] frame = [precision, 0, 8, 0, 8, count, .. numbers.SelectMany(number => new byte[] { number, 0x11, 0 })];
        byte[] meanCodes = [0, 0, 0, 0, 12, .. new byte[12], .. Enumerable.Range(0, 12).Select(size => (byte)size)];
        byte[] scan = [count, .. numbers.SelectMany(number => new byte[] { number, 0 }), 0, 63, 0];
        return
        [
            .. JpegMarker(0xd8),
            .. JpegSegment(0xee, [.. "Adobe"u8, 0, 100, 0, 0, 0, 0, 0]),
            .. JpegSegment(0xdb, [0, .. Enumerable.Repeat((byte)8, 64)]),
            .. JpegSegment(0xc0, frame),
            .. JpegSegment(0xc4, meanCodes),
            .. JpegSegment(0xc4, [0x10, 1, .. new byte[15], 0]),
            .. JpegSegment(0xda, scan),
            .. coded,
            .. JpegMarker(0xd9),
        ];
    }

    private static byte[] JpegMarker(byte kind) => [0xff, kind];

    /// <summary>A segment of at most 253 bytes, with its length, which counts the two bytes that hold it.</summary>
    private static byte[] JpegSegment(byte kind, byte[] body) =>
        [.. JpegMarker(kind), 0, (byte)(body.Length + 2), .. body];

    /// <summary>A GIF of 2×1 pixels, red and blue, so many times.</summary>
    public static byte[] Gif(int pictures)
    {
        byte[] picture = [0x21, 0xf9, 4, 0, 10, 0, 0, 0, 0x2c, 0, 0, 0, 0, 2, 0, 1, 0, 0, 2, 2, 0x44, 0x0a, 0];
        return
        [
            .. "GIF89a"u8,
            2,
            0,
            1,
            0,
            0x80,
            0,
            0,
            255,
            0,
            0,
            0,
            0,
            255,
            .. Enumerable.Repeat(picture, pictures).SelectMany(one => one),
            0x3b,
        ];
    }

    private static string Bits(int value, int count) => Convert.ToString(value, 2).PadLeft(count, '0');

    private static byte[] BigEndian(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}
