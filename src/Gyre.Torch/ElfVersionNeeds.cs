using System.Buffers.Binary;
using System.Text;

namespace Gyre.Torch;

/// <summary>
/// Edits the table of needed symbol versions (<c>.gnu.version_r</c>) of a 64-bit little-endian ELF image in memory.
/// Source: System V ABI, "Symbol Versioning" (Elf64_Verneed, Elf64_Vernaux).
/// </summary>
internal static class ElfVersionNeeds
{
    private const uint SectionTypeVersionNeeds = 0x6ffffffe;
    private const ushort FlagWeak = 2;

    /// <summary>
    /// Marks every need of <paramref name="version"/> as weak, so that the dynamic loader only warns if the version
    /// is missing. This is sound only if no relocation refers to a symbol of that version.
    /// </summary>
    /// <param name="image">The whole file; changed in place.</param>
    /// <param name="version">A version name such as <c>GLIBCXX_3.4.32</c>.</param>
    /// <returns>The number of entries marked; 0 if the image does not need the version.</returns>
    /// <exception cref="InvalidDataException">The bytes are not a well-formed 64-bit little-endian ELF
    /// image.</exception>
    public static int MarkWeak(Span<byte> image, string version)
    {
        try
        {
            return MarkWeakUnchecked(image, version);
        }
        catch (Exception error) when (error is ArgumentOutOfRangeException or OverflowException)
        {
            throw new InvalidDataException("The ELF image is truncated or its tables point outside it.", error);
        }
    }

    private static int MarkWeakUnchecked(Span<byte> image, string version)
    {
        if (
            image.Length < 64
            || image[0] != 0x7f
            || image[1] != 'E'
            || image[2] != 'L'
            || image[3] != 'F'
            || image[4] != 2
            || image[5] != 1
        )
            throw new InvalidDataException("Not a 64-bit little-endian ELF image.");
        var sections = checked((int)U64(image, 0x28));
        var size = U16(image, 0x3a);
        var count = U16(image, 0x3c);
        var marked = 0;
        for (var i = 0; i < count; i++)
        {
            var header = image.Slice(sections + i * size, 64);
            if (U32(header, 4) != SectionTypeVersionNeeds)
                continue;
            var names = image.Slice(sections + checked((int)U32(header, 40)) * size, 64);
            var strings = checked((int)U64(names, 24));
            marked += MarkInSection(
                image,
                checked((int)U64(header, 24)),
                checked((int)U32(header, 44)),
                strings,
                version
            );
        }
        return marked;
    }

    private static int MarkInSection(Span<byte> image, int need, int needs, int strings, string version)
    {
        var marked = 0;
        if (needs > image.Length / 16)
            throw new InvalidDataException("The ELF image lists more needed libraries than it can contain.");
        for (var i = 0; i < needs; i++)
        {
            var entries = U16(image, need + 2);
            var entry = checked(need + (int)U32(image, need + 8));
            for (var j = 0; j < entries; j++)
            {
                if (NameAt(image, checked(strings + (int)U32(image, entry + 8))) == version)
                {
                    var flags = (ushort)(U16(image, entry + 4) | FlagWeak);
                    BinaryPrimitives.WriteUInt16LittleEndian(image[(entry + 4)..], flags);
                    marked++;
                }
                entry = checked(entry + (int)U32(image, entry + 12));
            }
            need = checked(need + (int)U32(image, need + 12));
        }
        return marked;
    }

    private static string NameAt(ReadOnlySpan<byte> image, int offset)
    {
        var rest = image[offset..];
        var end = rest.IndexOf((byte)0);
        if (end < 0)
            throw new InvalidDataException("A version name in the ELF image is not terminated.");
        return Encoding.ASCII.GetString(rest[..end]);
    }

    private static ushort U16(ReadOnlySpan<byte> bytes, int offset) =>
        BinaryPrimitives.ReadUInt16LittleEndian(bytes[offset..]);

    private static uint U32(ReadOnlySpan<byte> bytes, int offset) =>
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..]);

    private static ulong U64(ReadOnlySpan<byte> bytes, int offset) =>
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[offset..]);
}
