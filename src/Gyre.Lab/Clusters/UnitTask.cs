using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Lab.Sweeps;

namespace Gyre.Lab.Clusters;

/// <summary>
/// One task of an array, on a node: processes the parts of its unit one after another, each in its own process.
/// Finished parts are never repeated, so a restarted task resumes. A cell that an earlier attempt began resumes from
/// that attempt's latest checkpoint.
/// </summary>
/// <param name="folder">The sweep folder.</param>
/// <param name="unit">The parts to process.</param>
/// <param name="attempt">The number of this attempt.</param>
/// <param name="job">The number of the task, for notes.</param>
/// <param name="runProgram">The executable and the arguments that make it run a child.</param>
/// <param name="calibrationProgram">The executable and the arguments that make it run a calibration.</param>
/// <param name="say">Writes a line to the task's output.</param>
internal sealed class UnitTask(
    SweepFolder folder,
    WorkUnit unit,
    AttemptNumber attempt,
    string job,
    IReadOnlyList<string> runProgram,
    IReadOnlyList<string> calibrationProgram,
    Action<string> say
)
{
    private const int MostBusy = 60;
    private const int InterruptedCode = 130;
    private static readonly TimeSpan SignalPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan BusyPause = TimeSpan.FromSeconds(1);

    /// <summary>Processes every part that is not done.</summary>
    /// <param name="stop">Requests a checkpoint and a stop.</param>
    /// <returns>False if it was stopped before the end.</returns>
    /// <exception cref="RunFolderException">The sweep's folder cannot be written.</exception>
    public bool Run(CancellationToken stop)
    {
        foreach (var part in unit.Parts)
        {
            if (stop.IsCancellationRequested || !RunPart(part, stop))
                return false;
        }
        return true;
    }

    private bool RunPart(WorkPart part, CancellationToken stop)
    {
        var (deaths, busy) = (0, 0);
        while (!IsOver(part.Name))
        {
            say($"{part.Name}: {attempt}");
            var end = Once(part, stop);
            if (IsDone(part, end) || IsOver(part.Name))
                break;
            // Slurm signals every process of a job: the child may exit before this process receives the signal.
            if (
                stop.IsCancellationRequested
                || (end.ExitCode == InterruptedCode && stop.WaitHandle.WaitOne(SignalPatience))
            )
                return false;
            if (end.ExitCode == SweepRunner.FolderBusyCode && ++busy < MostBusy)
                Thread.Sleep(BusyPause); // the child of a killed task is writing its last checkpoint
            else if (
                end.ExitCode
                    is SweepRunner.WrongInputCode
                        or RunMemoryException.ChildExitCode
                        or SweepRunner.FolderUnusableCode
                        or SweepRunner.FolderBusyCode
                || ++deaths > unit.Retries
            )
                GiveUp(part, end, deaths);
        }
        return true;
    }

    /// <summary>
    /// Whether nothing is left to do for a part: any attempt completed it, or this attempt or a later one gave it up.
    /// </summary>
    private bool IsOver(string name) =>
        (
            unit.Kind == SubmissionRecord.Calibrations
                ? File.Exists(folder.Cluster.Calibration(name))
                : folder.Result(name).Status == RunStatus.Finished
        )
        || (
            ClusterFolder.Read<TaskNote>(folder.Cluster.Failure(name)) is { } given
            && AttemptNumber.TryParse(given.Attempt) >= attempt
        );

    private ChildEnd Once(WorkPart part, CancellationToken stop)
    {
        var own = folder.Attempt(part.Name, attempt).Folder;
        var spec = SpecReader.ReadText(part.Spec);
        using var child = ChildRun.Start(
            unit.Kind == SubmissionRecord.Calibrations ? calibrationProgram : [.. runProgram, .. After(part.Name)],
            spec,
            unit.Kind == SubmissionRecord.Calibrations ? new RunFolder(folder.Path) : own
        );
        while (!child.Wait(Pause))
        {
            if (stop.IsCancellationRequested || IsOver(part.Name))
                child.Stop();
        }
        return child.End();
    }

    /// <summary>Returns the arguments that name the latest attempt before this one, if there is one.</summary>
    private string[] After(string name) =>
        folder.AttemptsAt(name).LastOrDefault(other => other.Number < attempt) is { } earlier
            ? [ChildRun.After, earlier.Folder.Path]
            : [];

    private bool IsDone(WorkPart part, ChildEnd end)
    {
        if (end.ExitCode != 0)
            return false;
        if (unit.Kind == SubmissionRecord.Calibrations)
            return Keep(part, end);
        var own = folder.Attempt(part.Name, attempt);
        if (own.Folder.Status != RunStatus.Finished)
            return false;
        say(
            $"{part.Name}: "
                + $"{(own.Publish(folder.Result(part.Name)) ? "done" : "done, and so was another attempt before it")}"
        );
        return true;
    }

    private bool Keep(WorkPart part, ChildEnd end)
    {
        if (Calibration.Answer(end) is not { } calibration)
            return false;
        ClusterFolder.Write(folder.Cluster.Calibration(part.Name), calibration);
        say($"{part.Name}: measured");
        return true;
    }

    private static string FailureReason(ChildEnd end, int deaths)
    {
        var lastWords = string.Join(' ', end.LastLines.TakeLast(5));
        var isExplained =
            end.ExitCode
            is SweepRunner.WrongInputCode
                or RunMemoryException.ChildExitCode
                or SweepRunner.FolderUnusableCode
                or SweepRunner.FolderBusyCode;
        if (isExplained)
            return lastWords;
        var quoted = lastWords.Length > 0 ? $"; last output: {lastWords}" : "";
        var repeated = deaths > 1 ? $" (its process died {deaths} times)" : "";
        return $"{end.Reason}{quoted}{repeated}";
    }

    private void GiveUp(WorkPart part, ChildEnd end, int deaths)
    {
        var reason = FailureReason(end, deaths);
        say($"{part.Name} failed: {reason}");
        if (folder.AttemptsAt(part.Name) is [.., var latest] && latest.Number > attempt)
            throw new RunFolderException($"{part.Name} belongs to a newer attempt ({latest.Number}); this one ends.");
        ClusterFolder.Write(folder.Cluster.Failure(part.Name), new TaskNote(job, attempt.ToString(), reason));
    }
}
