namespace Gyre.Lab.Data;

/// <summary>Suggests a file or folder for a path that does not exist.</summary>
internal static class NearFile
{
    private const int MostEntries = 10_000;

    /// <summary>
    /// Formats a suggestion to put after a path: " (did you mean …?)", the entry of the same folder with the nearest
    /// name; empty if there is none or the folder cannot be read.
    /// </summary>
    public static string InParentheses(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var folder = Path.GetDirectoryName(path) ?? "";
        try
        {
            var names = Directory
                .EnumerateFileSystemEntries(folder.Length > 0 ? folder : ".")
                .Take(MostEntries)
                .Select(entry => Path.GetFileName(entry));
            return NearestName.Find(Path.GetFileName(path), names) is { } near
                ? Suggestion.InParentheses(Path.Combine(folder, near))
                : "";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
