using System.Globalization;

namespace Gyre.Lab.RunFiles;

/// <summary>The files through which a sweep and its jobs on a cluster communicate (docs/formats.md).</summary>
internal sealed record ClusterFolder(string Path)
{
    /// <summary>The submissions: one line before and one line after each submission.</summary>
    public string Submissions => In("submissions.jsonl");

    /// <summary>The folder of the jobs' standard output and error.</summary>
    public string Output => In("output");

    /// <summary>The units of work of a submission, one per line: task i of the array processes line i.</summary>
    public string Units(int submission) =>
        In(string.Create(CultureInfo.InvariantCulture, $"units-{submission:D4}.jsonl"));

    public string Script(int submission) =>
        In(string.Create(CultureInfo.InvariantCulture, $"submit-{submission:D4}.sh"));

    /// <summary>The values that a job measured at theta_0, by the calibration's id.</summary>
    public string Calibration(string id) => In("probes", $"{id}.json");

    /// <summary>The reason why a job gave up a cell or a calibration.</summary>
    public string Failure(string name) => In("failed", $"{name}.json");

    /// <summary>The reason why a job that was stopped ended before its unit was done.</summary>
    public string Stopped(int submission, int unit) =>
        In("stopped", string.Create(CultureInfo.InvariantCulture, $"{submission:D4}-{unit}.json"));

    public bool Exists => File.Exists(Submissions);

    /// <summary>Returns every submission in its latest state.</summary>
    public IReadOnlyList<SubmissionRecord> ReadSubmissions() =>
        [
            .. new JsonLinesTail<SubmissionRecord>(Submissions)
                .Poll()
                .Where(one => one.Number > 0)
                .GroupBy(one => one.Number)
                .Select(same => same.Last())
                .OrderBy(one => one.Number),
        ];

    /// <exception cref="RunFolderException">The units cannot be read.</exception>
    public IReadOnlyList<WorkUnit> ReadUnits(int submission)
    {
        var path = Units(submission);
        return RunFolder
            .Guarded(path, () => File.ReadAllLines(path))
            .Select(line =>
                RunJson.Read<WorkUnit>(System.Text.Encoding.UTF8.GetBytes(line))
                ?? throw new RunFolderException($"{path} contains a line that is not a unit of work.")
            )
            .ToArray();
    }

    /// <summary>Writes a record to its own file, whole or not at all.</summary>
    /// <exception cref="RunFolderException">The file cannot be written.</exception>
    public static void Write<T>(string path, T record) =>
        RunFolder.Guarded(
            path,
            () =>
            {
                Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
                WholeFile.Write(path, RunJson.Pretty(record));
                return true;
            }
        );

    /// <summary>Reads such a file; null if it is missing, unreadable, or not such a record.</summary>
    public static T? Read<T>(string path)
        where T : class
    {
        if (!File.Exists(path))
            return null; // the usual case: checked for every cell at every poll
        try
        {
            return RunJson.Read<T>(File.ReadAllBytes(path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Removes such a file if it exists.</summary>
    /// <exception cref="RunFolderException">The file cannot be removed.</exception>
    public static void Forget(string path) =>
        RunFolder.Guarded(
            path,
            () =>
            {
                if (File.Exists(path))
                    File.Delete(path);
                return true;
            }
        );

    /// <summary>Writes the units and the script of a submission.</summary>
    /// <exception cref="RunFolderException">A file cannot be written.</exception>
    public void Prepare(int submission, IReadOnlyList<WorkUnit> units, string script) =>
        RunFolder.Guarded(
            Path,
            () =>
            {
                Directory.CreateDirectory(Output);
                WholeFile.Write(
                    Units(submission),
                    stream =>
                    {
                        foreach (var unit in units)
                        {
                            stream.Write(RunJson.ToLine(unit));
                            stream.WriteByte((byte)'\n');
                        }
                    }
                );
                WholeFile.Write(Script(submission), script);
                return true;
            }
        );

    /// <summary>Appends a line to the submissions.</summary>
    /// <exception cref="RunFolderException">The file cannot be written.</exception>
    public void Append(SubmissionRecord submission) =>
        RunFolder.Guarded(
            Submissions,
            () =>
            {
                RunWriter.AppendLine(Submissions, submission);
                return true;
            }
        );

    private string In(params string[] names) => System.IO.Path.Combine([Path, .. names]);
}

/// <summary>One line of submissions.jsonl.</summary>
/// <param name="Number">Number of the submission, from 1.</param>
/// <param name="Time">UTC, ISO 8601.</param>
/// <param name="Name">Job name, for people and for finding the job again.</param>
/// <param name="Kind">probes or cells.</param>
/// <param name="Units">Number of tasks in the array.</param>
/// <param name="Job">The cluster's job number; null until it is known, and permanently if the submission
/// failed.</param>
/// <param name="Refused">The cluster's message if it refused the submission.</param>
internal sealed record SubmissionRecord(
    int Number,
    DateTimeOffset Time,
    string Name,
    string Kind,
    int Units,
    string? Job = null,
    string? Refused = null
)
{
    /// <summary>Kind of a submission that measures at theta_0.</summary>
    public const string Calibrations = "probes";

    /// <summary>Kind of a submission that runs cells.</summary>
    public const string Cells = "cells";
}

/// <summary>The work of one task of an array.</summary>
/// <param name="Kind">The submission's kind.</param>
/// <param name="Retries">Number of restarts on the same node after the process dies.</param>
/// <param name="Parts">The parts, processed one after another in this order.</param>
internal sealed record WorkUnit(string Kind, int Retries, IReadOnlyList<WorkPart> Parts);

/// <summary>One cell or one calibration of a unit.</summary>
/// <param name="Name">Folder of the cell, or id of the calibration.</param>
/// <param name="Spec">Resolved spec, as TOML.</param>
internal sealed record WorkPart(string Name, string Spec);

/// <summary>The reason why a task gave up a part, or ended before its unit was done.</summary>
/// <param name="Job">The cluster's number of the task.</param>
/// <param name="Attempt">The task's attempt.</param>
/// <param name="Reason">A sentence for people.</param>
internal sealed record TaskNote(string Job, string Attempt, string Reason);
