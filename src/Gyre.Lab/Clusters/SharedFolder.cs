using Gyre.Lab.RunFiles;

namespace Gyre.Lab.Clusters;

/// <summary>Checks the kind of file system that a folder is on: all nodes of a cluster must see the folder.</summary>
internal static class SharedFolder
{
    private static readonly string[] OwnKinds = ["tmpfs", "ramfs", "overlay", "overlayfs", "squashfs", "devtmpfs"];
    private static readonly string[] CachedKinds = ["nfs", "nfs4", "cifs", "smb2", "fuse", "fuse.sshfs"];
    private static readonly TimeSpan Prompt = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Cached = TimeSpan.FromSeconds(90);

    /// <summary>
    /// How long a file of another node may remain invisible here: NFS caches a folder's contents for up to a minute.
    /// </summary>
    public static TimeSpan Patience(string path) => CachedKinds.Contains(Kind(path)) ? Cached : Prompt;

    /// <summary>
    /// Returns a warning if the folder is certainly or probably local to this machine; otherwise null.
    /// </summary>
    public static string? Warning(string path)
    {
        var (full, kind) = (Path.GetFullPath(path), Kind(Existing(path)));
        if (OwnKinds.Contains(kind))
            return $"{full} is on a file system ({kind}) that only this machine sees. The jobs need one that all "
                + "nodes share; choose one with --out.";
        return full.StartsWith(Path.GetTempPath(), StringComparison.Ordinal)
            ? $"{full} is a temporary folder, which cluster nodes rarely share. If they do not, the jobs "
                + "report it in their output; choose another with --out."
            : null;
    }

    /// <summary>The folder itself, or the existing folder that it will be created in.</summary>
    private static string Existing(string path)
    {
        var full = Path.GetFullPath(path);
        while (!Directory.Exists(full) && Path.GetDirectoryName(full) is { } above)
            full = above;
        return full;
    }

    private static string Kind(string path)
    {
        try
        {
            var full = Path.GetFullPath(path);
            var drive = DriveInfo
                .GetDrives()
                .Where(drive =>
                    full == drive.Name || full.StartsWith(drive.Name.TrimEnd('/') + '/', StringComparison.Ordinal)
                )
                .MaxBy(drive => drive.Name.Length);
            return drive?.DriveFormat ?? "";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}

/// <summary>Reads the output that a task left behind.</summary>
internal static class Traces
{
    private const int Lines = 3;

    /// <summary>Returns the last lines of a task's output, phrased as the end of a sentence.</summary>
    public static string LastLine(ClusterFolder folder, string job, int index)
    {
        var path = Path.Combine(folder.Output, FormattableString.Invariant($"{job}_{index}.out"));
        try
        {
            var lines = File.ReadLines(path).Where(line => line.Length > 0).TakeLast(Lines).ToArray();
            return lines.Length > 0
                ? $"; last output, in {path}: {string.Join(" | ", lines)}"
                : $"; it wrote nothing to {path}";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"; it left no output in {folder.Output}: is the folder on a file system that all nodes share?";
        }
    }
}
