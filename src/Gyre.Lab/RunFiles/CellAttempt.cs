using System.Globalization;

namespace Gyre.Lab.RunFiles;

/// <summary>
/// Which of several copies of a cell a process is. A cluster may start a cell again while an earlier copy of it still
/// lives, cut off from the controller and unaware; later copies have larger numbers.
/// </summary>
/// <param name="Submission">Number of the submission to the cluster, from 1.</param>
/// <param name="Restart">How often the cluster has started that job again, from 0.</param>
internal readonly record struct AttemptNumber(int Submission, int Restart) : IComparable<AttemptNumber>
{
    private const string Prefix = "attempt-";

    /// <inheritdoc/>
    public int CompareTo(AttemptNumber other) => (Submission, Restart).CompareTo((other.Submission, other.Restart));

    /// <summary>attempt-1-0.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Submission}-{Restart}");

    /// <summary>Of such a text; null where it is none.</summary>
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
/// One attempt at a cell, in a run folder of its own: copies that live at once share no file. Whichever is done first
/// becomes the cell's result, by one rename that succeeds once (docs/decisions/0008-slurm.md).
/// </summary>
/// <param name="Number">Orders attempts.</param>
/// <param name="Folder">Its run folder.</param>
internal sealed record CellAttempt(AttemptNumber Number, RunFolder Folder)
{
    /// <summary>Makes the attempt's folder the cell's result.</summary>
    /// <returns>False where another attempt was first: this one's folder stays where it is.</returns>
    /// <exception cref="RunFolderException">The file system refuses for another reason.</exception>
    public bool Publish(RunFolder result)
    {
        ArgumentNullException.ThrowIfNull(result);
        if (Folder.Status != RunStatus.Finished)
            throw new RunFolderException($"{Folder.Path} is not finished and cannot be the result.");
        return RunFolder.Guarded(Folder.Path, () => Rename(result));
    }

    /// <summary>
    /// Makes an unfinished result, which a run on one machine left, the latest attempt: jobs go on from it, and its
    /// place is free for theirs. Only where no process works on the cell.
    /// </summary>
    /// <exception cref="RunFolderException">A process works on it, or it cannot be moved.</exception>
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

    /// <summary>The attempts in a cell's folder of attempts that have begun, the latest last.</summary>
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

    /// <summary>A rename of folders never replaces one that holds anything: of two at once, one fails.</summary>
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
