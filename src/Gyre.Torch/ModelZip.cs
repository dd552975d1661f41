using System.IO.Compression;

namespace Gyre.Torch;

/// <summary>
/// Opens the zip archives that contain modules, and rejects malformed ones before anything inside is read.
/// </summary>
internal static class ModelZip
{
    /// <summary>
    /// The largest ratio of unpacked size to file size. Data is stored uncompressed in such a file, and its code is
    /// small, so a file with a larger ratio was made to fill memory.
    /// </summary>
    private const long MostRatio = 20;
    private const long Allowance = 16 << 20;

    /// <summary>Reads an archive.</summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="read">Receives the archive, whose entries have been checked.</param>
    /// <param name="refuse">Creates the exception from a sentence and a cause.</param>
    /// <exception cref="GyreException">The file cannot be read, is damaged, or is not a valid archive.</exception>
    public static T Open<T>(string path, Func<ZipArchive, T> read, Func<string, Exception?, GyreException> refuse)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(read);
        ArgumentNullException.ThrowIfNull(refuse);
        if (FileKind.Special(path) is { } kind)
            throw refuse($"{path} is {kind}, not a module file.", null);
        try
        {
            using var file = File.OpenRead(path);
            using var zip = new ZipArchive(file, ZipArchiveMode.Read);
            if (FindFault(zip, file.Length) is { } fault)
                throw refuse($"{path} {fault}", null);
            return read(zip);
        }
        catch (InvalidDataException error)
        {
            throw refuse($"{path} is truncated or damaged: {error.Message} Copy or save it again.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw refuse($"{path} cannot be read: {error.Message}", error);
        }
    }

    private static string? FindFault(ZipArchive zip, long bytes)
    {
        var inside = zip.Entries.Aggregate(
            0L,
            (sum, entry) => entry.Length < 0 || entry.Length > long.MaxValue - sum ? long.MaxValue : sum + entry.Length
        );
        if (inside > MostRatio * bytes + Allowance)
            return $"has {bytes} bytes and would unpack to {inside}, more than a module file can. It is damaged or "
                + "made to exhaust memory; save it again.";
        if (zip.Entries.Any(entry => entry.CompressedLength > bytes))
            return "is truncated or damaged: a part of it is longer than the file. Copy or save it again.";
        var names = new HashSet<string>(StringComparer.Ordinal);
        return zip.Entries.FirstOrDefault(entry => !names.Add(entry.FullName)) is { } twice
            ? $"has two parts named {PlainText.Clipped(twice.FullName, 80)}: it is damaged, or crafted to be read in "
                + "two ways. Save it again."
            : null;
    }
}
