using System.Text;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Lab.Statistics;

namespace Gyre.Dashboard.Reading;

/// <summary>
/// Follows one run folder in any state; each check reads what is new. It never writes, and takes no lock.
/// </summary>
internal sealed class LiveRun
{
    private readonly string _key;
    private readonly TimeProvider _clock;
    private readonly FolderFollower<RunSnapshot> _follower;
    private Lines _lines;
    private DateTimeOffset? _begun;
    private string? _specFlaw;
    private bool _finished;

    /// <summary>Creates a follower; nothing is read before the first request.</summary>
    /// <param name="key">Address of the run below the served folder.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="clock">The clock, for the time of the last reading.</param>
    public LiveRun(string key, RunFolder folder, TimeProvider clock)
    {
        (_key, Folder, _clock, _lines) = (key, folder, clock, new Lines(folder));
        _follower = new(folder.Path, clock, new RunSnapshot { Key = key })
        {
            Stamp = Stamp,
            Read = Read,
            Leave = last => last with { Gone = true, Version = last.Version + 1 },
        };
    }

    /// <summary>The folder.</summary>
    public RunFolder Folder { get; }

    /// <summary>The time of the last request, in the clock's ticks.</summary>
    public long UsedAt { get; private set; }

    /// <summary>Memory of its columns.</summary>
    public long Bytes => _lines.Bytes;

    /// <summary>Returns the current state of the run.</summary>
    public RunSnapshot Look()
    {
        UsedAt = _clock.GetTimestamp();
        return _follower.Look();
    }

    private RunSnapshot Read(RunSnapshot last)
    {
        var flaws = new List<string>();
        var environment = Whole<EnvironmentRecord>(Folder.Environment, flaws, _ => true, required: true);
        // A folder that was away, or was started again, may contain another training, so nothing from before is kept. A
        // folder that lost only this file is probably being deleted, so what was read stays.
        if (last.Gone || (environment is not null && environment.Started != _begun))
            _lines = new Lines(Folder);
        _begun = environment?.Started ?? _begun;
        var summary = Whole<SummaryRecord>(Folder.Summary, flaws, RunFolder.IsWhole, required: false);
        var torn = new List<string>();
        _lines.Read(torn);
        if (IsReopened(summary, last))
        {
            (_lines, torn) = (new Lines(Folder), []);
            _lines.Read(torn);
        }
        flaws.AddRange(torn);
        flaws.AddRange(summary is null ? [] : RunSeals.Lengths(Folder, summary));
        var text = FolderFiles.Text(Folder.Spec, flaws) ?? "";
        var spec = text == last.SpecText && last.Spec is not null ? last.Spec : SpecOf(text, flaws);
        flaws.AddRange(spec is not null && SpecFlaw(text, environment, last) is { } other ? [other] : []);
        return _lines.In(
            new RunSnapshot
            {
                Key = _key,
                Version = last.Version + 1,
                SpecText = text,
                Spec = spec,
                Environment = environment,
                Summary = summary,
                Changed = Changed(),
                Flaws = flaws,
            }
        );
    }

    /// <summary>
    /// Returns whether a finished run continues, as when more checkpoints are measured, which removes the end from
    /// its events. A folder that only loses files is being deleted.
    /// </summary>
    private bool IsReopened(SummaryRecord? summary, RunSnapshot last)
    {
        var reopened = _finished && summary is null && _lines.Sessions > last.Sessions.Count;
        _finished = (_finished || summary is not null) && !reopened;
        return reopened;
    }

    /// <summary>
    /// Returns whether the spec is another run's; checked again only if one of the two files has changed.
    /// </summary>
    private string? SpecFlaw(string text, EnvironmentRecord? environment, RunSnapshot last)
    {
        if (text != last.SpecText || environment != last.Environment)
            _specFlaw = RunCheck
                .FindSpecFlaw(Folder, text, environment)
                ?.Replace(Folder.Path + Path.DirectorySeparatorChar, "", StringComparison.Ordinal);
        return _specFlaw;
    }

    private static T? Whole<T>(string path, List<string> flaws, Func<T, bool> sound, bool required)
        where T : class
    {
        if (!Path.Exists(path))
        {
            if (required)
                flaws.Add($"{Path.GetFileName(path)} is missing.");
            return null;
        }
        if (FolderFiles.Text(path, flaws) is not { } text)
            return null;
        var (bytes, name) = (Encoding.UTF8.GetBytes(text), Path.GetFileName(path));
        var newer = RunJson.NewerFormat(bytes);
        if (newer is null && RunJson.Read<T>(bytes) is { } whole && sound(whole))
            return whole;
        flaws.Add(newer is { } format ? RunFolder.TooNew(name, format).Message : $"{name} is malformed.");
        return null;
    }

    private static RunSpec? SpecOf(string text, List<string> flaws)
    {
        try
        {
            return SpecReader.ReadText(text);
        }
        catch (SpecException error)
        {
            flaws.Add(
                "spec.toml cannot be read (another version, or damaged), so the name and "
                    + "the planned steps "
                    + $"are unknown: {error.InOneLine}"
            );
            return null;
        }
    }

    private DateTime Changed() =>
        new[] { Folder.Steps, Folder.Curvature, Folder.Sessions, Folder.Summary }
            .Select(File.GetLastWriteTimeUtc)
            .Max();

    private string Stamp() =>
        FolderFiles.Stamp(
            Folder.Steps,
            Folder.Curvature,
            Folder.Timings,
            Folder.Events,
            Folder.Sessions,
            Folder.Summary,
            Folder.Spec,
            Folder.Environment
        );

    /// <summary>The lines of one training that have been read.</summary>
    private sealed class Lines(RunFolder folder)
    {
        private readonly (GrowingTable Steps, GrowingTable Curvature, GrowingTable Timings) _tables = (
            new(),
            new(),
            new()
        );
        private readonly List<EventRecord> _events = [];
        private readonly HashSet<EventRecord> _seen = [];
        private readonly List<SessionRecord> _sessions = [];
        private readonly JsonLinesTail<StepRecord> _steps = new(folder.Steps);
        private readonly JsonLinesTail<CurvatureRecord> _curvature = new(folder.Curvature);
        private readonly JsonLinesTail<TimingRecord> _timings = new(folder.Timings);
        private readonly JsonLinesTail<EventRecord> _newEvents = new(folder.Events);
        private readonly JsonLinesTail<SessionRecord> _newSessions = new(folder.Sessions);
        private TrainingClock _clock = new();

        /// <summary>Reads the history of its processes.</summary>
        public int Sessions => _sessions.Count;

        public long Bytes => _tables.Steps.Bytes + _tables.Curvature.Bytes + _tables.Timings.Bytes;

        public void Read(List<string> flaws)
        {
            // Measurements come first: the lines of their steps then exist too.
            Take(_curvature, flaws, record => _tables.Curvature.Add(record.Step, RunColumns.GetValues(record)));
            Take(_steps, flaws, Add);
            Take(_timings, flaws, timing => _tables.Timings.Add(timing.Step, RunColumns.GetValues(timing)));
            Take(_newEvents, flaws, Add);
            Take(_newSessions, flaws, _sessions.Add);
        }

        public RunSnapshot In(RunSnapshot run) =>
            run with
            {
                Steps = _tables.Steps.Seen(),
                Curvature = _tables.Curvature.Seen(),
                Timings = _tables.Timings.Seen(),
                Events = [.. _events],
                Sessions = [.. _sessions],
            };

        /// <summary>
        /// If lines are written again, training time continues from the line before them.
        /// </summary>
        private void Add(StepRecord step)
        {
            var seen = _tables.Steps;
            if (step.Step <= seen.LastStep)
                _clock = ClockBefore(step.Step, seen.Seen());
            seen.Add(step.Step, RunColumns.GetValues(step, _clock.Next(step.Step, step.LearningRate)));
        }

        private static TrainingClock ClockBefore(double step, NumberTable seen)
        {
            var kept = seen.Steps.BinarySearch(step) is var place && place < 0 ? ~place : place;
            return kept == 0
                ? new TrainingClock()
                : new TrainingClock(
                    (long)seen.Steps[kept - 1],
                    seen[RunColumns.Time].Span[kept - 1],
                    seen["learning_rate"].Span[kept - 1]
                );
        }

        /// <summary>After a resume, the events from its checkpoint on are written again.</summary>
        private void Add(EventRecord happened)
        {
            if (_seen.Add(happened))
                _events.Add(happened);
        }

        private static void Take<T>(JsonLinesTail<T> tail, List<string> flaws, Action<T> add)
            where T : class
        {
            try
            {
                foreach (var record in tail.Each())
                    add(record);
                if (tail.Flaw is { } flaw)
                    flaws.Add(flaw);
            }
            catch (RunFolderException error)
            {
                flaws.Add(error.Message);
            }
        }
    }
}
