using System.Text;

namespace Gyre.Tests.Torch.Exported;

/// <summary>Writes zip archives of very many empty parts beside some real ones, with the 64-bit end that these need.</summary>
internal static class ManyParts
{
    /// <summary>Writes the file.</summary>
    public static void Write(string path, int empty, IReadOnlyList<(string Name, byte[] Bytes)> parts)
    {
        using var file = new BinaryWriter(new BufferedStream(File.Create(path), 1 << 20));
        using var directory = new MemoryStream();
        using var central = new BinaryWriter(directory);
        foreach (var (name, bytes) in parts)
            Add(file, central, name, bytes);
        for (var i = 0; i < empty; i++)
            Add(file, central, $"model/extra/{i}", []);
        var start = file.BaseStream.Position;
        file.Write(directory.GetBuffer().AsSpan(0, (int)directory.Length));
        var end = file.BaseStream.Position;
        file.Write(0x06064b50);
        file.Write(44L);
        file.Write(0x002d002d);
        file.Write(0L); // both disks
        file.Write((long)(empty + parts.Count));
        file.Write((long)(empty + parts.Count));
        file.Write(end - start);
        file.Write(start);
        file.Write(0x07064b50);
        file.Write(0);
        file.Write(end);
        file.Write(1);
        file.Write(0x06054b50);
        file.Write(0);
        file.Write(-1); // both counts, for which 16 bits do not do
        file.Write(-1);
        file.Write(-1);
        file.Write((short)0);
    }

    private static void Add(BinaryWriter file, BinaryWriter central, string name, byte[] bytes)
    {
        var letters = Encoding.ASCII.GetBytes(name);
        var (offset, sum) = ((int)file.BaseStream.Position, Crc(bytes));
        file.Write(0x04034b50);
        Common(file, sum, bytes.Length, letters.Length);
        file.Write(letters);
        file.Write(bytes);
        central.Write(0x02014b50);
        central.Write((short)45);
        Common(central, sum, bytes.Length, letters.Length);
        central.Write((short)0); // comment
        central.Write((short)0); // disk
        central.Write((short)0); // attributes
        central.Write(0);
        central.Write(offset);
        central.Write(letters);
    }

    private static void Common(BinaryWriter writer, uint sum, int length, int name)
    {
        writer.Write((short)45);
        writer.Write((short)0); // flags
        writer.Write((short)0); // stored
        writer.Write(0x00210000); // the first day of 1980
        writer.Write(sum);
        writer.Write(length);
        writer.Write(length);
        writer.Write((short)name);
        writer.Write((short)0);
    }

    private static uint Crc(byte[] bytes)
    {
        var sum = new ICSharpCode.SharpZipLib.Checksum.Crc32();
        sum.Update(bytes);
        return (uint)sum.Value;
    }
}
