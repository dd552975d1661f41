using System.Text;

namespace Gyre.Lab.RunFiles;

/// <summary>Checks names of files and folders, from a file's content or from a file system.</summary>
internal static class FolderName
{
    /// <summary>The largest length of a name in UTF-8 bytes on every file system in use.</summary>
    internal const int MostBytes = 255;

    /// <summary>
    /// The replacement for bytes that are not UTF-8: the runtime decodes names as UTF-8, and cannot open a file whose
    /// name it could not decode.
    /// </summary>
    private const char Unknown = '\ufffd';

    /// <summary>
    /// Whether a text names a single folder: it is not a path that leads elsewhere, not too long for a name, and
    /// valid UTF-8.
    /// </summary>
    internal static bool Is(string name) =>
        name.Length > 0
        && name is not ("." or "..")
        && !name.AsSpan().ContainsAny("/\\\0")
        && !name.Contains(Unknown, StringComparison.Ordinal)
        && Encoding.UTF8.GetByteCount(name) <= MostBytes;

    /// <summary>
    /// Returns a message for a path that cannot be opened because a name in it is not UTF-8; null for any other path.
    /// </summary>
    public static string? NotUtf8(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path.Contains(Unknown, StringComparison.Ordinal) && !Path.Exists(path)
            ? $"{path}: the name is not UTF-8 (invalid bytes are shown as {Unknown}), so it cannot be opened. Rename it."
            : null;
    }
}
