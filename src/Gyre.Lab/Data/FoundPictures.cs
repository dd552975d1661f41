using Gyre.Torch;

namespace Gyre.Lab.Data;

/// <summary>The picture files of a folder of classes, and what else lies there.</summary>
/// <param name="Files">Each with the number of its class; by class, then by path.</param>
/// <param name="LeftOut">What is not read, in words; null where everything is.</param>
internal sealed record FoundPictures(IReadOnlyList<(string File, int Label)> Files, string? LeftOut)
{
    private const string Links = "link to a folder";

    /// <summary>Made by file managers, and never a sample.</summary>
    private static readonly string[] Clutter = ["Thumbs.db", "desktop.ini"];

    /// <summary>Names of the folders in a folder, hidden ones left out, in order.</summary>
    /// <exception cref="DataException">It cannot be read.</exception>
    public static IReadOnlyList<string> Folders(string folder) =>
        [.. Entries(folder).OfType<DirectoryInfo>().Select(entry => entry.Name).Order(StringComparer.Ordinal)];

    /// <summary>Picture files that lie in a folder itself, in words; null where there is none.</summary>
    public static string? Beside(string folder) =>
        CountText([.. Entries(folder).OfType<FileInfo>().Where(IsPicture).Select(Kind)]);

    /// <summary>Looks through the folders of classes, at any depth.</summary>
    /// <exception cref="DataException">One cannot be read.</exception>
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
        var beside = Entries(folder).OfType<FileInfo>().Select(file => $"{Kind(file)} in no folder of a class");
        var words = CountText([.. left, .. beside]);
        return new FoundPictures(files, where.Count == 0 ? words : $"{words} of {UserFile.Names(where)}");
    }

    /// <summary>
    /// Every file below a folder, and every link to a folder: these are not followed, as they may lead back.
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
            _ => "without an ending",
        };

    /// <summary>Such as "3 files: 2 .tif, 1 .txt"; the rarest kinds together where there are many.</summary>
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
