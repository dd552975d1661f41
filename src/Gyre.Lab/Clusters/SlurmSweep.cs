using System.Globalization;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Lab.Sweeps;
using Gyre.Torch;

namespace Gyre.Lab.Clusters;

/// <summary>
/// Runs the cells of a sweep as Slurm jobs. A stop request ends only this process; the jobs continue.
/// </summary>
internal sealed class SlurmSweep : ISweepEngine
{
    private readonly SweepWriter _writer;
    private readonly TimeProvider _time;
    private readonly PollClock _clock;

    /// <summary>Prepares the work; <see cref="Begin"/> submits it.</summary>
    /// <param name="writer">The writer of the sweep folder; its lock is held.</param>
    /// <param name="plan">The plan of the sweep.</param>
    /// <param name="slurm">The cluster.</param>
    /// <param name="script">The settings that all submissions share.</param>
    /// <param name="retries">How many times a lost cell is resubmitted.</param>
    /// <param name="time">The clock.</param>
    public SlurmSweep(
        SweepWriter writer,
        SweepPlan plan,
        Slurm slurm,
        ArrayScript script,
        int retries,
        TimeProvider time
    )
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(plan);
        (_writer, _time, _clock) = (writer, time, new PollClock(time));
        var folder = writer.Folder;
        var tasks = new ClusterTasks(
            SubmissionRecord.Cells,
            name => folder.Result(name).Status == RunStatus.Finished,
            name => folder.Cell(name).Status == RunStatus.Unfinished,
            name => CellAttempt.SetAside(folder, name),
            Note
        );
        var parts = plan
            .Cells.Select(cell => new ClusterPart(
                cell.Record.Folder,
                SpecText.Write(cell.Spec),
                cell.Seconds,
                cell.Record.Parent
            ))
            .ToArray();
        Work = new ClusterWork(folder.Cluster, slurm, parts, script, tasks, retries, time);
        Cells = [.. plan.Cells.Select(cell => new CellProgress(cell))];
    }

    /// <inheritdoc/>
    public IReadOnlyList<CellProgress> Cells { get; }

    public ClusterWork Work { get; }

    /// <inheritdoc/>
    public string? Remark => Work.QueueText;

    /// <summary>Submits every cell that is neither done nor in the queue.</summary>
    /// <exception cref="ClusterException">The controller does not answer, or accepts no tasks.</exception>
    /// <exception cref="RunFolderException">The folder cannot be written.</exception>
    public void Begin()
    {
        Work.Begin();
        Take();
        foreach (var cell in Cells)
            cell.DoneBefore = cell.State == CellState.Done;
    }

    /// <inheritdoc/>
    /// <exception cref="RunFolderException">The folder cannot be written.</exception>
    public SweepEnd? Turn(bool stop)
    {
        if (stop)
            return SweepEnd.Interrupted;
        if (_clock.Due())
        {
            Work.Poll();
            Take();
        }
        if (!Work.Over)
            return null;
        var end = Outcome();
        Note(
            end == SweepEnd.Interrupted ? SweepLogKinds.Interrupted : SweepLogKinds.Ended,
            null,
            $"{Cells.Count(cell => cell.State == CellState.Done)} of {Cells.Count} cells are done"
        );
        return end;
    }

    private SweepEnd Outcome()
    {
        if (Cells.Any(cell => cell.State == CellState.Interrupted))
            return SweepEnd.Interrupted;
        return Cells.Any(cell => cell.State == CellState.Failed) ? SweepEnd.SomeFailed : SweepEnd.Done;
    }

    private void Take()
    {
        foreach (var (cell, part) in Cells.Zip(Work.Parts))
            (cell.State, cell.Reason, cell.Deaths) = (part.State, part.Reason, part.Losses);
    }

    private void Note(string kind, string? cell, string? detail) =>
        _writer.Append(new SweepLogRecord(_time.GetUtcNow(), kind, cell, detail));
}

/// <summary>Runs, as Slurm jobs, the measurements at theta_0 that a sweep needs before it can be laid out.</summary>
internal sealed class SlurmCalibration
{
    private readonly SweepWriter _writer;
    private readonly ClusterWork _work;
    private readonly PollClock _clock;
    private readonly TimeProvider _time;

    /// <param name="writer">The writer of the sweep folder; its lock is held.</param>
    /// <param name="needed">Specs to calibrate; those that the folder has a calibration for are left out.</param>
    /// <param name="slurm">The cluster.</param>
    /// <param name="script">The settings that all submissions share.</param>
    /// <param name="retries">How many times a lost calibration is resubmitted.</param>
    /// <param name="time">The clock.</param>
    public SlurmCalibration(
        SweepWriter writer,
        IReadOnlyList<RunSpec> needed,
        Slurm slurm,
        ArrayScript script,
        int retries,
        TimeProvider time
    )
    {
        ArgumentNullException.ThrowIfNull(writer);
        (_writer, _time, _clock) = (writer, time, new PollClock(time));
        var known = SweepReader.ReadCalibrations(writer.Folder);
        var folder = writer.Folder.Cluster;
        var parts = needed
            .Select(spec => new ClusterPart(Calibration.Id(spec), SpecText.Write(spec), double.NaN))
            .Where(part => !known.ContainsKey(part.Name))
            .ToArray();
        var tasks = new ClusterTasks(
            SubmissionRecord.Calibrations,
            name => ClusterFolder.Read<CalibrationRecord>(folder.Calibration(name)) is not null,
            _ => true,
            _ => { },
            (kind, name, detail) =>
                writer.Append(
                    new SweepLogRecord(
                        time.GetUtcNow(),
                        kind,
                        null,
                        name is null ? detail : $"measurement {name}: {detail ?? "made"}"
                    )
                )
        );
        _work = new ClusterWork(folder, slurm, parts, script, tasks, retries, time);
    }

    /// <summary>The number of calibrations to measure.</summary>
    public int Count => _work.Parts.Count;

    /// <summary>The number of calibrations that are done.</summary>
    public int Done => _work.Parts.Count(part => part.State == CellState.Done);

    /// <summary>A short remark on the progress; null if there is none.</summary>
    public string? Remark => _work.QueueText;

    /// <summary>The job number and the number of tasks of each array that has work left.</summary>
    public IReadOnlyList<(string Job, int Tasks)> Arrays => _work.Arrays;

    /// <summary>The calibrations that failed or were stopped, with their reasons.</summary>
    public IReadOnlyList<PartProgress> Lost =>
        [.. _work.Parts.Where(part => part.State is CellState.Failed or CellState.Interrupted)];

    /// <summary>Submits every calibration that is neither done nor in the queue.</summary>
    /// <exception cref="ClusterException">The controller does not answer, or accepts no tasks.</exception>
    /// <exception cref="RunFolderException">The folder cannot be written.</exception>
    public void Begin() => _work.Begin();

    /// <summary>
    /// Polls once if a poll is due. When all parts are over, copies the results to the sweep's own file.
    /// </summary>
    /// <returns>Whether all parts are over.</returns>
    /// <exception cref="RunFolderException">The folder cannot be written.</exception>
    public bool Turn()
    {
        if (_clock.Due())
            _work.Poll();
        if (!_work.Over)
            return false;
        var known = SweepReader.ReadCalibrations(_writer.Folder);
        foreach (
            var calibration in _work
                .Parts.Select(part =>
                    ClusterFolder.Read<CalibrationRecord>(_writer.Folder.Cluster.Calibration(part.Part.Name))
                )
                .OfType<CalibrationRecord>()
                .Where(calibration => !known.ContainsKey(calibration.Id))
        )
            _writer.Append(calibration);
        return true;
    }
}

/// <summary>
/// Decides when to query the controller: often at first, then rarely, as cluster administrators prefer.
/// </summary>
internal sealed class PollClock(TimeProvider time)
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Young = TimeSpan.FromMinutes(2);

    private readonly long _begun = time.GetTimestamp();
    private long _last = time.GetTimestamp();

    /// <summary>Returns whether a query is due; if so, the next one is not due for a while.</summary>
    public bool Due()
    {
        if (time.GetElapsedTime(_last) < (time.GetElapsedTime(_begun) < Young ? Short : Long))
            return false;
        _last = time.GetTimestamp();
        return true;
    }
}

/// <summary>Summarizes the queue in a few words.</summary>
internal static class QueueSummary
{
    /// <summary>
    /// Reasons for which a job never starts, no matter what becomes free (squeue's manual, "Job reason codes").
    /// </summary>
    private static readonly string[] Hopeless =
    [
        "PartitionConfig",
        "PartitionNodeLimit",
        "PartitionTimeLimit",
        "BadConstraints",
        "AccountNotAllowed",
        "InvalidQOS",
        "InvalidAccount",
    ];

    public static string? Describe(ClusterWork work, TimeProvider time)
    {
        if (work.SilentSince is { } since)
            return string.Create(
                CultureInfo.InvariantCulture,
                $"the Slurm controller has not answered for {time.GetElapsedTime(since).TotalSeconds:0} s; "
                    + $"jobs keep running meanwhile"
            );
        var tasks = work.Parts.Select(part => part.Task).OfType<QueuedTask>().Distinct().ToArray();
        var pending = tasks
            .Where(task => task.State == "PENDING")
            .GroupBy(task => task.Reason)
            .OrderByDescending(same => same.Count())
            .Select(same => $"{same.Count()} pending ({same.Key}{Prospect(same.Key)})");
        var words = string.Join(
            ", ",
            tasks
                .Where(task => task.Runs)
                .Take(1)
                .Select(_ =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{tasks.Count(task => task.Runs)} "
                            + $"{Counted.Noun(tasks.Count(task => task.Runs), "job runs", "jobs run")}"
                    )
                )
                .Concat(pending)
        );
        if (work.Refused is { } refused)
            return $"{words}; more are submitted when there is room ({refused})";
        return words.Length > 0 ? words : null;
    }

    private static string Prospect(string reason) =>
        Hopeless.Contains(reason)
            ? ": with these requests they never start; cancel them with --cancel and request less"
            : "";
}
