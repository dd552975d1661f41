using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;

namespace Gyre.Lab.Sweeps;

/// <summary>How a sweep's command ended.</summary>
internal enum SweepEnd
{
    /// <summary>Every cell is done; a diverged cell counts as done.</summary>
    Done,

    /// <summary>Every cell was tried, and some failed.</summary>
    SomeFailed,

    /// <summary>The sweep was stopped from outside.</summary>
    Interrupted,

    /// <summary>The disk is full or the folder cannot be written, so that nothing further can be done now.</summary>
    FolderUnusable,
}

/// <summary>
/// Runs the cells that are not done yet, each in its own process, up to a given number at a time. The longest go
/// first; a parent counts with the time of its longest fork. A cell whose process dies is restarted from its
/// checkpoint. Finished cells are never repeated: their state is read from the folder, not remembered.
/// </summary>
internal sealed class SweepRunner : ISweepEngine, IDisposable
{
    /// <summary>
    /// Exit code of a child that cannot use its folder (a full disk); every other child would fail the same way.
    /// </summary>
    public const int FolderUnusableCode = 4;

    /// <summary>Exit code of a child whose folder is in use by another process.</summary>
    public const int FolderBusyCode = 5;

    /// <summary>Exit code of a child whose input is wrong.</summary>
    public const int WrongInputCode = 2;

    private const int DoneCode = 0;
    private const int InterruptedCode = 130;
    private static readonly TimeSpan LockPatience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(20);

    private readonly SweepWriter _writer;
    private readonly IReadOnlyList<string> _program;
    private readonly int _jobs;
    private readonly int _retries;
    private readonly SweepMemory _memory;
    private readonly TimeProvider _time;
    private readonly Dictionary<CellProgress, ChildRun> _running = [];
    private readonly Dictionary<CellProgress, long> _busySince = [];
    private readonly Dictionary<string, double> _weights;
    private bool _stopping;

    /// <param name="writer">The writer of the sweep folder; its lock is held.</param>
    /// <param name="plan">The plan of the sweep.</param>
    /// <param name="program">The executable and the arguments that make it run a child.</param>
    /// <param name="jobs">The maximum number of concurrent processes.</param>
    /// <param name="retries">How many times a cell is restarted after a death.</param>
    /// <param name="memory">Decides how many processes fit.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="RunFolderException">A cell's folder has a newer format or is not a run folder.</exception>
    public SweepRunner(
        SweepWriter writer,
        SweepPlan plan,
        IReadOnlyList<string> program,
        int jobs,
        int retries,
        SweepMemory memory,
        TimeProvider time
    )
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentNullException.ThrowIfNull(time);
        (_writer, _program, _jobs, _retries, _memory, _time) = (writer, program, jobs, retries, memory, time);
        CheckFolders(plan);
        Cells =
        [
            .. plan.Cells.Select(cell => new CellProgress(cell)
            {
                State = IsDone(cell) ? CellState.Done : CellState.Waiting,
                DoneBefore = IsDone(cell),
            }),
        ];
        _weights = plan.Cells.ToDictionary(cell => cell.Record.Folder, cell => Weight(plan, cell));
    }

    /// <inheritdoc/>
    public IReadOnlyList<CellProgress> Cells { get; }

    /// <inheritdoc/>
    /// <remarks>The reason why no further cells are started next to the running ones.</remarks>
    public string? Remark { get; private set; }

    /// <summary>The message of the child that could not use its folder.</summary>
    public string? FolderProblem { get; private set; }

    /// <inheritdoc/>
    /// <exception cref="RunFolderException">The sweep folder cannot be written; <see cref="Dispose"/> stops the
    /// children.</exception>
    public SweepEnd? Turn(bool stop)
    {
        _memory.Look();
        Remark = null;
        foreach (var (cell, child) in _running.Where(pair => !pair.Value.Running).ToArray())
            Conclude(cell, child, stop);
        if (stop || FolderProblem is not null)
            StopAll();
        else
            StartMore();
        if (_running.Count > 0 || (!_stopping && Cells.Any(cell => cell.State == CellState.Waiting)))
            return null;
        return Ended();
    }

    /// <summary>Kills every child at once; cells stay resumable.</summary>
    public void Kill()
    {
        foreach (var child in _running.Values)
            child.Kill();
    }

    /// <summary>
    /// Requests checkpoints from running children and waits for them to exit; kills those that do not.
    /// </summary>
    public void Dispose()
    {
        foreach (var child in _running.Values)
            child.Stop();
        foreach (var child in _running.Values)
        {
            if (!child.Wait(EndPatience))
                child.Kill();
            child.Dispose();
        }
        _running.Clear();
    }

    private void CheckFolders(SweepPlan plan)
    {
        foreach (
            var folder in plan
                .Cells.Select(cell => _writer.Folder.Cell(cell.Record.Folder))
                .Where(folder => folder.Status != RunStatus.Missing)
        )
            folder.Check();
    }

    private SweepEnd Ended()
    {
        if (FolderProblem is not null)
            return SweepEnd.FolderUnusable;
        var complete = Cells.Any(cell => cell.State == CellState.Failed) ? SweepEnd.SomeFailed : SweepEnd.Done;
        var end = _stopping ? SweepEnd.Interrupted : complete;
        Note(
            end == SweepEnd.Interrupted ? SweepLogKinds.Interrupted : SweepLogKinds.Ended,
            null,
            $"{Cells.Count(cell => cell.State == CellState.Done)} of {Cells.Count} cells are done"
        );
        return end;
    }

    private void StopAll()
    {
        if (_stopping)
            return;
        _stopping = true;
        foreach (var child in _running.Values)
            child.Stop();
    }

    private void StartMore()
    {
        foreach (
            var cell in Cells
                .Where(CanStart)
                .OrderByDescending(cell => _weights[cell.Cell.Record.Folder])
                .Take(_jobs - _running.Count)
                .ToArray()
        )
        {
            // A smaller cell further down may fit, but if it were started, a large one would never find room.
            if ((Remark = _memory.Refuses(cell.Cell.Bytes)) is not null)
                return;
            var folder = _writer.Folder.Result(cell.Cell.Record.Folder);
            if (folder.Status == RunStatus.Unfinished && RunLock.IsHeld(folder))
            {
                WaitForOther(cell);
                continue;
            }
            Note(SweepLogKinds.Started, cell, StartRemark(cell.Cell, folder));
            _running[cell] = ChildRun.Start([.. _program, .. After(cell.Cell, folder)], cell.Cell.Spec, folder);
            _memory.Watch(_running[cell].Id, cell.Cell.Bytes, Measured(cell.Cell.Spec, folder));
            cell.State = CellState.Running;
        }
    }

    private string? StartRemark(PlannedCell cell, RunFolder folder)
    {
        if (folder.Status == RunStatus.Unfinished)
            return "resumes";
        return cell.Orphaned(_writer.Folder)
            ? $"from its initialization: {cell.Record.Parent} kept no checkpoint of step {cell.Record.ForkStep}"
            : null;
    }

    /// <summary>
    /// Returns a function that reports whether a cell has measured since this call or, if it never measures, has done
    /// a step: it has then done what takes the most memory.
    /// </summary>
    private static Func<bool> Measured(RunSpec spec, RunFolder folder)
    {
        var file = new FileInfo(RunSchedules.Bursts(spec).Count > 0 ? folder.Curvature : folder.Steps);
        var before = file.Exists ? file.Length : 0;
        return () =>
        {
            file.Refresh();
            return file.Exists && file.Length > before;
        };
    }

    /// <summary>
    /// A fork waits for its parent's checkpoint; if the parent failed, it starts from its initialization.
    /// </summary>
    private bool CanStart(CellProgress cell)
    {
        if (cell.State != CellState.Waiting)
            return false;
        if (
            cell.Cell.Record is not { Parent: { } name, ForkStep: { } step }
            || Cells.FirstOrDefault(other => other.Cell.Record.Folder == name) is not { } parent
        )
            return true;
        return parent.State is CellState.Done or CellState.Failed
            || Checkpoints.Steps(_writer.Folder.Cell(name)).Contains(step);
    }

    private void Conclude(CellProgress cell, ChildRun child, bool stop)
    {
        _running.Remove(cell);
        _memory.Leave(child.Id);
        var end = child.End();
        child.Dispose();
        var words = string.Join(" ", end.LastLines.TakeLast(5));
        switch (end.ExitCode)
        {
            case DoneCode when IsDone(cell.Cell):
                (cell.State, cell.Reason) = (CellState.Done, null);
                Note(SweepLogKinds.Done, cell, null);
                break;
            case FolderBusyCode:
                cell.State = CellState.Waiting;
                WaitForOther(cell);
                break;
            case FolderUnusableCode:
                cell.State = CellState.Interrupted;
                FolderProblem ??= words;
                break;
            case WrongInputCode or RunMemoryException.ChildExitCode: // a retry would end the same way
                Fail(cell, words);
                break;
            case var code when _stopping || (stop && code == InterruptedCode):
                cell.State = CellState.Interrupted;
                break;
            default:
                Retry(cell, $"{end.Reason}{(words.Length > 0 ? $"; last words: {words}" : "")}");
                break;
        }
    }

    /// <summary>
    /// The process of an earlier command may still be writing its checkpoint, or may not even have begun.
    /// </summary>
    private void WaitForOther(CellProgress cell)
    {
        _busySince.TryAdd(cell, _time.GetTimestamp());
        if (_time.GetElapsedTime(_busySince[cell]) > LockPatience)
            Fail(cell, "another process is using it");
    }

    private void Retry(CellProgress cell, string reason)
    {
        if (++cell.Deaths > _retries)
        {
            Fail(cell, cell.Deaths == 1 ? reason : $"{reason} (its process died {cell.Deaths} times)");
            return;
        }
        (cell.State, cell.Reason) = (CellState.Waiting, reason);
        Note(SweepLogKinds.Retried, cell, reason);
    }

    private void Fail(CellProgress cell, string reason)
    {
        (cell.State, cell.Reason) = (CellState.Failed, reason);
        Note(SweepLogKinds.Failed, cell, reason);
    }

    private void Note(string kind, CellProgress? cell, string? detail) =>
        _writer.Append(new SweepLogRecord(_time.GetUtcNow(), kind, cell?.Cell.Record.Folder, detail));

    private bool IsDone(PlannedCell cell) => _writer.Folder.Result(cell.Record.Folder).Status == RunStatus.Finished;

    /// <summary>
    /// Returns the arguments to resume from the latest attempt of a cluster job at this cell, if there is one.
    /// </summary>
    private string[] After(PlannedCell cell, RunFolder own) =>
        own.Status == RunStatus.Missing && _writer.Folder.AttemptsAt(cell.Record.Folder) is [.., var latest]
            ? [ChildRun.After, latest.Folder.Path]
            : [];

    private static double Weight(SweepPlan plan, PlannedCell cell) =>
        Known(cell.Seconds)
        + plan.Cells.Where(other => other.Record.Parent == cell.Record.Folder)
            .Select(other => Known(other.Seconds))
            .DefaultIfEmpty(0)
            .Max();

    private static double Known(double seconds) => double.IsFinite(seconds) ? seconds : 0;
}
