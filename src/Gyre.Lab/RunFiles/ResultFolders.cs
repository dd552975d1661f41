namespace Gyre.Lab.RunFiles;

/// <summary>What a folder of results is.</summary>
internal enum ResultKind
{
    /// <summary>A run.</summary>
    Run,

    /// <summary>A sweep.</summary>
    Sweep,

    /// <summary>Files of a run without its spec.toml.</summary>
    Stump,

    /// <summary>Files of a sweep without its plan.json.</summary>
    Unplanned,

    /// <summary>A folder that may not be listed.</summary>
    Closed,
}

/// <summary>A folder that holds results, or what is left of some.</summary>
/// <param name="Path">Where it is, as the folder was named that was looked through.</param>
/// <param name="Kind">What it is.</param>
internal sealed record ResultFolder(string Path, ResultKind Kind);

/// <summary>Finds runs and sweeps below a folder.</summary>
internal static class ResultFolders
{
    private const int Deepest = 8;

    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = 0, IgnoreInaccessible = false };

    /// <summary>
    /// Folders in the order of their names; nothing below a run or a sweep. Cost: a few calls of the file system a
    /// folder.
    /// </summary>
    /// <param name="path">A folder; it may itself be a run or a sweep.</param>
    /// <param name="links">Whether links are followed that lead straight to a run or a sweep; no others ever
    /// are.</param>
    public static IEnumerable<ResultFolder> Below(string path, bool links) => Below(path, links, 0);

    /// <summary>The folders in a folder, without links; none where it is missing, or a link itself.</summary>
    public static IEnumerable<string> Directly(string path) =>
        new DirectoryInfo(path) is { Exists: true, LinkTarget: null } folder
            ? Plain(path, folder.EnumerateDirectories("*", Everything))
            : [];

    /// <summary>The files in a folder, without links; none where it is missing, or a link itself.</summary>
    internal static IEnumerable<string> FilesOf(string path) =>
        new DirectoryInfo(path) is { Exists: true, LinkTarget: null } folder
            ? Plain(path, folder.EnumerateFiles("*", Everything))
            : [];

    private static IEnumerable<string> Plain(string path, IEnumerable<FileSystemInfo> entries) =>
        entries
            .Where(one => one.LinkTarget is null)
            .Select(one => Path.Combine(path, one.Name))
            .Order(StringComparer.Ordinal);

    /// <summary>What a folder is; null where it is none of ours.</summary>
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
