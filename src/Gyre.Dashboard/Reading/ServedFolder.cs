using System.Globalization;
using Gyre.Lab.RunFiles;

namespace Gyre.Dashboard.Reading;

/// <summary>What a folder is.</summary>
internal enum FoundKind
{
    /// <summary>A run.</summary>
    Run,

    /// <summary>A sweep.</summary>
    Sweep,

    /// <summary>What `gyre landscape` wrote.</summary>
    Landscape,
}

/// <summary>A folder that can be shown.</summary>
/// <param name="Key">Its address: the path below the served folder, with '/' between names.</param>
/// <param name="Path">Where it is.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Sweep">Key of the sweep that a run is a cell of; empty of other runs.</param>
internal sealed record Found(string Key, string Path, FoundKind Kind, string Sweep = "");

/// <summary>What a look through the served folder found.</summary>
/// <param name="Folders">Runs, sweeps and landscapes, by key.</param>
/// <param name="Remarks">What was left out, and why, a sentence each.</param>
internal sealed record FoundFolders(IReadOnlyDictionary<string, Found> Folders, IReadOnlyList<string> Remarks)
{
    /// <summary>Whether the served folder is there; else a remark says what became of it.</summary>
    public bool There { get; init; } = true;
}

/// <summary>
/// The folder that is served. An address is looked up among what was found in it, and never made into a path: nothing
/// outside can be named. Links are followed only where they end inside.
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

    /// <summary>The folder as it was named.</summary>
    public string Given { get; }

    /// <summary>Looks through the folder and those below it. Cost: a few calls of the file system a folder.</summary>
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
                            $"There are more than {MostFolders} folders here; what comes after them is left "
                                + $"out. Serve a folder nearer to the runs."
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
                        $"{next} is a link that leads out of the served folder, and left out. Serve the "
                            + "folder that it leads to."
                    );
            }
        }
    }

    private string Gone() =>
        File.Exists(_root)
            ? $"{Given} is a file, and no folder any more. Put the folder back, or serve another."
            : $"{Given} is no longer there: it was removed, moved or renamed. Put it back, or serve another folder.";

    /// <summary>
    /// Whether a folder is an attempt of a cluster's job at a cell that has a result, or a later attempt: the cell is
    /// shown once.
    /// </summary>
    private static bool IsSuperseded(DirectoryInfo folder) =>
        folder.Parent is { Parent: { Name: SweepFolder.AttemptsName, Parent: { } sweep } } cell
        && new SweepFolder(sweep.FullName).Cell(cell.Name).Path != folder.FullName;

    /// <summary>
    /// Whether a file or folder is a link that ends outside, or nowhere. One that was deleted meanwhile is none.
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
    /// Names of the links by which a folder leads out of the served one: a folder above it or itself, else files in
    /// it. They are not read. None of a folder that is gone.
    /// </summary>
    /// <remarks>Asked at every look: a folder that was inside when it was found may lie elsewhere by now.</remarks>
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

    /// <summary>The folders below the served one down to one of them, the outermost first.</summary>
    private IEnumerable<DirectoryInfo> FromRoot(DirectoryInfo folder) =>
        folder.Parent is { } parent && folder.FullName.Length > _root.Length ? FromRoot(parent).Append(folder) : [];

    /// <summary>What a folder holds; nothing of one that is deleted while it is listed.</summary>
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
