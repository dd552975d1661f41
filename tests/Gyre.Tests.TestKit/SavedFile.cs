using System.IO.Compression;

namespace Gyre.Tests.TestKit;

/// <summary>Writes files of torch.save, and the zip archives that PyTorch's other files are, without PyTorch.</summary>
internal static class SavedFile
{
    /// <summary>The bytes of a file of torch.save.</summary>
    /// <param name="value">See <see cref="PickleWriter"/>.</param>
    /// <param name="more">Storages of float32 that the value names itself, by key.</param>
    public static byte[] Bytes(object? value, params (string Key, float[] Values)[] more)
    {
        var (pickle, storages) = PickleWriter.Write(value, wrapsParameters: true);
        return Zip([
            ("archive/data.pkl", pickle),
            ("archive/byteorder", "little"u8.ToArray()),
            .. storages.Select((storage, index) => ($"archive/data/{index}", storage.Bytes)),
            .. more.Select(one => ($"archive/data/{one.Key}", new SavedStorage(one.Values).Bytes)),
            ("archive/version", "3\n"u8.ToArray()),
        ]);
    }

    /// <summary>An archive of parts, stored as they are.</summary>
    public static byte[] Zip(
        IEnumerable<(string Name, byte[] Bytes)> parts,
        CompressionLevel level = CompressionLevel.NoCompression
    )
    {
        using var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, bytes) in parts)
            {
                using var entry = zip.CreateEntry(name, level).Open();
                entry.Write(bytes);
            }
        }
        return memory.ToArray();
    }
}
