using System.Text;

namespace Gyre.Lab.Runs;

/// <summary>Names that a file gives of folders beside it.</summary>
internal static class FolderName
{
    /// <summary>Bytes of UTF-8 of a name, at most, on every file system in use.</summary>
    public const int MostBytes = 255;

    /// <summary>Whether a text names one folder: not a path that leads elsewhere, and no longer than a name can be.</summary>
    public static bool Is(string name) => name.Length > 0 && name is not ("." or "..") && !name.AsSpan().ContainsAny("/\\\0")
        && Encoding.UTF8.GetByteCount(name) <= MostBytes;
}
