using Gyre.Lab.RunFiles;

namespace Gyre.Dashboard.Reading;

/// <summary>File operations for every follower of a folder.</summary>
internal static class FolderFiles
{
    /// <summary>
    /// Returns a text that changes when any of the files does; a missing file is a dash. Cost: one file system call
    /// per file.
    /// </summary>
    public static string Stamp(params IEnumerable<string> paths) =>
        string.Join(
            ' ',
            paths
                .Select(path => new FileInfo(path))
                .Select(file =>
                    file.Exists ? FormattableString.Invariant($"{file.Length}/{file.LastWriteTimeUtc.Ticks}") : "-"
                )
        );

    /// <summary>Returns the text of a file; null, and a sentence, if it cannot be read.</summary>
    public static string? Text(string path, List<string> flaws)
    {
        try
        {
            return FolderFile.Text(path);
        }
        catch (Exception error) when (error is RunFolderException or IOException or UnauthorizedAccessException)
        {
            var name = Path.GetFileName(path);
            flaws.Add(
                error is RunFolderException
                    ? error.Message.Replace(path, name, StringComparison.Ordinal)
                    : $"{name} cannot be read: {error.Message}"
            );
            return null;
        }
    }
}
