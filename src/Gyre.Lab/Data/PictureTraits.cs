using System.Buffers.Binary;
using ICSharpCode.SharpZipLib.Checksum;

namespace Gyre.Lab.Data;

/// <summary>Properties of an image file that the decoder does not report.</summary>
/// <param name="Bits">Bits per sample; 0 if the format has at most 8.</param>
/// <param name="HasMore">Whether other images follow the first, as in an animation or a file with several
/// images.</param>
/// <param name="IsInks">Whether the file contains amounts of four inks (CMYK) instead of light.</param>
/// <param name="Orientation">The EXIF orientation, 1 to 8; 0 if it is not recorded here.</param>
/// <param name="IsPlain">Whether its colors are equivalent to sRGB: a gamma of 1/2.2 with the usual primaries,
/// without a profile.</param>
internal sealed record PictureTraits(
    int Bits = 0,
    bool HasMore = false,
    bool IsInks = false,
    int Orientation = 0,
    bool IsPlain = false
)
{
    private const int OrientationTag = 0x0112;
    private const int UsualGamma = 45_455; // 1/2.2, in units of 1e-5
    private const int Close = 1000;

    /// <summary>Chromaticities of sRGB as a PNG stores them: white, red, green, blue, in units of 1e-5.</summary>
    private static readonly int[] UsualPrimaries = [31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000];

    /// <summary>Examines a file; its format is recognized by its first bytes.</summary>
    /// <exception cref="InvalidDataException">A PNG is truncated or damaged.</exception>
    public static PictureTraits Read(byte[] file) =>
        file switch
        {
            [0x89, (byte)'P', (byte)'N', (byte)'G', ..] => ReadPng(file),
            [0xff, 0xd8, ..] => ReadJpeg(file),
            [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] =>
                ReadWebp(file),
            _ => new PictureTraits(),
        };

    private static PictureTraits ReadPng(byte[] file)
    {
        var (traits, gamma, usual, profile) = (new PictureTraits(), 0, true, false);
        for (var (at, ended) = (8, false); !ended; )
        {
            var length = ChunkLength(file, at);
            var name = file.AsSpan(at + 4, 4);
            var data = file.AsSpan(at + 8, length);
            if (name.SequenceEqual("IHDR"u8) && length == 13)
                traits = traits with { Bits = data[8] };
            else if (name.SequenceEqual("acTL"u8) && length == 8)
                traits = traits with { HasMore = BinaryPrimitives.ReadUInt32BigEndian(data) > 1 };
            else if (name.SequenceEqual("eXIf"u8))
                traits = traits with { Orientation = OrientationOf(data) };
            else if (name.SequenceEqual("gAMA"u8) && length == 4)
                gamma = BinaryPrimitives.ReadInt32BigEndian(data);
            else if (name.SequenceEqual("cHRM"u8) && length == 32)
                usual = AreUsual(data);
            else
                profile |= name.SequenceEqual("iCCP"u8) || name.SequenceEqual("cICP"u8);
            (at, ended) = (at + 12 + length, name.SequenceEqual("IEND"u8));
        }
        return traits with { IsPlain = usual && !profile && Math.Abs(gamma - UsualGamma) < Close };
    }

    /// <summary>
    /// Returns the length of a chunk's data and verifies the chunk's checksum, because a decoder that has all pixels
    /// does not read the remaining chunks.
    /// </summary>
    /// <exception cref="InvalidDataException">
    /// The file ends before the chunk does, or the chunk's checksum differs.
    /// </exception>
    private static int ChunkLength(byte[] file, int at)
    {
        var length = at + 12 <= file.Length ? BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at)) : uint.MaxValue;
        if (length > file.Length - at - 12)
            throw new InvalidDataException($"it ends at byte {file.Length}, within the part that begins at byte {at}");
        var sum = new Crc32();
        sum.Update(new ArraySegment<byte>(file, at + 4, 4 + (int)length));
        var said = BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at + 8 + (int)length));
        return (uint)sum.Value == said
            ? (int)length
            : throw new InvalidDataException(
                $"the part that begins at byte {at} has the checksum {(uint)sum.Value:x8}, but records {said:x8}"
            );
    }

    private static bool AreUsual(ReadOnlySpan<byte> chromaticities)
    {
        for (var i = 0; i < UsualPrimaries.Length; i++)
        {
            if (
                Math.Abs(BinaryPrimitives.ReadInt32BigEndian(chromaticities[(4 * i)..]) - (long)UsualPrimaries[i])
                > Close
            )
                return false;
        }
        return true;
    }

    private static PictureTraits ReadJpeg(ReadOnlySpan<byte> file)
    {
        var traits = new PictureTraits();
        for (var at = 2; at + 4 <= file.Length && file[at] == 0xff && file[at + 1] != 0xda; )
        {
            var (marker, length) = (file[at + 1], BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]));
            if (marker is 0xff or 0x01 or >= 0xd0 and <= 0xd8)
            {
                at += marker == 0xff ? 1 : 2; // padding, or a marker without a length
                continue;
            }
            var data = file.Slice(at + 4, Math.Clamp(length - 2, 0, file.Length - at - 4));
            if (marker is >= 0xc0 and <= 0xcf and not (0xc4 or 0xc8 or 0xcc) && data.Length >= 6)
                traits = traits with { Bits = data[0], IsInks = data[5] == 4 };
            else if (marker == 0xe2 && data.StartsWith("MPF\0"u8))
                traits = traits with { HasMore = true };
            at += 2 + Math.Max((ushort)2, length);
        }
        return traits;
    }

    private static PictureTraits ReadWebp(ReadOnlySpan<byte> file)
    {
        for (var at = 12; at + 8 <= file.Length; )
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(file[(at + 4)..]);
            if (length > file.Length - at - 8)
                break; // truncated, which the decoder reports
            if (file[at..].StartsWith("EXIF"u8))
                return new PictureTraits(Orientation: OrientationOf(file.Slice(at + 8, (int)length)));
            at += 8 + (int)(length + length % 2);
        }
        return new PictureTraits();
    }

    /// <summary>
    /// Returns the orientation in the first directory of EXIF data, which have the structure of a TIFF file without
    /// images; 0 if it is not recorded there.
    /// </summary>
    private static int OrientationOf(ReadOnlySpan<byte> exif)
    {
        if (exif.StartsWith("Exif\0\0"u8))
            exif = exif[6..];
        if (exif.Length < 10 || !(exif.StartsWith("II"u8) || exif.StartsWith("MM"u8)))
            return 0;
        var isLittle = exif[0] == 'I';
        int Short(ReadOnlySpan<byte> bytes) =>
            isLittle ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);
        var start = isLittle
            ? BinaryPrimitives.ReadUInt32LittleEndian(exif[4..])
            : BinaryPrimitives.ReadUInt32BigEndian(exif[4..]);
        if (start > exif.Length - 2)
            return 0;
        var entries = exif[(int)start..];
        for (var (i, at) = (Short(entries), 2); i > 0 && at + 12 <= entries.Length; (i, at) = (i - 1, at + 12))
        {
            if (
                Short(entries[at..]) == OrientationTag
                && Short(entries[(at + 8)..]) is >= 1 and <= 8 and var orientation
            )
                return orientation;
        }
        return 0;
    }
}
