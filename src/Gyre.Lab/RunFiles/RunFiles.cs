using System.Text.RegularExpressions;
using Gyre.Torch;

namespace Gyre.Lab.RunFiles;

/// <summary>Which files in a run folder are this program's, by their names (docs/formats.md); anything else is
/// somebody's own.</summary>
internal static partial class RunFiles
{
    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = 0, IgnoreInaccessible = false };

    /// <summary>Whether a file is there that is named as a checkpoint is.</summary>
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

    /// <summary>Whether a file's name is that of one that a killed process left half-written.</summary>
    public static bool IsTemporary(string path) => Temporary().IsMatch(Path.GetFileName(path));

    /// <summary>
    /// Every file of a run folder, below it too, and the first entry that is not this program's: another name, a
    /// link, a pipe.
    /// </summary>
    /// <returns>Paths below the folder; the foreign one is null where there is none.</returns>
    /// <exception cref="IOException">The folder cannot be listed.</exception>
    /// <exception cref="UnauthorizedAccessException">As above.</exception>
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

    /// <summary>The name that a half-written file is to have; of others their own.</summary>
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
