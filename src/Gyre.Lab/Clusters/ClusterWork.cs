using Gyre.Lab.RunFiles;
using Gyre.Lab.Sweeps;
using Gyre.Torch;

namespace Gyre.Lab.Clusters;

/// <summary>The operations that <see cref="ClusterWork"/> needs from the work itself.</summary>
/// <param name="Kind">The kind of work, as recorded in submissions.</param>
/// <param name="IsDone">Whether a part's result exists; the folder is authoritative.</param>
/// <param name="IsBegun">Whether a process is working on a part.</param>
/// <param name="Prepare">Called on a part before a command submits it for the first time.</param>
/// <param name="Note">Adds to the sweep's history: a kind, the part's name or null, and a sentence or null.</param>
internal sealed record ClusterTasks(
    string Kind,
    Func<string, bool> IsDone,
    Func<string, bool> IsBegun,
    Action<string> Prepare,
    Action<string, string?, string?> Note
);

/// <summary>
/// Submits parts of one kind to Slurm as arrays, follows them, and resubmits lost ones. All state that must survive
/// this process is in the folder, so another process that starts with the same parts continues the work.
/// </summary>
internal sealed class ClusterWork
{
    private static readonly TimeSpan RefusedPause = TimeSpan.FromMinutes(1);

    private readonly ClusterFolder _folder;
    private readonly Slurm _slurm;
    private readonly ArrayScript _script;
    private readonly ClusterTasks _tasks;
    private readonly int _retries;
    private readonly TimeProvider _time;
    private readonly TimeSpan _patience;
    private readonly List<PartProgress> _toSubmit = [];
    private readonly Dictionary<(string Job, int Index), QueuedTask> _queue = [];
    private int _mostTasks;
    private bool _begun;
    private long? _refusedAt;

    /// <param name="folder">The cluster folder of the sweep.</param>
    /// <param name="slurm">The cluster.</param>
    /// <param name="parts">The parts to do.</param>
    /// <param name="script">The settings that all submissions share.</param>
    /// <param name="tasks">The operations of the work itself.</param>
    /// <param name="retries">How many times a lost part is resubmitted, and how many times a dead process is
    /// restarted.</param>
    /// <param name="time">The clock.</param>
    public ClusterWork(
        ClusterFolder folder,
        Slurm slurm,
        IReadOnlyList<ClusterPart> parts,
        ArrayScript script,
        ClusterTasks tasks,
        int retries,
        TimeProvider time
    )
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(parts);
        (_folder, _slurm, _script, _tasks, _retries, _time) = (folder, slurm, script, tasks, retries, time);
        Parts = [.. parts.Select(part => new PartProgress(part))];
        _patience = SharedFolder.Patience(folder.Path);
    }

    /// <summary>Every part, in the order given.</summary>
    public IReadOnlyList<PartProgress> Parts { get; }

    /// <summary>The timestamp since which the controller has not answered; null if it answers.</summary>
    public long? SilentSince { get; private set; }

    /// <summary>The error message of the last query that the controller did not answer.</summary>
    public string Silence => _slurm.LastError;

    /// <summary>
    /// The cluster's message when it accepted no more tasks; the rest is submitted when there is room.
    /// </summary>
    public string? Refused { get; private set; }

    /// <summary>Whether nothing further happens on its own.</summary>
    public bool Over => Parts.All(part => part.Over);

    /// <summary>
    /// Finds what earlier commands submitted, and submits every part that is neither done nor in the queue.
    /// </summary>
    /// <exception cref="ClusterException">The controller does not answer, or accepts no tasks.</exception>
    /// <exception cref="RunFolderException">The folder cannot be written.</exception>
    public void Begin()
    {
        Place();
        if (AllDone())
            return; // no cluster is needed for that
        var queue =
            _slurm.Queue()
            ?? throw new ClusterException(
                $"The Slurm controller does not answer: {Silence}. Try again when `squeue` answers; submitted "
                    + "jobs keep running meanwhile."
            );
        _mostTasks = _slurm.MostTasks();
        Adopt(queue);
        Place();
        Take(queue);
        foreach (var part in Parts)
            Look(part);
        foreach (var part in Parts.Where(part => part.State != CellState.Done && part.Task is null))
        {
            Forget(part);
            _tasks.Prepare(part.Part.Name);
            _toSubmit.Add(part);
        }
        Submit();
        _begun = true;
    }

    private bool AllDone()
    {
        foreach (var part in Parts.Where(part => _tasks.IsDone(part.Part.Name)))
            part.State = CellState.Done;
        return _begun = Parts.All(part => part.State == CellState.Done);
    }

    /// <summary>Reads the state as another command would find it, and submits nothing.</summary>
    /// <returns>Whether the controller answers; if it does not, the contents of the queue are unknown.</returns>
    public bool Peek()
    {
        var queue = _slurm.Queue();
        Place();
        Take(queue ?? []);
        foreach (var part in Parts)
            Look(part);
        return queue is not null;
    }

    /// <summary>
    /// Cancels the jobs, including pending ones. Finished work is kept; running work writes a checkpoint.
    /// </summary>
    /// <exception cref="ClusterException">The controller does not answer.</exception>
    /// <exception cref="RunFolderException">The folder cannot be written.</exception>
    public void Cancel()
    {
        foreach (var part in Parts.Where(part => part is { Task: not null, Place: not null }))
        {
            var place = part.Place!.Value;
            ClusterFolder.Write(
                _folder.Stopped(place.Submission.Number, place.Index),
                new TaskNote(
                    $"{part.Task!.Job}_{part.Task.Index}",
                    "",
                    "canceled by `gyre sweep --cancel`; the same command with --on slurm resumes"
                )
            );
        }
        _slurm.Cancel(Jobs);
    }

    /// <summary>Polls the queue and the folder once, and submits the parts that are due.</summary>
    /// <exception cref="RunFolderException">The folder cannot be written.</exception>
    public void Poll()
    {
        if (_slurm.Queue() is not { } queue)
        {
            SilentSince ??= _time.GetTimestamp();
            return;
        }
        SilentSince = null;
        Take(queue);
        foreach (var part in Parts.Where(part => !part.Over))
            Look(part);
        if (_toSubmit.Count > 0 && (_refusedAt is not { } at || _time.GetElapsedTime(at) > RefusedPause))
            Submit();
    }

    /// <summary>The jobs of this work that are in the queue.</summary>
    public IReadOnlyList<string> Jobs => [.. Parts.Select(part => part.Task?.Job).OfType<string>().Distinct()];

    /// <summary>The state of the queue in a few words; null if there is nothing to report.</summary>
    public string? QueueText => QueueSummary.Describe(this, _time);

    /// <summary>The job number and the number of tasks of each array that has work left.</summary>
    public IReadOnlyList<(string Job, int Tasks)> Arrays =>
        [
            .. Parts
                .Where(part => part is { Over: false, Place: not null })
                .Select(part => part.Place!.Value)
                .Distinct()
                .GroupBy(place => place.Submission.Job!)
                .Select(same => (same.Key, same.Count())),
        ];

    private void Take(IReadOnlyList<QueuedTask> queue)
    {
        _queue.Clear();
        foreach (var task in queue)
            _queue[(task.Job, task.Index)] = task;
    }

    /// <summary>A command that died between sbatch and its note left a job that only its name identifies.</summary>
    private void Adopt(IReadOnlyList<QueuedTask> queue)
    {
        foreach (var open in _folder.ReadSubmissions().Where(one => one is { Job: null, Refused: null }))
        {
            if (queue.FirstOrDefault(task => task.Name == open.Name) is { } found)
                _folder.Append(open with { Job = found.Job });
        }
    }

    /// <summary>Finds the latest submission of each part.</summary>
    private void Place()
    {
        var byName = Parts.ToDictionary(part => part.Part.Name);
        foreach (
            var submission in _folder.ReadSubmissions().Where(one => one.Kind == _tasks.Kind && one.Job is not null)
        )
        {
            foreach (var (index, unit) in _folder.ReadUnits(submission.Number).Index())
            {
                foreach (var part in unit.Parts.Where(part => byName.ContainsKey(part.Name)))
                    (byName[part.Name].Place, byName[part.Name].SeenAt) = ((submission, index), _time.GetTimestamp());
            }
        }
    }

    private void Look(PartProgress part)
    {
        var name = part.Part.Name;
        part.Task = part.Place is { } at ? InQueue(at) : null;
        if (_tasks.IsDone(name))
        {
            if (part.State is CellState.Waiting or CellState.Running && part.Place is not null)
                Note(SweepLogKinds.Done, name, null);
            (part.State, part.Reason) = (CellState.Done, null);
        }
        else if (
            ClusterFolder.Read<TaskNote>(_folder.Failure(name)) is { } failure
            && (
                part.Task is null
                || AttemptNumber.TryParse(failure.Attempt)?.Submission == part.Place?.Submission.Number
            )
        )
            Fail(part, failure.Reason);
        else if (part.Task is { } task)
            (part.State, part.SeenAt) = (
                task.Runs && _tasks.IsBegun(name) ? CellState.Running : CellState.Waiting,
                _time.GetTimestamp()
            );
        else if (part.Place is { } place && !_toSubmit.Contains(part))
            Miss(part, place);
    }

    /// <summary>
    /// A controller that was killed may have forgotten a job that is still running, and may reuse its number, so the
    /// name must match too.
    /// </summary>
    private QueuedTask? InQueue((SubmissionRecord Submission, int Index) place) =>
        _queue.GetValueOrDefault((place.Submission.Job!, place.Index)) is { } task && task.Name == place.Submission.Name
            ? task
            : null;

    /// <summary>
    /// Handles a part that is in no queue and not done. A file system may show a result late, so the part is
    /// considered lost only after a while.
    /// </summary>
    private void Miss(PartProgress part, (SubmissionRecord Submission, int Index) place)
    {
        if (ClusterFolder.Read<TaskNote>(_folder.Stopped(place.Submission.Number, place.Index)) is { } stopped)
        {
            (part.State, part.Reason) = (CellState.Interrupted, stopped.Reason);
            Note(SweepLogKinds.Interrupted, part.Part.Name, stopped.Reason);
            return;
        }
        part.State = CellState.Waiting;
        if (_time.GetElapsedTime(part.SeenAt) < _patience)
            return;
        var reason =
            $"job {place.Submission.Job}_{place.Index} has ended, but it is not "
            + $"done{Traces.LastLine(_folder, place.Submission.Job!, place.Index)}";
        if (++part.Losses > _retries)
        {
            reason = $"{reason} (lost {part.Losses} {Counted.Noun(part.Losses, "time")})";
            ClusterFolder.Write(
                _folder.Failure(part.Part.Name),
                new TaskNote(
                    $"{place.Submission.Job}_{place.Index}",
                    new AttemptNumber(place.Submission.Number, 0).ToString(),
                    reason
                )
            ); // for later commands
            Fail(part, reason);
            return;
        }
        part.Reason = reason;
        _tasks.Note(SweepLogKinds.Retried, part.Part.Name, reason);
        _toSubmit.Add(part);
    }

    private void Fail(PartProgress part, string reason)
    {
        (part.State, part.Reason) = (CellState.Failed, reason);
        Note(SweepLogKinds.Failed, part.Part.Name, reason);
    }

    /// <summary>
    /// Records what happens while this command follows the work. The state that it finds at the start is already in
    /// the folder, and an earlier command may have recorded it.
    /// </summary>
    private void Note(string kind, string name, string? detail)
    {
        if (_begun)
            _tasks.Note(kind, name, detail);
    }

    /// <summary>Clears a part's notes, because a new command retries parts that failed or were stopped.</summary>
    private void Forget(PartProgress part)
    {
        ClusterFolder.Forget(_folder.Failure(part.Part.Name));
        if (part.Place is { } place)
            ClusterFolder.Forget(_folder.Stopped(place.Submission.Number, place.Index));
        (part.State, part.Reason, part.Place) = (CellState.Waiting, null, null);
    }

    /// <summary>
    /// Submits everything that is due. A fork whose parent is still in the queue waits for it. A limit on concurrent
    /// tasks applies to all arrays together, so the arrays then run one after another.
    /// </summary>
    private void Submit()
    {
        var live = Parts
            .Where(part => part.Task is not null)
            .ToDictionary(part => part.Part.Name, part => part.Task!.Job);
        var bound = _toSubmit.ToLookup(part => part.Part.Parent is { } parent && live.ContainsKey(parent));
        string[] chain = _script.Options.Jobs is null ? [] : [.. Jobs];
        if (
            Submit([.. bound[false]], [], ref chain)
            && Submit([.. bound[true]], [.. bound[true].Select(part => live[part.Part.Parent!]).Distinct()], ref chain)
        )
            (Refused, _refusedAt) = (null, null);
    }

    /// <summary>
    /// Submits parts in waves, each after the previous one; false if the cluster accepts no more for now.
    /// </summary>
    private bool Submit(PartProgress[] parts, string[] before, ref string[] chain)
    {
        var byName = parts.ToDictionary(part => part.Part.Name);
        foreach (var wave in Packing.Waves([.. parts.Select(part => part.Part)]))
        {
            var jobs = new List<string>();
            foreach (var units in Packing.Units(wave, _script.Options.Pack).Chunk(_mostTasks))
            {
                if (Submit(units, _script.Options.Jobs is null ? before : chain, byName) is not { } job)
                    return false;
                jobs.Add(job);
                chain = [job];
            }
            before = [.. jobs];
        }
        return true;
    }

    /// <summary>Submits one array and returns its job number; null if the cluster accepts no more for now.</summary>
    private string? Submit(IReadOnlyList<ClusterPart>[] units, string[] after, Dictionary<string, PartProgress> byName)
    {
        var number = _folder.ReadSubmissions().Select(one => one.Number).DefaultIfEmpty(0).Max() + 1;
        var script = _script with { Submission = number, Tasks = units.Length, Name = $"{_script.Name}-{number}" };
        var submission = new SubmissionRecord(number, _time.GetUtcNow(), script.Name, _tasks.Kind, units.Length);
        _folder.Prepare(
            number,
            [
                .. units.Select(unit => new WorkUnit(
                    _tasks.Kind,
                    _retries,
                    [.. unit.Select(part => new WorkPart(part.Name, part.Spec))]
                )),
            ],
            script.Text()
        );
        _folder.Append(submission);
        try
        {
            submission = submission with { Job = _slurm.Submit(_folder.Script(number), script.Arguments, after) };
        }
        catch (ClusterException error)
        {
            _folder.Append(submission with { Refused = error.Message });
            if (!_begun && !Parts.Any(one => one is { Place: not null, Over: false }))
                throw; // nothing is left to follow
            (Refused, _refusedAt) = (error.Message, _time.GetTimestamp());
            return null;
        }
        _folder.Append(submission);
        _tasks.Note(
            "submitted",
            null,
            $"job {submission.Job}: {units.Sum(unit => unit.Count)} {_tasks.Kind} in {units.Length} "
                + $"{Counted.Noun(units.Length, "task")}"
        );
        foreach (var (index, unit) in units.Index())
        {
            foreach (var part in unit.Select(part => byName[part.Name]))
            {
                (part.Place, part.SeenAt, part.State) = ((submission, index), _time.GetTimestamp(), CellState.Waiting);
                _toSubmit.Remove(part);
            }
        }
        return submission.Job;
    }
}
