using Gyre.Torch;

namespace Gyre.Lab.RunFiles;

/// <summary>
/// A file whose name a user gave, which may be anything: a link is followed, a pipe or a device is written as a shell
/// would, and an ordinary file is whole or as it was before. (In folders of its own the program replaces a link, so
/// that nothing it writes there leads elsewhere.)
/// </summary>
internal static class NamedFile
{
    /// <summary>Writes text; folders above the file are made.</summary>
    /// <exception cref="RunFolderException">It cannot be written.</exception>
    public static void Write(string path, string text)
    {
        if (Directory.Exists(path))
            throw Refusal(path, "it is a folder");
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            if (IsStream(path))
                File.WriteAllText(path, text);
            else
                WholeFile.Write(Target(path), text);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw Refusal(path, error.Message.TrimEnd('.'), error);
        }
    }

    /// <summary>Whether a name stands for a pipe or a device, as /dev/stdout does by several links.</summary>
    private static bool IsStream(string path) =>
        FileKind.Special(path) is not null || path.StartsWith("/dev/", StringComparison.Ordinal);

    /// <remarks>The framework resolves a relative path's link from the root, and refuses where nothing is.</remarks>
    private static string Target(string path) =>
        new FileInfo(Path.GetFullPath(path)) is { LinkTarget: not null } link
            ? link.ResolveLinkTarget(returnFinalTarget: true)!.FullName
            : path;

    private static RunFolderException Refusal(string path, string why, Exception? cause = null) =>
        new($"{path} cannot be written: {why}. Name another file, or - for standard output.", cause);
}
