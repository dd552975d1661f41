using System.Globalization;
using System.IO.Compression;
using ICSharpCode.SharpZipLib.Checksum;

namespace Gyre.Lab.Data;

/// <summary>
/// Reads arrays by name as numpy.savez writes them: a zip archive of .npy files. Each array is read whole, and its
/// checksum is verified.
/// </summary>
internal sealed class NpzFile : IDisposable
{
    private const string Extension = ".npy";
    private const int MostRatio = 1032; // deflate's maximum compression ratio

    private readonly string _path;
    private readonly ZipArchive _zip;
    private readonly Dictionary<string, ZipArchiveEntry> _members;

    private NpzFile(string path, ZipArchive zip, Dictionary<string, ZipArchiveEntry> members) =>
        (_path, _zip, _members) = (path, zip, members);

    /// <summary>Names of the arrays.</summary>
    public IReadOnlyList<string> Names => [.. _members.Keys];

    /// <summary>
    /// The largest size of an array in bytes: it must fit an array of the runtime, and half of the machine's memory.
    /// </summary>
    private static long Most => Math.Min(Array.MaxLength, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2);

    /// <summary>Opens a file.</summary>
    /// <exception cref="DataException">The file is not a zip archive, or has two arrays with the same name.</exception>
    public static NpzFile Open(string path)
    {
        var name = UserFile.Shown(path, UserFile.PathLetters);
        var file = UserFile.Open(path);
        try
        {
            Span<byte> start = stackalloc byte[4];
            var found = start[..file.ReadAtLeast(start, 4, throwOnEndOfStream: false)];
            if (found is [0x93, ..])
                throw new DataException(
                    $"{name} is a single array (.npy): set data.path to a folder of .npy files, or to an "
                        + ".npz file with features and targets."
                );
            if (found is not [(byte)'P', (byte)'K', ..])
                throw new DataException(
                    $"{name} is not an .npz file: it must begin with PK, as a zip archive does. "
                        + "Save it with numpy.savez; data.path may also be a folder of .npy files."
                );
            var zip = new ZipArchive(file, ZipArchiveMode.Read);
            return new NpzFile(name, zip, Members(zip, name));
        }
        catch (Exception error) when (error is InvalidDataException or IOException)
        {
            file.Dispose();
            throw new DataException(
                $"{name} begins like an .npz file, but its directory cannot be read: it "
                    + $"is truncated or damaged: {error.Message} Save it again with numpy.savez.",
                error
            );
        }
        catch (DataException)
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads an array.</summary>
    /// <exception cref="DataException">
    /// The array is damaged, too large, or compressed by a method that numpy does not use.
    /// </exception>
    public NpyReader Read(string array)
    {
        var (entry, name) = (_members[array], $"{UserFile.Shown(array)} of {_path}");
        if (entry.Length > Most)
            throw new DataException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name} has {entry.Length:N0} bytes "
                        + $"uncompressed; arrays in .npz files have at most {Most:N0} on this machine. "
                        + $"Save it as a .npy file in a folder: such files are memory-mapped and can have any size."
                )
            );
        if (entry.Length > entry.CompressedLength * (double)MostRatio)
            throw new DataException(
                $"{name} is damaged: the archive's directory records {entry.Length} bytes, and the "
                    + $"{entry.CompressedLength} compressed bytes cannot contain them. Save it again."
            );
        if (entry.IsEncrypted)
            throw new DataException($"{name} is encrypted, and passwords are not supported. Save it with numpy.savez.");
        try
        {
            return NpyReader.Create(Unpacked(entry, name), name);
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException or IOException)
        {
            throw new DataException(
                $"{name} cannot be decompressed: {error.Message} Save it again with numpy.savez.",
                error
            );
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _zip.Dispose();

    private static byte[] Unpacked(ZipArchiveEntry entry, string name)
    {
        using var stream = entry.Open();
        var bytes = new byte[entry.Length];
        var there = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        if (there < bytes.Length || stream.ReadByte() >= 0)
            throw new DataException(
                $"{name} is damaged: the archive's directory records {bytes.Length} bytes, but "
                    + $"{(there < bytes.Length ? $"{there}" : "more")} are present. Save it again."
            );
        var sum = new Crc32();
        sum.Update(bytes);
        return (uint)sum.Value == entry.Crc32
            ? bytes
            : throw new DataException(
                $"{name} is damaged: its checksum (CRC-32) is {(uint)sum.Value:x8}, but the archive records "
                    + $"{entry.Crc32:x8}. Save it again, or download it again."
            );
    }

    private static Dictionary<string, ZipArchiveEntry> Members(ZipArchive zip, string name)
    {
        var members = new Dictionary<string, ZipArchiveEntry>(StringComparer.Ordinal);
        foreach (var entry in zip.Entries)
        {
            var array = entry.FullName.EndsWith(Extension, StringComparison.Ordinal)
                ? entry.FullName[..^Extension.Length]
                : entry.FullName;
            if (!members.TryAdd(array, entry))
                throw new DataException(
                    $"{name} has the array \"{UserFile.Shown(array)}\" twice. Save it again with "
                        + "numpy.savez, using each name once."
                );
        }
        return members;
    }
}
