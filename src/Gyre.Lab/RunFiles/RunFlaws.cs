using System.Globalization;
using Gyre.Torch;

namespace Gyre.Lab.RunFiles;

/// <summary>
/// Finds files in a run folder that are missing, unreadable or changed. Cost: each file is read twice, for its
/// records and for its checksum.
/// </summary>
internal static class RunFlaws
{
    /// <summary>
    /// Returns one sentence per flaw, with the file and the count; empty for a sound folder, finished or not.
    /// </summary>
    public static IReadOnlyList<string> Find(RunReader run)
    {
        var folder = run.Folder;
        var summary = TryRead(() => run.ReadSummary());
        // A training in another program has no timings and may skip steps; so may a series of checkpoints.
        var given = run.EachStep().FirstOrDefault()?.Checkpoint is not null;
        var each = !given && new FileInfo(folder.Timings) is { Exists: true, Length: > 0 };
        return
        [
            .. Lines(folder.Steps, summary, new Kind<StepRecord>(record => record.Step, summary?.Steps, Each: each)),
            .. Lines(
                folder.Curvature,
                summary,
                new Kind<CurvatureRecord>(
                    record => record.Step,
                    Count: summary?.Measurements,
                    IsWhole: RunReader.IsWhole
                )
            ),
            .. Lines(folder.Events, summary, new Kind<EventRecord>()),
            .. Lines(
                folder.Timings,
                summary,
                new Kind<TimingRecord>(record => record.Step, summary?.Steps, Each: !given, Replayed: false)
            ),
            .. Lines(folder.Sessions, summary, new Kind<SessionRecord>()),
            .. summary is null ? RunSeals.SinceCheckpoint(folder) : [],
            .. folder.SummaryFlaw() is { } flaw ? [flaw] : Array.Empty<string>(),
            .. Whole(folder.Environment, () => run.ReadEnvironment()),
        ];
    }

    private static IEnumerable<string> Lines<T>(string path, SummaryRecord? summary, Kind<T> kind)
        where T : class
    {
        if (!File.Exists(path))
            return Absent(path, summary);
        try
        {
            var found = Read(path, kind);
            string[] flaws = [.. Broken(path, found)];
            return flaws.Length > 0
                ? flaws
                : Changed(path, RunSeals.Find(path, summary), found, kind.LastStep, kind.Count);
        }
        catch (RunFolderException error)
        {
            return [error.Message];
        }
    }

    private static IEnumerable<string> Whole(string path, Func<object?> read)
    {
        try
        {
            if (read() is not null)
                return [];
            return [$"{path} is {(File.Exists(path) ? "not what it should be" : "missing")}."];
        }
        catch (RunFolderException error)
        {
            return [error.Message];
        }
    }

    private static IEnumerable<string> Absent(string path, SummaryRecord? summary)
    {
        if (Directory.Exists(path))
            yield return $"{path} is a folder, not a file.";
        else if (summary is not null)
            yield return $"{path} is missing, although the run is finished.";
    }

    private static Found Read<T>(string path, Kind<T> kind)
        where T : class
    {
        var tail = new JsonLinesTail<T>(path);
        var (records, torn, disordered, left, last) = (0L, 0L, 0L, 0L, -1L);
        foreach (var record in tail.Each())
        {
            var (whole, step) = (kind.IsWhole?.Invoke(record) ?? true, kind.Step?.Invoke(record) ?? long.MaxValue);
            (records, torn) = (records + (whole ? 1 : 0), torn + (whole ? 0 : 1));
            disordered += step <= last && kind.Replayed ? 1 : 0;
            left += kind.Each && records > 1 ? Math.Max(0, step - last - 1) : 0;
            last = kind.Step is null ? last : Math.Max(last, step);
        }
        return new Found(records, tail.Unreadable + torn, disordered, left, last)
        {
            FirstUnreadable = torn == 0 ? tail.FirstUnreadable : 0,
        };
    }

    private static IEnumerable<string> Broken(string path, Found found)
    {
        if (found.Unreadable > 0)
            yield return LineFlaw.Describe(path, found.Unreadable, found.FirstUnreadable);
        if (found.Disordered > 0)
            yield return $"{path}: {Counted.Format(found.Disordered, "line", "lines")} of an earlier step, left out.";
        if (found.Left > found.Unreadable) // an unreadable line also leaves out its step
            yield return $"{path}: lines of {Counted.Format(found.Left - found.Unreadable, "step")} are missing between others.";
    }

    /// <summary>
    /// Reports a file that differs from its state in the summary. Summaries of earlier versions have counts but no
    /// seals.
    /// </summary>
    private static IEnumerable<string> Changed(string path, FileSeal? seal, Found found, long? lastStep, int? count)
    {
        if (lastStep is { } last && found.Last != last && (found.Records > 0 || seal is not null))
            yield return $"{path} ends at step {Whole(found.Last)}, and the run at step {Whole(last)}: lines are missing.";
        else if (count is { } expected && found.Records != expected)
            yield return $"{path} has {Counted.Format(found.Records, "measurement", "measurements")}, and the summary "
                + $"{Whole(expected)}.";
        else if (
            seal is not null
            && (new FileInfo(path).Length != seal.Bytes || FolderFile.Seal(path, seal.Bytes).Sha256 != seal.Sha256)
        )
            yield return $"{path} has changed since the run ended: {Counted.Format(found.Records, "line", "lines")}, "
                + $"{Whole(seal.Lines)} then.";
    }

    private static T? TryRead<T>(Func<T?> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (RunFolderException)
        {
            return null; // reported as unreadable
        }
    }

    private static string Whole(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <param name="Step">Reads a record's step; null if the records are not ordered by step.</param>
    /// <param name="LastStep">The last step according to the summary.</param>
    /// <param name="Count">The number of records according to the summary.</param>
    /// <param name="Each">Whether every step after the first one in the file has a record. A fork's file may begin at
    /// the fork.</param>
    /// <param name="Replayed">Whether a resume cuts the file, so that steps only rise; otherwise steps go back at a
    /// resume.</param>
    /// <param name="IsWhole">Whether a record has no null inside its lists.</param>
    private sealed record Kind<T>(
        Func<T, long>? Step = null,
        long? LastStep = null,
        int? Count = null,
        bool Each = false,
        bool Replayed = true,
        Func<T, bool>? IsWhole = null
    );

    /// <param name="Records">Number of lines that are valid records.</param>
    /// <param name="Unreadable">Number of lines that are not.</param>
    /// <param name="Disordered">Number of records whose step is not above all earlier ones.</param>
    /// <param name="Left">Number of steps without a record between others.</param>
    private readonly record struct Found(long Records, long Unreadable, long Disordered, long Left, long Last)
    {
        /// <summary>The number of the first unreadable line; 0 if it is not known.</summary>
        public long FirstUnreadable { get; init; }
    }
}
