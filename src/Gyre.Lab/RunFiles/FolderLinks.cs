namespace Gyre.Lab.RunFiles;

/// <summary>Where paths lead when every link on the way is followed.</summary>
internal static class FolderLinks
{
    /// <summary>A path whose folders are no links: a link's target may lie below another link.</summary>
    /// <exception cref="IOException">Links go in a circle.</exception>
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

    /// <summary>Whether a real path is a folder or lies below it.</summary>
    public static bool IsWithin(string path, string folder) =>
        path == folder
        || path.StartsWith(
            folder.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar,
            StringComparison.Ordinal
        );

    /// <summary>The first link on the way from a folder down to a path in it that leads out of the folder; null where
    /// there is none.</summary>
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
    /// Refuses to write where a link in a folder of results leads out of it: what lies there is somebody else's.
    /// </summary>
    /// <exception cref="RunFolderException">There is such a link.</exception>
    internal static void Hold(string folder, string path)
    {
        FolderFile.HoldFolder(path);
        HoldWithin(folder, path);
    }

    /// <summary>The same of a file.</summary>
    /// <exception cref="RunFolderException">There is such a link.</exception>
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

    /// <summary>The real path; of a circle the path itself.</summary>
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
