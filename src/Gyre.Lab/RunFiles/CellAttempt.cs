using System.Globalization;

namespace Gyre.Lab.RunFiles;

/// <summary>
/// Identifies one of several copies of a cell. A cluster may start a cell again while an earlier copy of it is still
/// running, cut off from the controller. Later copies have larger numbers.
/// </summary>
/// <param name="Submission">Number of the submission to the cluster, from 1.</param>
/// <param name="Restart">The number of times that the cluster has restarted that job, from 0.</param>
internal readonly record struct AttemptNumber(int Submission, int Restart) : IComparable<AttemptNumber>
{
    private const string Prefix = "attempt-";

    /// <inheritdoc/>
    public int CompareTo(AttemptNumber other) => (Submission, Restart).CompareTo((other.Submission, other.Restart));

    /// <summary>Formats the number as in attempt-1-0.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Submission}-{Restart}");

    /// <summary>Parses such a text; null if it is malformed.</summary>
    public static AttemptNumber? TryParse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return
            text.StartsWith(Prefix, StringComparison.Ordinal)
            && text[Prefix.Length..].Split('-') is [var submission, var restart]
            && Whole(submission) is { } one
            && Whole(restart) is { } two
            ? new AttemptNumber(one, two)
            : null;
    }

    /// <inheritdoc/>
    public static bool operator <(AttemptNumber left, AttemptNumber right) => left.CompareTo(right) < 0;

    /// <inheritdoc/>
    public static bool operator >(AttemptNumber left, AttemptNumber right) => left.CompareTo(right) > 0;

    /// <inheritdoc/>
    public static bool operator <=(AttemptNumber left, AttemptNumber right) => left.CompareTo(right) <= 0;

    /// <inheritdoc/>
    public static bool operator >=(AttemptNumber left, AttemptNumber right) => left.CompareTo(right) >= 0;

    private static int? Whole(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}

/// <summary>
/// One attempt at a cell, in its own run folder, so that concurrent copies share no file. The first one to finish
/// becomes the cell's result, by a rename that succeeds only once (docs/decisions/0008-slurm.md).
/// </summary>
/// <param name="Number">The attempt's number, which orders attempts.</param>
/// <param name="Folder">The attempt's run folder.</param>
internal sealed record CellAttempt(AttemptNumber Number, RunFolder Folder)
{
    /// <summary>Makes the attempt's folder the cell's result.</summary>
    /// <returns>False if another attempt was first; this attempt's folder then stays in place.</returns>
    /// <exception cref="RunFolderException">The attempt is not finished, or the rename failed for another
    /// reason.</exception>
    public bool Publish(RunFolder result)
    {
        ArgumentNullException.ThrowIfNull(result);
        if (Folder.Status != RunStatus.Finished)
            throw new RunFolderException($"{Folder.Path} is not finished and cannot be the result.");
        return RunFolder.Guarded(Folder.Path, () => Rename(result));
    }

    /// <summary>
    /// Turns an unfinished result, left by a run on one machine, into the latest attempt. Jobs resume from it, and
    /// the result's path becomes free. No process may be working on the cell.
    /// </summary>
    /// <exception cref="RunFolderException">A process works on the cell, or the folder cannot be moved.</exception>
    public static void SetAside(SweepFolder sweep, string cell)
    {
        ArgumentNullException.ThrowIfNull(sweep);
        var result = sweep.Result(cell);
        if (result.Status != RunStatus.Unfinished)
            return;
        RunLock.Take(result).Dispose();
        var before = sweep.AttemptsAt(cell) is [.., var latest] ? latest.Number : new AttemptNumber(0, 0);
        var aside = sweep.Attempt(cell, before with { Restart = before.Restart + 1 });
        RunFolder.Guarded(
            result.Path,
            () =>
            {
                Directory.CreateDirectory(Path.GetDirectoryName(aside.Folder.Path)!);
                Directory.Move(result.Path, aside.Folder.Path);
                return true;
            }
        );
    }

    /// <summary>Returns the attempts in a cell's attempts folder that have begun, the latest last.</summary>
    internal static IReadOnlyList<CellAttempt> ReadAll(string path)
    {
        try
        {
            return
            [
                .. Directory
                    .EnumerateDirectories(path)
                    .Select(Named)
                    .OfType<CellAttempt>()
                    .Where(attempt => File.Exists(attempt.Folder.Spec))
                    .OrderBy(attempt => attempt.Number),
            ];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    private static CellAttempt? Named(string path) =>
        AttemptNumber.TryParse(Path.GetExtension(path).TrimStart('.')) is { } number
            ? new CellAttempt(number, new RunFolder(path))
            : null;

    /// <summary>
    /// Renaming a folder never replaces a folder that is not empty: of two concurrent renames, one fails.
    /// </summary>
    private bool Rename(RunFolder result)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(result.Path)!);
            Directory.Move(Folder.Path, result.Path);
            return true;
        }
        catch (IOException) when (result.Status == RunStatus.Finished)
        {
            return false;
        }
    }
}
