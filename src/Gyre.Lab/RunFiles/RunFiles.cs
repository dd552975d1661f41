using System.Text.RegularExpressions;
using Gyre.Torch;

namespace Gyre.Lab.RunFiles;

/// <summary>
/// Recognizes the files of this program in a run folder by their names (docs/formats.md). Any other file belongs to
/// the user.
/// </summary>
internal static partial class RunFiles
{
    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = 0, IgnoreInaccessible = false };

    /// <summary>Whether the folder has a file named like a checkpoint.</summary>
    public static bool HoldsCheckpoint(RunFolder folder)
    {
        try
        {
            return Checkpoints.Steps(folder).Count > 0;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Whether a file has the name of a half-written file left by a killed process.</summary>
    public static bool IsTemporary(string path) => Temporary().IsMatch(Path.GetFileName(path));

    /// <summary>
    /// Lists every file of a run folder, including subfolders, up to the first entry that is not this program's:
    /// another name, a link, a pipe.
    /// </summary>
    /// <returns>Paths relative to the folder. The foreign entry is null if there is none.</returns>
    /// <exception cref="IOException">The folder cannot be listed.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be listed.</exception>
    public static (IReadOnlyList<string> Files, string? Foreign) List(string folder)
    {
        var files = new List<string>();
        return (files, Collect(folder, "", files));
    }

    private static string? Collect(string folder, string below, List<string> files)
    {
        var entries = new DirectoryInfo(Path.Combine(folder, below)).EnumerateFileSystemInfos("*", Everything);
        foreach (var entry in entries.OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            var name = below.Length == 0 ? entry.Name : $"{below}/{entry.Name}";
            if (entry.LinkTarget is not null || !IsOwn(entry, name))
                return name;
            if (entry is DirectoryInfo && Collect(folder, name, files) is { } foreign)
                return foreign;
            if (entry is FileInfo)
                files.Add(name);
        }
        return null;
    }

    private static bool IsOwn(FileSystemInfo entry, string name) =>
        entry is DirectoryInfo
            ? OwnFolder().IsMatch(name)
            : Own().IsMatch(Finished(name)) && FileKind.Special(entry.FullName) is null;

    /// <summary>Returns the final name of a half-written file; any other name is returned unchanged.</summary>
    private static string Finished(string name)
    {
        var last = Path.GetFileName(name);
        return Temporary().Match(last) is { Success: true } match ? name[..^last.Length] + match.Groups[1].Value : name;
    }

    [GeneratedRegex(@"^\.?([^.].*)\.(?:\d{1,10}|[0-9a-f]{32})\.tmp$")]
    private static partial Regex Temporary();

    [GeneratedRegex(
        @"^(?:spec\.toml|lock|(?:environment|summary)\.json|(?:steps|curvature|events|timings|sessions)\.jsonl"
            + @"|(?:checkpoints|eigenvectors)/step-\d{6,18}\.safetensors|report/[a-z0-9-]+\.(?:svg|png|html|json)"
            + @"|export/(?:csv|parquet)/[a-z_]+\.(?:csv|parquet)|export/tensorboard/(?:[^/]+/)?[^/]*tfevents[^/]*)$"
    )]
    private static partial Regex Own();

    [GeneratedRegex(
        @"^(?:checkpoints|eigenvectors|report|export|export/(?:csv|parquet|tensorboard)|export/tensorboard/[^/]+)$"
    )]
    private static partial Regex OwnFolder();
}
