using System.IO.Enumeration;
using System.Text.RegularExpressions;
using Gyre.Lab.RunFiles;

namespace Gyre.Lab.Trajectories;

/// <summary>Finds the checkpoints that a user names by files, folders, and patterns with * and ?.</summary>
internal static partial class CheckpointPlaces
{
    /// <summary>
    /// The maximum number of files in one place; a folder with more is not a folder of checkpoints.
    /// </summary>
    public const int Most = 100_000;

    /// <summary>
    /// Returns what determines the run's id: full paths, with # for the numbers in the names of single checkpoints. A
    /// list that a shell expanded from a pattern therefore stays the same when it grows.
    /// </summary>
    public static IReadOnlyList<string> Sources(IEnumerable<string> places) =>
        [
            .. places
                .Select(Path.GetFullPath)
                .Select(path => IsCheckpoint(path) ? WithoutNumbers(path) : path)
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>Returns whether a place may gain checkpoints while a training continues.</summary>
    public static bool Grows(string place) => !IsCheckpoint(place);

    /// <summary>Returns whether a place names one file or folder that does not exist.</summary>
    public static bool IsAbsent(string place) => !place.AsSpan().ContainsAny('*', '?') && !Path.Exists(place);

    /// <summary>
    /// Returns the files of a place, and the folders that are checkpoints, in the order of their names.
    /// </summary>
    /// <exception cref="IOException">The place cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">Access to the place is denied.</exception>
    public static IReadOnlyList<string> Expand(string place)
    {
        if (IsCheckpoint(place))
            return [place];
        var found = Directory.Exists(place) ? InFolder(place) : Matching(place);
        return [.. found.Take(Most + 1).OrderBy(path => path, NaturalOrder.Instance)];
    }

    /// <summary>Returns whether a path is a checkpoint, or may be part of one.</summary>
    public static bool IsFitting(string path) =>
        CheckpointFolder.FindWeights(path) is not null
        || (!Directory.Exists(path) && StepName.IsOfWeights(Path.GetFileName(path)));

    private static bool IsCheckpoint(string path) =>
        File.Exists(path) || CheckpointFolder.FindWeights(path) is not null;

    private static string WithoutNumbers(string path)
    {
        var trimmed = Path.TrimEndingDirectorySeparator(path);
        return Path.Combine(Path.GetDirectoryName(trimmed) ?? "", Digits().Replace(Path.GetFileName(trimmed), "#"));
    }

    private static IEnumerable<string> InFolder(string folder)
    {
        var run = new RunFolder(folder);
        var inside = File.Exists(run.Spec) && Directory.Exists(run.Checkpoints) ? run.Checkpoints : folder;
        return Directory.EnumerateFileSystemEntries(inside);
    }

    /// <summary>Matches segment by segment, so that folders may have wildcards too.</summary>
    private static IEnumerable<string> Matching(string pattern)
    {
        var root = Path.GetPathRoot(pattern) ?? "";
        IEnumerable<string> found = [root];
        foreach (var segment in pattern[root.Length..].Split(Path.DirectorySeparatorChar))
        {
            var one = segment;
            found = one.AsSpan().ContainsAny('*', '?')
                ? found.Where(Directory.Exists).SelectMany(folder => Named(folder, one))
                : found.Select(folder => Path.Combine(folder, one)).Where(Path.Exists);
        }
        var named = !Path.GetFileName(pattern).AsSpan().ContainsAny('*', '?'); // folders of one name in several places
        return named ? found.SelectMany(path => IsCheckpoint(path) ? [path] : InFolder(path)) : found;
    }

    private static IEnumerable<string> Named(string folder, string pattern) =>
        Directory
            .EnumerateFileSystemEntries(folder)
            .Where(path => FileSystemName.MatchesSimpleExpression(pattern, Path.GetFileName(path), ignoreCase: false));

    [GeneratedRegex(@"\d+")]
    private static partial Regex Digits();

    /// <summary>Orders by name, with numbers by their value: a-9 comes before a-10.</summary>
    private sealed class NaturalOrder : IComparer<string>
    {
        public static NaturalOrder Instance { get; } = new();

        public int Compare(string? x, string? y)
        {
            var order = string.CompareOrdinal(Padded(x!), Padded(y!));
            return order != 0 ? order : string.CompareOrdinal(x, y);
        }

        private static string Padded(string path) =>
            Digits().Replace(path, match => match.Value.Length > 18 ? match.Value : match.Value.PadLeft(18, '0'));
    }
}
