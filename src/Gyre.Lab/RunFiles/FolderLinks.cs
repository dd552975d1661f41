namespace Gyre.Lab.RunFiles;

/// <summary>Resolves every link along a path.</summary>
internal static class FolderLinks
{
    /// <summary>
    /// Returns a path in which no folder is a link. Resolution repeats, since a link's target may lie below another
    /// link.
    /// </summary>
    /// <exception cref="IOException">The links form a cycle.</exception>
    public static string Real(string path)
    {
        path = Path.GetFullPath(path);
        var below = "";
        for (var above = path; Path.GetDirectoryName(above) is { } next; above = next)
        {
            if (new DirectoryInfo(above).ResolveLinkTarget(returnFinalTarget: true) is { } target)
                return Real(Path.Combine(target.FullName, below));
            below = Path.Combine(Path.GetFileName(above), below);
        }
        return path;
    }

    /// <summary>Whether a resolved path is a folder or lies below it.</summary>
    public static bool IsWithin(string path, string folder) =>
        path == folder
        || path.StartsWith(
            folder.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar,
            StringComparison.Ordinal
        );

    /// <summary>
    /// Returns the first link between a folder and a path inside it that leads out of the folder; null if there is
    /// none.
    /// </summary>
    internal static string? LeadingOut(string folder, string path)
    {
        var way = folder;
        string? root = null;
        foreach (var name in Path.GetRelativePath(folder, path).Split(Path.DirectorySeparatorChar))
        {
            way = Path.Combine(way, name);
            if (new DirectoryInfo(way).LinkTarget is not null && !IsWithin(Target(way), root ??= Target(folder)))
                return way;
        }
        return null;
    }

    /// <summary>
    /// Throws if a link in a folder of results leads out of it: files there belong to someone else and must not be
    /// written.
    /// </summary>
    /// <exception cref="RunFolderException">There is such a link, or a file, pipe or device at the folder's
    /// path.</exception>
    internal static void Hold(string folder, string path)
    {
        FolderFile.HoldFolder(path);
        HoldWithin(folder, path);
    }

    /// <summary>Checks a file's path in the same way.</summary>
    /// <exception cref="RunFolderException">There is such a link, or a folder, pipe or device at the file's
    /// path.</exception>
    internal static void HoldFile(string folder, string path)
    {
        FolderFile.Hold(path);
        HoldWithin(folder, path);
    }

    private static void HoldWithin(string folder, string path)
    {
        if (LeadingOut(folder, path) is { } link)
            throw new RunFolderException(
                $"{link} is a link that leads out of {folder}, to {Target(link)}: nothing is written there. "
                    + "Remove the link."
            );
    }

    /// <summary>Returns the resolved path, or the path itself if its links form a cycle.</summary>
    internal static string Target(string path)
    {
        try
        {
            return Real(path);
        }
        catch (IOException)
        {
            return path;
        }
    }
}
