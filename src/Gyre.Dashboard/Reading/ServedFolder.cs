using System.Globalization;
using Gyre.Lab.RunFiles;

namespace Gyre.Dashboard.Reading;

/// <summary>The kinds of folders.</summary>
internal enum FoundKind
{
    /// <summary>A run.</summary>
    Run,

    /// <summary>A sweep.</summary>
    Sweep,

    /// <summary>A landscape by `gyre landscape`.</summary>
    Landscape,
}

/// <summary>A folder that can be shown.</summary>
/// <param name="Key">Its address: the path below the served folder, with '/' between names.</param>
/// <param name="Path">Its path.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Sweep">Key of the sweep that the run is a cell of; empty for other runs.</param>
internal sealed record Found(string Key, string Path, FoundKind Kind, string Sweep = "");

/// <summary>The result of a search of the served folder.</summary>
/// <param name="Folders">Runs, sweeps and landscapes, by key.</param>
/// <param name="Remarks">Sentences on what was left out, with reasons.</param>
internal sealed record FoundFolders(IReadOnlyDictionary<string, Found> Folders, IReadOnlyList<string> Remarks)
{
    /// <summary>Whether the served folder exists; otherwise a remark has the reason.</summary>
    public bool There { get; init; } = true;
}

/// <summary>
/// The served folder. An address is looked up among the folders found in it and never used as a path, so nothing
/// outside can be named. Links are followed only if they end inside.
/// </summary>
internal sealed class ServedFolder
{
    private const int DeepestFolder = 8;
    private const int MostFolders = 50_000;
    private const FileAttributes Missing = (FileAttributes)(-1); // what the framework says of a file that is not there

    private static readonly EnumerationOptions Quiet = new() { IgnoreInaccessible = true, AttributesToSkip = 0 };

    private readonly string _root;

    /// <summary>Serves a folder, which may itself be a link.</summary>
    public ServedFolder(string path)
    {
        Given = Path.GetFullPath(path);
        _root = Resolved(new DirectoryInfo(Given)) ?? Given;
    }

    /// <summary>The folder as given by the user.</summary>
    public string Given { get; }

    /// <summary>Searches the folder and its subfolders. Cost: a few file system calls per folder.</summary>
    public FoundFolders Look()
    {
        if (!Directory.Exists(_root))
            return new FoundFolders(new Dictionary<string, Found>(), [Gone()]) { There = false };
        var (found, remarks, seen) = (new Dictionary<string, Found>(StringComparer.Ordinal), new List<string>(), 0);
        Look(new DirectoryInfo(_root), "", "", 0);
        return new FoundFolders(found, remarks);

        void Look(DirectoryInfo folder, string key, string sweep, int depth)
        {
            if (++seen > MostFolders)
            {
                if (seen == MostFolders + 1)
                    remarks.Add(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"There are more than {MostFolders} folders here; the rest is left "
                                + $"out. Serve a folder closer to the runs."
                        )
                    );
                return;
            }
            if (KindOf(folder.FullName) is { } kind)
            {
                var name = key.Length == 0 ? folder.Name : key;
                found[name] = new Found(name, folder.FullName, kind, sweep);
                if (kind != FoundKind.Sweep)
                    return;
                sweep = name;
            }
            if (depth == DeepestFolder)
                return;
            foreach (
                var below in Listed(() => folder.EnumerateDirectories("*", Quiet))
                    .Where(below => !below.Name.StartsWith('.') && !IsSuperseded(below))
                    .OrderBy(below => below.Name, StringComparer.Ordinal)
            )
            {
                var next = key.Length == 0 ? below.Name : $"{key}/{below.Name}";
                if (FolderName.NotUtf8(below.FullName) is { } foreign)
                    remarks.Add(foreign.Replace(below.FullName, next, StringComparison.Ordinal));
                else if (!Outside(below))
                    Look(below, next, sweep, depth + 1);
                else
                    remarks.Add(
                        $"{next} is a link that leads out of the served folder, so it is left out. Serve the "
                            + "folder that it leads to."
                    );
            }
        }
    }

    private string Gone() =>
        File.Exists(_root)
            ? $"{Given} is now a file instead of a folder. Restore the folder, or serve another one."
            : $"{Given} no longer exists: it was removed, moved or renamed. Restore it, or serve another folder.";

    /// <summary>
    /// Returns whether a folder is an attempt of a cluster job at a cell that has a result or a later attempt: each
    /// cell is shown once.
    /// </summary>
    private static bool IsSuperseded(DirectoryInfo folder) =>
        folder.Parent is { Parent: { Name: SweepFolder.AttemptsName, Parent: { } sweep } } cell
        && new SweepFolder(sweep.FullName).Cell(cell.Name).Path != folder.FullName;

    /// <summary>
    /// Returns whether a file or folder is a link that ends outside, or nowhere; false if it was deleted meanwhile.
    /// </summary>
    public bool Outside(FileSystemInfo entry)
    {
        var attributes = Attributes(entry);
        if (attributes == Missing || (attributes & FileAttributes.ReparsePoint) == 0)
            return false;
        return Resolved(entry) is not { } target
            || !target.StartsWith(_root + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            || !Directory.Exists(target) && !File.Exists(target);
    }

    /// <summary>
    /// Returns the names of the links by which a folder leads out of the served one: the folder itself or one above it,
    /// otherwise files in it. They are not read. Empty for a folder that no longer exists.
    /// </summary>
    /// <remarks>Checked at every request, since a folder that was inside may be elsewhere by now.</remarks>
    public IReadOnlyList<string> LinksOutside(string folder)
    {
        var own = new DirectoryInfo(folder);
        if (!own.Exists)
            return [];
        var above = FromRoot(own).Where(Outside).Select(link => link.Name).Take(1).ToArray();
        return above.Length > 0 ? above : [.. FilesOutside(own)];
    }

    private IEnumerable<string> FilesOutside(DirectoryInfo folder) =>
        Listed(() => folder.EnumerateFileSystemInfos("*", Quiet))
            .Where(Outside)
            .Select(entry => entry.Name)
            .Order(StringComparer.Ordinal);

    /// <summary>Returns the folders from the served one down to a folder, the outermost first.</summary>
    private IEnumerable<DirectoryInfo> FromRoot(DirectoryInfo folder) =>
        folder.Parent is { } parent && folder.FullName.Length > _root.Length ? FromRoot(parent).Append(folder) : [];

    /// <summary>Lists a folder; empty if it is deleted meanwhile.</summary>
    private static IReadOnlyList<T> Listed<T>(Func<IEnumerable<T>> list)
    {
        try
        {
            return [.. list()];
        }
        catch (IOException)
        {
            return [];
        }
    }

    private static FileAttributes Attributes(FileSystemInfo entry)
    {
        try
        {
            return entry.Attributes;
        }
        catch (IOException)
        {
            return Missing;
        }
    }

    private static FoundKind? KindOf(string path)
    {
        if (File.Exists(new SweepFolder(path).Plan))
            return FoundKind.Sweep;
        if (File.Exists(new RunFolder(path).Spec))
            return FoundKind.Run;
        return File.Exists(new LandscapeFolder(path).GridFile) ? FoundKind.Landscape : null;
    }

    private static string? Resolved(FileSystemInfo entry)
    {
        try
        {
            return entry.LinkTarget is null ? null : FolderLinks.Real(entry.FullName);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
