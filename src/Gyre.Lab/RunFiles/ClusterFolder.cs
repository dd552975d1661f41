using System.Globalization;

namespace Gyre.Lab.RunFiles;

/// <summary>
/// Where the files lie by which a sweep and its jobs on a cluster speak to each other (docs/formats.md).
/// </summary>
/// <param name="Path">The folder.</param>
internal sealed record ClusterFolder(string Path)
{
    /// <summary>What was submitted, a line before and a line after each submission.</summary>
    public string Submissions => In("submissions.jsonl");

    /// <summary>What the jobs write to standard output and error.</summary>
    public string Output => In("output");

    /// <summary>The units of work of a submission, a line each: task i of the array does line i.</summary>
    public string Units(int submission) =>
        In(string.Create(CultureInfo.InvariantCulture, $"units-{submission:D4}.jsonl"));

    /// <summary>The script of a submission.</summary>
    public string Script(int submission) =>
        In(string.Create(CultureInfo.InvariantCulture, $"submit-{submission:D4}.sh"));

    /// <summary>What a job measured at theta_0, by the calibration's id.</summary>
    public string Calibration(string id) => In("probes", $"{id}.json");

    /// <summary>Why a job gave a cell, or a calibration, up.</summary>
    public string Failure(string name) => In("failed", $"{name}.json");

    /// <summary>Why a job ended before its unit was done, where it was told to.</summary>
    public string Stopped(int submission, int unit) =>
        In("stopped", string.Create(CultureInfo.InvariantCulture, $"{submission:D4}-{unit}.json"));

    /// <summary>Whether anything was ever submitted.</summary>
    public bool Exists => File.Exists(Submissions);

    /// <summary>Every submission, as it stands.</summary>
    public IReadOnlyList<SubmissionRecord> ReadSubmissions() =>
        [
            .. new JsonLinesTail<SubmissionRecord>(Submissions)
                .Poll()
                .Where(one => one.Number > 0)
                .GroupBy(one => one.Number)
                .Select(same => same.Last())
                .OrderBy(one => one.Number),
        ];

    /// <summary>The units of a submission.</summary>
    /// <exception cref="RunFolderException">They cannot be read.</exception>
    public IReadOnlyList<WorkUnit> ReadUnits(int submission)
    {
        var path = Units(submission);
        return RunFolder
            .Guarded(path, () => File.ReadAllLines(path))
            .Select(line =>
                RunJson.Read<WorkUnit>(System.Text.Encoding.UTF8.GetBytes(line))
                ?? throw new RunFolderException($"{path} holds a line that is no unit of work.")
            )
            .ToArray();
    }

    /// <summary>Writes a record of one file of its own, whole.</summary>
    /// <exception cref="RunFolderException">It failed.</exception>
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

    /// <summary>Reads such a file; null where there is none, or it is not such a record.</summary>
    public static T? Read<T>(string path)
        where T : class
    {
        if (!File.Exists(path))
            return null; // nearly always, for every cell at every look
        try
        {
            return RunJson.Read<T>(File.ReadAllBytes(path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Removes such a file, where it is.</summary>
    /// <exception cref="RunFolderException">It failed.</exception>
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

    /// <summary>Writes what a submission is made of: its units, and its script.</summary>
    /// <exception cref="RunFolderException">It failed.</exception>
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

    /// <summary>Adds to the submissions.</summary>
    /// <exception cref="RunFolderException">It failed.</exception>
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
/// <param name="Number">From 1.</param>
/// <param name="Time">UTC, ISO 8601.</param>
/// <param name="Name">Of the job, for people and for finding it again.</param>
/// <param name="Kind">probes or cells.</param>
/// <param name="Units">Tasks of the array.</param>
/// <param name="Job">The cluster's number; null before it is known, and for good where the submission failed.</param>
/// <param name="Refused">What the cluster said where it took nothing.</param>
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

/// <summary>What one task of an array does, one after another.</summary>
/// <param name="Kind">As of its submission.</param>
/// <param name="Retries">Starts after a death, on the same node.</param>
/// <param name="Parts">In this order.</param>
internal sealed record WorkUnit(string Kind, int Retries, IReadOnlyList<WorkPart> Parts);

/// <summary>One cell or one calibration of a unit.</summary>
/// <param name="Name">Folder of the cell, or id of the calibration.</param>
/// <param name="Spec">Resolved, as TOML.</param>
internal sealed record WorkPart(string Name, string Spec);

/// <summary>Why a task gave something up, or ended before its unit was done.</summary>
/// <param name="Job">The cluster's number of the task.</param>
/// <param name="Attempt">Of the task.</param>
/// <param name="Reason">A sentence for people.</param>
internal sealed record TaskNote(string Job, string Attempt, string Reason);
