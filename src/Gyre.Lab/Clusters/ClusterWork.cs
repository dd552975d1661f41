using Gyre.Lab.RunFiles;
using Gyre.Lab.Sweeps;
using Gyre.Torch;

namespace Gyre.Lab.Clusters;

/// <summary>What <see cref="ClusterWork"/> asks of the work itself.</summary>
/// <param name="Kind">As in submissions.</param>
/// <param name="IsDone">Whether a part's result is there: the folder is the truth.</param>
/// <param name="IsBegun">Whether a process works on it.</param>
/// <param name="Prepare">Done to a part before a command submits it for the first time.</param>
/// <param name="Note">Takes kind, name of the part or null, and a sentence: for the sweep's history.</param>
internal sealed record ClusterTasks(
    string Kind,
    Func<string, bool> IsDone,
    Func<string, bool> IsBegun,
    Action<string> Prepare,
    Action<string, string?, string?> Note
);

/// <summary>
/// Parts of one kind, submitted to Slurm as arrays, followed, and submitted again where they were lost. Everything that
/// must survive this process is in the folder: another one that begins with the same parts goes on.
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

    /// <summary>Prepares.</summary>
    /// <param name="folder">Of the sweep's cluster.</param>
    /// <param name="slurm">The cluster.</param>
    /// <param name="parts">What is to be done.</param>
    /// <param name="script">What is the same in every submission.</param>
    /// <param name="tasks">The work.</param>
    /// <param name="retries">How often a lost part is submitted again, and how often a dead process is started
    /// again.</param>
    /// <param name="time">Clock.</param>
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

    /// <summary>Since when the controller has not answered; null where it does.</summary>
    public long? SilentSince { get; private set; }

    /// <summary>What its command said when it did not answer last.</summary>
    public string Silence => _slurm.LastError;

    /// <summary>What the cluster said when it took no more; the rest is submitted when there is room.</summary>
    public string? Refused { get; private set; }

    /// <summary>Whether nothing further happens by itself.</summary>
    public bool Over => Parts.All(part => part.Over);

    /// <summary>Finds what earlier commands submitted, and submits what is neither done nor in the queue.</summary>
    /// <exception cref="ClusterException">The controller does not answer, or takes nothing.</exception>
    /// <exception cref="RunFolderException">The folder cannot be written.</exception>
    public void Begin()
    {
        Place();
        if (AllDone())
            return; // no cluster is needed for that
        var queue =
            _slurm.Queue()
            ?? throw new ClusterException(
                $"The Slurm controller does not answer: {Silence}. Try again when `squeue` does; jobs that "
                    + "were submitted go on meanwhile."
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

    /// <summary>Looks as another command would find things, and submits nothing.</summary>
    /// <returns>Whether the controller answers; without it, what is in the queue is not known.</returns>
    public bool Peek()
    {
        var queue = _slurm.Queue();
        Place();
        Take(queue ?? []);
        foreach (var part in Parts)
            Look(part);
        return queue is not null;
    }

    /// <summary>Ends the jobs, those that wait among them. What is done stays; what runs writes a checkpoint.</summary>
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
                    "cancelled by `gyre sweep --cancel`; the same command with --on slurm goes on"
                )
            );
        }
        _slurm.Cancel(Jobs);
    }

    /// <summary>Looks at the queue and the folder once.</summary>
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

    /// <summary>Jobs of this work in the queue.</summary>
    public IReadOnlyList<string> Jobs => [.. Parts.Select(part => part.Task?.Job).OfType<string>().Distinct()];

    /// <summary>How the queue stands, in a few words; null where there is nothing to say.</summary>
    public string? QueueText => QueueSummary.Describe(this, _time);

    /// <summary>Number and tasks of each array that has something left to do.</summary>
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

    /// <summary>A command that died between sbatch and its note left a job that only its name tells of.</summary>
    private void Adopt(IReadOnlyList<QueuedTask> queue)
    {
        foreach (var open in _folder.ReadSubmissions().Where(one => one is { Job: null, Refused: null }))
        {
            if (queue.FirstOrDefault(task => task.Name == open.Name) is { } found)
                _folder.Append(open with { Job = found.Job });
        }
    }

    /// <summary>Where each part was submitted last.</summary>
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
    /// A controller that was killed may have forgotten a job that goes on, and give its number away again: the name
    /// tells whose it is.
    /// </summary>
    private QueuedTask? InQueue((SubmissionRecord Submission, int Index) place) =>
        _queue.GetValueOrDefault((place.Submission.Job!, place.Index)) is { } task && task.Name == place.Submission.Name
            ? task
            : null;

    /// <summary>In no queue and not done. A file system may show a result late, so it is waited for a while.</summary>
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
            $"job {place.Submission.Job}_{place.Index} is gone and it is not "
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
            ); // for whoever looks later
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
    /// What happens while this command follows; what it finds when it begins, the folder says, and an earlier command
    /// may have noted.
    /// </summary>
    private void Note(string kind, string name, string? detail)
    {
        if (_begun)
            _tasks.Note(kind, name, detail);
    }

    /// <summary>A new command tries again what failed or was stopped.</summary>
    private void Forget(PartProgress part)
    {
        ClusterFolder.Forget(_folder.Failure(part.Part.Name));
        if (part.Place is { } place)
            ClusterFolder.Forget(_folder.Stopped(place.Submission.Number, place.Index));
        (part.State, part.Reason, part.Place) = (CellState.Waiting, null, null);
    }

    /// <summary>
    /// Everything that is to be submitted. A fork whose parent is still in the queue waits for it; so many tasks at a
    /// time, over all arrays together, means one array after another.
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

    /// <summary>Parts in waves, each after the one before; false where the cluster takes no more at present.</summary>
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

    /// <summary>One array; null where the cluster takes no more at present.</summary>
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
                throw; // nothing goes on that could be followed
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
