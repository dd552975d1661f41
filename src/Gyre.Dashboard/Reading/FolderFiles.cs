using Gyre.Lab.RunFiles;

namespace Gyre.Dashboard.Reading;

/// <summary>What every follower of a folder asks of its files.</summary>
internal static class FolderFiles
{
    /// <summary>
    /// Changes when any of the files does; a file that is not there is a dash. Cost: a call of the file system a file.
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

    /// <summary>A file's text; null, and a sentence, where it cannot be read.</summary>
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
