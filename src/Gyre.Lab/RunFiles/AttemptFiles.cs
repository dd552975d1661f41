using System.Globalization;
using System.Text.RegularExpressions;

namespace Gyre.Lab.RunFiles;

/// <summary>
/// Begins an attempt at a cell with the files of an earlier attempt. The earlier one may still be alive and writing,
/// so only the files covered by its checkpoint are copied.
/// </summary>
internal static partial class AttemptFiles
{
    /// <summary>
    /// Copies the lines, the eigenvectors and the latest sound checkpoint; copies nothing if there is no checkpoint
    /// to resume from, or if the new attempt already has one. Call while holding the lock of <paramref name="own"/>.
    /// </summary>
    /// <param name="earlier">The earlier attempt; only read.</param>
    /// <param name="own">A run folder of the same spec that has begun.</param>
    /// <param name="forGood">Steps whose checkpoints are kept permanently.</param>
    /// <param name="time">The clock for the note in sessions.jsonl.</param>
    /// <exception cref="RunFolderException">The new attempt's folder cannot be written.</exception>
    public static void TakeOver(RunFolder earlier, RunFolder own, IReadOnlyList<int> forGood, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(earlier);
        ArgumentNullException.ThrowIfNull(own);
        ArgumentNullException.ThrowIfNull(forGood);
        ArgumentNullException.ThrowIfNull(time);
        if (Checkpoints.Steps(own).Count > 0)
            return;
        var step = Checkpoints
            .Steps(earlier)
            .FirstOrDefault(
                step => ForkFiles.Copy(earlier, own, step, () => CopyBeside(earlier, own, step, forGood)) is null,
                -1
            );
        var detail =
            step < 0
                ? $"{earlier.Path} has no checkpoint to resume from"
                : $"resumes from the checkpoint of step {step} of {Path.GetFileName(earlier.Path)}";
        RunFolder.Guarded(
            own.Sessions,
            () =>
            {
                RunWriter.AppendLine(
                    own.Sessions,
                    new SessionRecord(
                        time.GetUtcNow(),
                        SessionKinds.TakenOver,
                        Math.Max(0, step),
                        Environment.ProcessId,
                        detail
                    )
                );
                return true;
            }
        );
    }

    private static void CopyBeside(RunFolder earlier, RunFolder own, long step, IReadOnlyList<int> forGood)
    {
        foreach (
            var history in new[] { (earlier.Timings, own.Timings), (earlier.Sessions, own.Sessions) }.Where(pair =>
                File.Exists(pair.Item1)
            )
        )
            Copy(history.Item1, history.Item2);
        foreach (var file in FilesBefore(earlier.Eigenvectors, step))
            Copy(file, Path.Combine(own.Eigenvectors, Path.GetFileName(file)));
        foreach (var kept in Checkpoints.Steps(earlier).Where(other => other < step && forGood.Contains((int)other)))
            Copy(Checkpoints.PathOf(earlier, kept), Checkpoints.PathOf(own, kept));
    }

    private static IEnumerable<string> FilesBefore(string folder, long step) =>
        !Directory.Exists(folder)
            ? []
            : Directory
                .EnumerateFiles(folder)
                .Where(file =>
                    StepName().Match(Path.GetFileName(file)) is { Success: true } match
                    && long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) < step
                );

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        using var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        WholeFile.Write(to, source.CopyTo);
    }

    [GeneratedRegex(@"^step-(\d{6,18})\.safetensors$")]
    private static partial Regex StepName();
}
