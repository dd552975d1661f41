namespace Gyre.Lab.RunFiles;

/// <summary>The kind of a folder of results.</summary>
internal enum ResultKind
{
    Run,

    Sweep,

    /// <summary>Files of a run without its spec.toml.</summary>
    Stump,

    /// <summary>Files of a sweep without its plan.json.</summary>
    Unplanned,

    /// <summary>A folder that cannot be listed.</summary>
    Closed,
}

/// <summary>A folder that holds results, or the remains of results.</summary>
/// <param name="Path">Path of the folder, relative to the same base as the folder that was searched.</param>
internal sealed record ResultFolder(string Path, ResultKind Kind);

/// <summary>Finds runs and sweeps below a folder.</summary>
internal static class ResultFolders
{
    private const int Deepest = 8;

    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = 0, IgnoreInaccessible = false };

    /// <summary>
    /// Returns the folders ordered by name; never descends into a run or a sweep. Cost: a few file system calls per
    /// folder.
    /// </summary>
    /// <param name="path">A folder; it may itself be a run or a sweep.</param>
    /// <param name="links">Whether to follow links that lead straight to a run or a sweep; other links are never
    /// followed.</param>
    public static IEnumerable<ResultFolder> Below(string path, bool links) => Below(path, links, 0);

    /// <summary>
    /// Returns the folders in a folder, except links; empty if the folder is missing or is itself a link.
    /// </summary>
    public static IEnumerable<string> Directly(string path) =>
        new DirectoryInfo(path) is { Exists: true, LinkTarget: null } folder
            ? Plain(path, folder.EnumerateDirectories("*", Everything))
            : [];

    /// <summary>
    /// Returns the files in a folder, except links; empty if the folder is missing or is itself a link.
    /// </summary>
    internal static IEnumerable<string> FilesOf(string path) =>
        new DirectoryInfo(path) is { Exists: true, LinkTarget: null } folder
            ? Plain(path, folder.EnumerateFiles("*", Everything))
            : [];

    private static IEnumerable<string> Plain(string path, IEnumerable<FileSystemInfo> entries) =>
        entries
            .Where(one => one.LinkTarget is null)
            .Select(one => Path.Combine(path, one.Name))
            .Order(StringComparer.Ordinal);

    /// <summary>Classifies a folder; null if it holds no results.</summary>
    public static ResultKind? KindOf(string path)
    {
        var (run, sweep) = (new RunFolder(path), new SweepFolder(path));
        if (sweep.Exists)
            return ResultKind.Sweep;
        if (File.Exists(run.Spec))
            return ResultKind.Run;
        if (Directory.Exists(sweep.Cells) && (File.Exists(sweep.Spec) || File.Exists(sweep.Calibrations)))
            return ResultKind.Unplanned;
        var isStump =
            new[] { run.Steps, run.Summary, run.Environment }.Any(File.Exists) || RunFiles.HoldsCheckpoint(run);
        return isStump ? ResultKind.Stump : null;
    }

    private static IEnumerable<ResultFolder> Below(string path, bool links, int depth)
    {
        if (KindOf(path) is { } kind)
            return [new ResultFolder(path, kind)];
        if (depth == Deepest)
            return [];
        try
        {
            return
            [
                .. new DirectoryInfo(path)
                    .EnumerateDirectories("*", Everything)
                    .Where(one => IsShown(one, path, links))
                    .OrderBy(one => one.Name, StringComparer.Ordinal)
                    .SelectMany(one => Below(Path.Combine(path, one.Name), links, depth + 1)),
            ];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [new ResultFolder(path, ResultKind.Closed)];
        }
    }

    private static bool IsShown(DirectoryInfo folder, string above, bool links) =>
        !folder.Name.StartsWith('.')
        && (
            folder.LinkTarget is null
            || links && KindOf(Path.Combine(above, folder.Name)) is ResultKind.Run or ResultKind.Sweep
        );
}
