using Gyre.Torch;

namespace Gyre.Lab.Data;

/// <summary>The image files of a folder of classes, and the other files found there.</summary>
/// <param name="Files">Each image with the index of its class, by class, then by path.</param>
/// <param name="LeftOut">The files that are not read, in words; null if there are none.</param>
internal sealed record FoundPictures(IReadOnlyList<(string File, int Label)> Files, string? LeftOut)
{
    private const string Links = "link to a folder";

    /// <summary>Files created by file managers, which are never samples.</summary>
    private static readonly string[] Clutter = ["Thumbs.db", "desktop.ini"];

    /// <summary>Returns the names of the subfolders in order, without hidden ones.</summary>
    /// <exception cref="DataException">The folder cannot be read.</exception>
    public static IReadOnlyList<string> Folders(string folder) =>
        [.. Entries(folder).OfType<DirectoryInfo>().Select(entry => entry.Name).Order(StringComparer.Ordinal)];

    /// <summary>Describes the image files in the folder itself; null if there are none.</summary>
    public static string? Beside(string folder) =>
        CountText([.. Entries(folder).OfType<FileInfo>().Where(IsPicture).Select(Kind)]);

    /// <summary>Searches the folders of classes, at any depth.</summary>
    /// <exception cref="DataException">A folder cannot be read.</exception>
    public static FoundPictures In(string folder, IReadOnlyList<string> classes)
    {
        var (files, left, where) = (new List<(string, int)>(), new List<string>(), new List<string>());
        foreach (var (label, name) in classes.Index().Where(one => Directory.Exists(Path.Combine(folder, one.Item))))
        {
            var below = Below(Path.Combine(folder, name)).ToArray();
            var pictures = below
                .OfType<FileInfo>()
                .Where(IsPicture)
                .Select(file => file.FullName)
                .Order(StringComparer.Ordinal);
            files.AddRange(pictures.Select(file => (file, label)));
            string[] others = [.. below.Where(entry => entry is not FileInfo file || !IsPicture(file)).Select(Kind)];
            left.AddRange(others);
            where.AddRange(others.Length > 0 ? [name] : []);
        }
        var beside = Entries(folder).OfType<FileInfo>().Select(file => $"{Kind(file)} outside the class folders");
        var words = CountText([.. left, .. beside]);
        return new FoundPictures(files, where.Count == 0 ? words : $"{words} in {UserFile.Names(where)}");
    }

    /// <summary>
    /// Enumerates every file below a folder, and every link to a folder. Links are not followed, since they may lead
    /// back.
    /// </summary>
    private static IEnumerable<FileSystemInfo> Below(string top)
    {
        var folders = new Stack<string>([top]);
        while (folders.TryPop(out var folder))
        {
            foreach (var entry in Entries(folder))
            {
                if (entry is DirectoryInfo { LinkTarget: null })
                    folders.Push(entry.FullName);
                else
                    yield return entry;
            }
        }
    }

    private static FileSystemInfo[] Entries(string folder)
    {
        try
        {
            return [.. new DirectoryInfo(folder).EnumerateFileSystemInfos().Where(IsSeen)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException(
                $"{UserFile.Shown(folder, UserFile.PathLetters)} cannot be read: {error.Message}",
                error
            );
        }
    }

    private static bool IsSeen(FileSystemInfo entry) =>
        entry.Name[0] != '.' && !Clutter.Contains(entry.Name, StringComparer.OrdinalIgnoreCase);

    private static bool IsPicture(FileInfo file) =>
        PictureDecoder.Extensions.Contains(file.Extension, StringComparer.OrdinalIgnoreCase);

    private static string Kind(FileSystemInfo entry) =>
        entry switch
        {
            DirectoryInfo => Links,
            { Extension.Length: > 1 } => UserFile.Shown(entry.Extension.ToLowerInvariant(), 16),
            _ => "without an extension",
        };

    /// <summary>Formats counts such as "3 files: 2 .tif, 1 .txt"; many kinds are abbreviated.</summary>
    private static string? CountText(IReadOnlyList<string> kinds)
    {
        const int shown = 8;
        if (kinds.Count == 0)
            return null;
        var counts = kinds
            .CountBy(kind => kind)
            .OrderByDescending(kind => kind.Value)
            .ThenBy(kind => kind.Key, StringComparer.Ordinal)
            .ToArray();
        var rest = counts.Skip(shown).Sum(kind => kind.Value);
        var parts = counts.Take(shown).Select(kind => FormattableString.Invariant($"{kind.Value} {kind.Key}"));
        if (rest > 0)
            parts = parts.Append(FormattableString.Invariant($"{rest} of other kinds"));
        return FormattableString.Invariant(
            $"{kinds.Count} {Counted.Noun(kinds.Count, "file")} ({string.Join(", ", parts)})"
        );
    }
}
