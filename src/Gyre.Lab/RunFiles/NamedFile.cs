using Gyre.Torch;

namespace Gyre.Lab.RunFiles;

/// <summary>
/// Writes a file whose path the user gave, which may be anything. A link is followed, a pipe or a device is written
/// as a shell would write it, and a regular file is either written whole or left as it was. (In its own folders the
/// program replaces links, so that nothing written there leads elsewhere.)
/// </summary>
internal static class NamedFile
{
    /// <summary>Writes text; creates the folders above the file.</summary>
    /// <exception cref="RunFolderException">The file cannot be written.</exception>
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

    /// <summary>Whether a path denotes a pipe or a device, as /dev/stdout does through several links.</summary>
    private static bool IsStream(string path) =>
        FileKind.Special(path) is not null || path.StartsWith("/dev/", StringComparison.Ordinal);

    /// <remarks>
    /// .NET resolves the link of a relative path against the root directory, and throws if the path does not exist.
    /// </remarks>
    private static string Target(string path) =>
        new FileInfo(Path.GetFullPath(path)) is { LinkTarget: not null } link
            ? link.ResolveLinkTarget(returnFinalTarget: true)!.FullName
            : path;

    private static RunFolderException Refusal(string path, string why, Exception? cause = null) =>
        new($"{path} cannot be written: {why}. Choose another file, or - for standard output.", cause);
}
