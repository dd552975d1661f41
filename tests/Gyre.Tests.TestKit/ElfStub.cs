using System.Buffers.Binary;
using System.Text;

namespace Gyre.Tests.TestKit;

/// <summary>
/// The least file that says which libraries it needs: an ELF header, a dynamic section and its names. Nothing can load
/// it.
/// </summary>
internal static class ElfStub
{
    private const int Header = 64;
    private const int Row = 64;

    public static void Write(string path, params string[] needed)
    {
        using var names = new MemoryStream();
        var offsets = new List<int>();
        names.WriteByte(0);
        foreach (var name in needed)
        {
            offsets.Add((int)names.Position);
            names.Write(Encoding.ASCII.GetBytes(name + "\0"));
        }
        var dynamic = 16 * (needed.Length + 1);
        var image = new byte[Header + 3 * Row + dynamic + names.Length];
        "\u007fELF\u0002\u0001\u0001"u8.CopyTo(image);
        BinaryPrimitives.WriteUInt64LittleEndian(image.AsSpan(0x28), Header); // section table
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(0x3a), Row);
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(0x3c), 3);
        var content = Header + 3 * Row;
        Section(image, 1, kind: 6, content, dynamic, link: 2);
        Section(image, 2, kind: 3, content + dynamic, (int)names.Length, link: 0);
        for (var i = 0; i < needed.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(image.AsSpan(content + 16 * i), 1); // DT_NEEDED
            BinaryPrimitives.WriteUInt64LittleEndian(image.AsSpan(content + 16 * i + 8), (ulong)offsets[i]);
        }
        names.ToArray().CopyTo(image.AsSpan(content + dynamic));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, image);
    }

    private static void Section(byte[] image, int number, uint kind, int offset, int size, uint link)
    {
        var row = image.AsSpan(Header + number * Row);
        BinaryPrimitives.WriteUInt32LittleEndian(row[4..], kind);
        BinaryPrimitives.WriteUInt64LittleEndian(row[24..], (ulong)offset);
        BinaryPrimitives.WriteUInt64LittleEndian(row[32..], (ulong)size);
        BinaryPrimitives.WriteUInt32LittleEndian(row[40..], link);
    }
}
