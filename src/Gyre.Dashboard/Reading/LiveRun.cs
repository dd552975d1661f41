using System.Text;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;

namespace Gyre.Dashboard.Reading;

/// <summary>
/// Follows one run folder: each look reads what is new, whatever state the folder is in. It never writes, and takes no
/// lock.
/// </summary>
/// <param name="key">Address of the run below the served folder.</param>
/// <param name="folder">The folder.</param>
/// <param name="clock">Tells when the last look was.</param>
internal sealed class LiveRun(string key, RunFolder folder, TimeProvider clock)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private Lines _lines = new(folder);
    private RunSnapshot _last = new() { Key = key };
    private DateTimeOffset? _begun;
    private long _lookedAt;
    private string _stamp = "";
    private string? _specFlaw;

    /// <summary>The folder.</summary>
    public RunFolder Folder => folder;

    /// <summary>When it was last asked for, by the clock's ticks.</summary>
    public long UsedAt { get; private set; }

    /// <summary>Memory that its columns take.</summary>
    public long Bytes => _lines.Bytes;

    /// <summary>
    /// The run as it is now. Looks that follow closely upon one another share one reading of the files.
    /// </summary>
    public RunSnapshot Look()
    {
        lock (_gate)
        {
            UsedAt = clock.GetTimestamp();
            if (_lookedAt != 0 && clock.GetElapsedTime(_lookedAt) < Pause)
                return _last;
            if (!Directory.Exists(folder.Path))
                _last = _last.Gone ? _last : _last with { Gone = true, Version = _last.Version + 1 };
            // it may have been away, and come back as it was
            else if (Stamp() is var stamp && (stamp != _stamp || _last.Gone))
                (_last, _stamp) = (Read(), stamp);
            _lookedAt = clock.GetTimestamp();
            return _last;
        }
    }

    private RunSnapshot Read()
    {
        var flaws = new List<string>();
        var environment = Whole<EnvironmentRecord>(folder.Environment, flaws, _ => true, required: true);
        // A folder that was away, or was begun another time, may hold another training: nothing of before is kept. One
        // that has lost this file alone is, as a rule, being deleted: what was read of it stays.
        if (_last.Gone || (environment is not null && environment.Started != _begun))
            _lines = new Lines(folder);
        _begun = environment?.Started ?? _begun;
        _lines.Read(flaws);
        var summary = Whole<SummaryRecord>(folder.Summary, flaws, RunFolder.IsWhole, required: false);
        flaws.AddRange(summary is null ? [] : RunSeals.Lengths(folder, summary));
        var text = FolderFiles.Text(folder.Spec, flaws) ?? "";
        var spec = text == _last.SpecText && _last.Spec is not null ? _last.Spec : SpecOf(text, flaws);
        flaws.AddRange(spec is not null && OfSpec(text, environment) is { } other ? [other] : []);
        return _lines.In(
            new RunSnapshot
            {
                Key = key,
                Version = _last.Version + 1,
                SpecText = text,
                Spec = spec,
                Environment = environment,
                Summary = summary,
                Changed = Changed(),
                Flaws = flaws,
            }
        );
    }

    /// <summary>Whether the spec is another run's: told anew only where one of the two files has changed.</summary>
    private string? OfSpec(string text, EnvironmentRecord? environment)
    {
        if (text != _last.SpecText || environment != _last.Environment)
            _specFlaw = RunCheck
                .OfSpec(folder, text, environment)
                ?.Replace(folder.Path + Path.DirectorySeparatorChar, "", StringComparison.Ordinal);
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
        flaws.Add(newer is { } format ? RunFolder.TooNew(name, format).Message : $"{name} is not what it should be.");
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
                "spec.toml cannot be made sense of here (another version, or damaged), so that the name and "
                    + "the planned steps "
                    + $"are not known: {error.InOneLine}"
            );
            return null;
        }
    }

    private DateTime Changed() =>
        new[] { folder.Steps, folder.Curvature, folder.Sessions, folder.Summary }
            .Select(File.GetLastWriteTimeUtc)
            .Max();

    private string Stamp() =>
        FolderFiles.Stamp(
            folder.Steps,
            folder.Curvature,
            folder.Timings,
            folder.Events,
            folder.Sessions,
            folder.Summary,
            folder.Spec,
            folder.Environment
        );

    /// <summary>The lines of one training, as far as they are read.</summary>
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
        private (double Time, double Rate) _time;

        public long Bytes => _tables.Steps.Bytes + _tables.Curvature.Bytes + _tables.Timings.Bytes;

        public void Read(List<string> flaws)
        {
            // Measurements first: their steps' own lines are then there too.
            Take(_curvature, flaws, record => _tables.Curvature.Add(record.Step, RunColumns.Of(record)));
            Take(_steps, flaws, Add);
            Take(_timings, flaws, timing => _tables.Timings.Add(timing.Step, RunColumns.Of(timing)));
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
        /// Training time is the sum of the step sizes before; where lines are written again it goes on from the one
        /// before them.
        /// </summary>
        private void Add(StepRecord step)
        {
            var seen = _tables.Steps;
            if (step.Step <= seen.LastStep)
            {
                var before = seen.Seen();
                var kept = before.Steps.BinarySearch((double)step.Step) is var place && place < 0 ? ~place : place;
                _time = kept == 0 ? default : (before["time"].Span[kept - 1], before["learning_rate"].Span[kept - 1]);
            }
            _time = (seen.Count == 0 ? 0 : _time.Time + _time.Rate, step.LearningRate);
            seen.Add(step.Step, RunColumns.Of(step, _time.Time));
        }

        /// <summary>After a resume the events from its checkpoint on come again.</summary>
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
