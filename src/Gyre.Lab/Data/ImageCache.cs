using System.Security.Cryptography;
using System.Text;

namespace Gyre.Lab.Data;

/// <summary>
/// Decoded images in the user's cache, which are memory-mapped, since they may exceed memory. The remarks of the files
/// follow the last image as text.
/// </summary>
internal static class ImageCache
{
    /// <summary>
    /// Version of the rules by which files become bytes; images cached under other rules are not used.
    /// </summary>
    private const int Rules = 2;

    /// <summary>
    /// Returns the images, decoded if they are not cached yet, and remarks for readers of results.
    /// </summary>
    /// <exception cref="DataException">A file is not a valid image, or the cache cannot be written.</exception>
    public static (MappedPixels Pixels, IReadOnlyList<string> Remarks) Open(IReadOnlyList<string> files, int size)
    {
        var picture = PictureDecoder.Channels * size * size;
        var path = Path.Combine(DataFolder.GetPath("images-cache"), $"{Key(files)}-{size}.bytes");
        var length = (long)files.Count * picture;
        if (!File.Exists(path) || new FileInfo(path).Length < length)
            Write(path, files, size);
        using var stream = UserFile.Open(path);
        stream.Position = length;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var remarks = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return (new MappedPixels(path, 0, picture, picture, files.Count), remarks);
    }

    /// <summary>Returns the hash of every file's path, size and time.</summary>
    private static string Key(IReadOnlyList<string> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([Rules]);
        foreach (var file in files)
        {
            var real = Followed(file);
            var one = FormattableString.Invariant(
                $"{Path.GetFullPath(file)}|{real.Length}|{real.LastWriteTimeUtc.Ticks}\n"
            );
            hash.AppendData(Encoding.UTF8.GetBytes(one));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..32];
    }

    /// <summary>Returns the file itself, or the target of a link.</summary>
    private static FileInfo Followed(string file)
    {
        var named = new FileInfo(file);
        var real = named.LinkTarget is null ? named : named.ResolveLinkTarget(returnFinalTarget: true) as FileInfo;
        return real is { Exists: true }
            ? real
            : throw new DataException(
                $"{UserFile.Shown(file, UserFile.PathLetters)} is a broken link. Remove it, or restore its target."
            );
    }

    private static void Write(string path, IReadOnlyList<string> files, int size)
    {
        var part = $"{path}.{Environment.ProcessId}.part";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using (var stream = File.Create(part))
            {
                var (more, inks) = (new List<string>(), new List<string>());
                foreach (var file in files)
                {
                    var picture = PictureDecoder.Square(file, size);
                    stream.Write(picture.Planes);
                    if (picture.Traits.HasMore)
                        more.Add(file);
                    if (picture.Traits.IsInks)
                        inks.Add(file);
                }
                var told = Remarks(more, "contains", "contain", "more than one image, of which the first is read")
                    .Concat(Remarks(inks, "is", "are", "in CMYK colors, converted to RGB without a color profile"));
                stream.Write(Encoding.UTF8.GetBytes(string.Join('\n', told)));
            }
            File.Move(part, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException(
                $"Decoded images cannot be written to {Path.GetDirectoryName(path)}: {error.Message} "
                    + $"Free some space, or choose another folder with {DataFolder.Variable}.",
                error
            );
        }
        finally
        {
            File.Delete(part);
        }
    }

    private static IEnumerable<string> Remarks(List<string> files, string one, string many, string what) =>
        files switch
        {
            [] => [],
            [var only] => [$"{UserFile.Shown(Path.GetFileName(only))} {one} {what}"],
            _ =>
            [
                $"{files.Count} files {many} {what}: "
                    + $"{UserFile.Names([.. files.Select(file => Path.GetFileName(file))])}",
            ],
        };
}
