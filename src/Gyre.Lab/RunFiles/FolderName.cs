using System.Text;

namespace Gyre.Lab.RunFiles;

/// <summary>Names of files and folders, as a file gives them or as a file system has them.</summary>
internal static class FolderName
{
    /// <summary>Bytes of UTF-8 of a name, at most, on every file system in use.</summary>
    internal const int MostBytes = 255;

    /// <summary>
    /// Stands for what is not UTF-8: the runtime reads names as UTF-8, and cannot open what it could not read.
    /// </summary>
    private const char Unknown = '\ufffd';

    /// <summary>
    /// Whether a text names one folder: not a path that leads elsewhere, no longer than a name can be, and UTF-8.
    /// </summary>
    internal static bool Is(string name) =>
        name.Length > 0
        && name is not ("." or "..")
        && !name.AsSpan().ContainsAny("/\\\0")
        && !name.Contains(Unknown, StringComparison.Ordinal)
        && Encoding.UTF8.GetByteCount(name) <= MostBytes;

    /// <summary>
    /// What is said of a path that cannot be opened because a name in it is not UTF-8; null of others.
    /// </summary>
    public static string? NotUtf8(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path.Contains(Unknown, StringComparison.Ordinal) && !Path.Exists(path)
            ? $"{path}: the name is not UTF-8 (what is not is shown as {Unknown}), and cannot be opened. Rename it."
            : null;
    }
}
