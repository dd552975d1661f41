using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Gyre.Torch;

/// <summary>Computes checksums of files; an unchanged file is read once per process.</summary>
internal static class FileSum
{
    private static readonly ConcurrentDictionary<(string Path, long Length, DateTime Changed), string> Known = new();

    /// <summary>Returns the SHA-256 of a file, in lowercase hexadecimal digits.</summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="open">Opens the file; null opens it as a plain file.</param>
    /// <exception cref="IOException">The file cannot be read, or <paramref name="open"/> throws it.</exception>
    /// <exception cref="UnauthorizedAccessException">Access to the file is denied.</exception>
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
