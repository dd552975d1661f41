using Gyre.App.Folders;
using Gyre.App.Live;
using Gyre.App.Terminal;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Lab.Sweeps;
using Gyre.Torch;
using Spectre.Console;

namespace Gyre.App.Commands;

/// <summary>
/// Shows a run from its first line to its result. It reads the run folder and never queries the process that computes
/// the run.
/// </summary>
/// <param name="spec">The run's spec.</param>
/// <param name="folder">The run folder, which may not exist yet.</param>
/// <param name="json">The value of --json, or null.</param>
/// <param name="voice">The consoles for output.</param>
internal sealed class RunSession(RunSpec spec, RunFolder folder, string? json, Voice voice)
{
    private const int Terminated = 128 + 15;
    private const int Killed = 128 + 9;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(150);

    private readonly RunFolder _folder = folder;

    /// <summary>The number of earlier lines in the session history; null for a new run.</summary>
    private int? _earlier;

    /// <summary>Shows the result of a finished run, and the flaws of its folder.</summary>
    /// <returns>The exit code.</returns>
    public int ShowFinished()
    {
        ConsoleLine.Write(
            voice.Progress,
            spec.Measured is null
                ? $"{_folder.Path} is finished: nothing to do. Another seed or learning rate makes another run."
                : $"{_folder.Path}: every checkpoint is measured: nothing to do. The same command measures later ones."
        );
        var files = RunResultView.Show(voice.Result, _folder, spec);
        var run = RunReader.Open(_folder.Path);
        var flaws = RunCheck.Flaws(run);
        JsonAnswer.Write(json, () => RunAnswer.FromRun(run, spec.Name, files, flaws));
        foreach (var flaw in flaws)
            ConsoleLine.Warn(flaw);
        if (flaws.Count > 0)
            ConsoleLine.Warn($"To repeat the run, remove {_folder.Path} and give the same command.");
        return flaws.Count == 0 ? Exit.Done : Exit.WrongInput;
    }

    /// <summary>Shows remarks on the request, then its description.</summary>
    /// <param name="remarks">Remarks to show before the run starts.</param>
    /// <param name="description">The description of the run, in lines.</param>
    public void Describe(IEnumerable<string> remarks, params IEnumerable<string> description)
    {
        foreach (var remark in remarks)
            ConsoleLine.Write(voice.Remarks, remark);
        foreach (var line in description)
            ConsoleLine.Write(voice.Progress, line);
    }

    /// <summary>Starts the process that computes the run.</summary>
    public ChildRun Start(Func<ChildRun> start)
    {
        _earlier = _folder.Status == RunStatus.Missing ? null : RunReader.Open(_folder.Path).ReadSessions().Count;
        return start();
    }

    /// <summary>Shows the progress until the process has ended.</summary>
    /// <param name="child">The process.</param>
    /// <param name="stop">Set when the process is asked to stop.</param>
    /// <param name="checkpoints">Returns the steps to measure if theta comes from checkpoints; null if every step
    /// counts.</param>
    public void Follow(ChildRun child, CancellationToken stop, Func<IReadOnlyList<long>>? checkpoints = null)
    {
        bool IsRunning() => !child.Wait(Look);
        string? beginning; // the child may refuse, and then there is nothing to report about the folder
        while ((beginning = Beginning()) is null && IsRunning()) { }
        if (beginning is not null)
            ConsoleLine.Write(voice.Progress, beginning);
        RemarkOnData(child.Id, IsRunning);
        var progress = new RunProgress(spec, _folder, TimeProvider.System)
        {
            Checkpoints = checkpoints,
            Process = child.Id,
        };
        new LiveView(voice.Progress, TimeProvider.System).Follow(progress, IsRunning, stop);
    }

    /// <summary>
    /// Shows the process's notes on checkpoints, which --quiet would otherwise omit together with the progress.
    /// </summary>
    public void ShowNotes()
    {
        var notes = RunReader
            .Open(_folder.Path)
            .ReadSessions()
            .Skip(_earlier ?? 0)
            .Where(session => session.Kind is SessionKinds.Remark or SessionKinds.PassedOver);
        foreach (var note in notes)
            ConsoleLine.Write(voice.Remarks, $"note: step {note.Step}: {note.Detail}");
    }

    /// <summary>Shows the result.</summary>
    /// <param name="end">The end of the process.</param>
    /// <param name="stopped">Whether a stop was requested.</param>
    /// <param name="process">A description of the process, as a subject.</param>
    /// <returns>The exit code.</returns>
    public int Conclude(ChildEnd end, bool stopped, string process = "The process of the run")
    {
        if (end.ExitCode == Exit.Done)
            return ShowResult();
        if (end.ExitCode == Exit.Interrupted || (stopped && IsKilled(end)))
            return ReportInterruption();
        if (IsDeath(end))
            NoteDeath(end);
        return ReportFailure(end, _folder, process);
    }

    /// <summary>Whether the process was killed from outside.</summary>
    public static bool IsKilled(ChildEnd end) => end.ExitCode is Killed or Terminated;

    /// <summary>Whether the process ended without being able to report the reason.</summary>
    public static bool IsDeath(ChildEnd end) =>
        end.ExitCode is not (Exit.Done or Exit.Interrupted) && CodeOfReported(end) is null;

    /// <summary>Reports why the process failed.</summary>
    /// <returns>The exit code.</returns>
    public static int ReportFailure(ChildEnd end, RunFolder folder, string process)
    {
        if (CodeOfReported(end) is { } code)
        {
            foreach (var line in end.LastLines)
                Console.Error.WriteLine(line);
            return code;
        }
        // Written at once, because a launcher mixes the lines of several processes.
        string[] lines =
        [
            $"{process} died: {end.Reason}.",
            .. end.LastLines.Select(line => $"  {line}"),
            HowToResume(folder),
        ];
        Console.Error.WriteLine(string.Join(Environment.NewLine, lines.Select(PlainText.Line)));
        return Exit.Failed;
    }

    /// <summary>
    /// Returns the exit code if the process's own message is all there is to report; otherwise null.
    /// </summary>
    private static int? CodeOfReported(ChildEnd end) =>
        end.ExitCode switch
        {
            Exit.WrongInput or SweepRunner.FolderUnusableCode or SweepRunner.FolderBusyCode => Exit.WrongInput,
            RunMemoryException.ChildExitCode => Exit.Failed,
            _ => null,
        };

    private int ShowResult()
    {
        var files = RunResultView.Show(voice.Result, _folder, spec);
        JsonAnswer.Write(json, () => RunAnswer.FromRun(RunReader.Open(_folder.Path), spec.Name, files, []));
        return Exit.Done;
    }

    private int ReportInterruption()
    {
        ConsoleLine.Warn(
            LastCheckpoint(_folder) is { } step
                ? $"Interrupted. Nothing before step {step} is lost: the same command resumes from the "
                    + $"checkpoint there, in {_folder.Path}."
                : "Interrupted before the first checkpoint. The same command starts again."
        );
        return Exit.Interrupted;
    }

    private void NoteDeath(ChildEnd end) =>
        RunWriter.Note(
            _folder,
            new SessionRecord(
                TimeProvider.System.GetUtcNow(),
                SessionKinds.Failed,
                LastCheckpoint(_folder) ?? 0,
                Environment.ProcessId,
                $"{end.Reason}; last output: {string.Join(" | ", end.LastLines)}"
            )
        );

    private static string HowToResume(RunFolder folder)
    {
        if (!Directory.Exists(folder.Path))
            return "Nothing was written; the same command starts again.";
        var from = LastCheckpoint(folder) is > 0 and var step ? $"the checkpoint of step {step}" : "the start";
        return $"{folder.Path} is complete up to its last line; the same command resumes from {from}.";
    }

    private static long? LastCheckpoint(RunFolder folder) =>
        Checkpoints.Steps(folder) is [var latest, ..] ? latest : null;

    /// <summary>
    /// Describes how the child's session begins, from the child's own records: only the child knows which checkpoint
    /// is intact.
    /// </summary>
    /// <returns>The description; null until the session has begun.</returns>
    private string? Beginning()
    {
        if (_folder.Status == RunStatus.Missing)
            return null;
        var session = RunReader.Open(_folder.Path).ReadSessions().Skip(_earlier ?? 0).ToArray();
        if (
            session.FirstOrDefault(one =>
                one.Kind
                    is SessionKinds.Started
                        or SessionKinds.Resumed
                        or SessionKinds.Interrupted
                        or SessionKinds.Failed
                        or SessionKinds.Ended
            )
            is not { } began
        )
            return null;
        var from = (began.Kind, _earlier) switch
        {
            (SessionKinds.Resumed, _) => $": resumes from the checkpoint of step {began.Step}",
            (_, null) => "",
            _ => ": has no checkpoint to resume from; it starts again",
        };
        var skipped = session
            .Where(one => one.Kind == SessionKinds.Skipped)
            .Select(one => $"{Environment.NewLine}  skipped: {one.Detail}");
        return $"{_folder.Path}{from}{string.Concat(skipped)}";
    }

    /// <summary>Waits until the child has read its data, and shows its remarks on the data.</summary>
    private void RemarkOnData(int process, Func<bool> isRunning)
    {
        var sessions = new JsonLinesTail<SessionRecord>(_folder.Sessions);
        for (var (isWaiting, goesOn) = (true, true); isWaiting && goesOn; )
        {
            goesOn = isRunning();
            foreach (var session in sessions.Poll().Where(session => session.Process == process))
            {
                isWaiting &= session.Kind is not (SessionKinds.Started or SessionKinds.Resumed);
                if (session.Kind == SessionRecord.DataKind)
                    ConsoleLine.Write(voice.Remarks, $"note: {session.Detail}");
            }
        }
    }
}
