using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Gyre.Torch;

/// <summary>Checksums of files; one that has not changed is read once per process.</summary>
internal static class FileSum
{
    private static readonly ConcurrentDictionary<(string Path, long Length, DateTime Changed), string> Known = new();

    /// <summary>The SHA-256 of a file, in lower-case hexadecimal digits.</summary>
    /// <param name="path">The file.</param>
    /// <param name="open">How it is opened; null: as a plain file.</param>
    /// <exception cref="IOException">It cannot be read, or what <paramref name="open"/> throws.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static string Sha256(string path, Func<string, Stream>? open = null)
    {
        var file = new FileInfo(path);
        return Known.GetOrAdd(
            (file.FullName, file.Exists ? file.Length : -1, file.LastWriteTimeUtc),
            key =>
            {
                using var stream = (open ?? File.OpenRead)(key.Path);
                return Convert.ToHexStringLower(SHA256.HashData(stream));
            }
        );
    }
}
