using System.Collections.Concurrent;
using Gyre.Lab.Claims;
using Gyre.Lab.Figures;
using Gyre.Lab.Reports;
using Gyre.Lab.RunFiles;

namespace Gyre.Dashboard.Reading;

/// <summary>
/// Follows one sweep folder in any state. A check is cheap: it reads the summaries of finished cells, once. Their lines
/// are read, and findings computed, in the background, once for every set of finished cells, and appear at a later
/// check. It never writes, and takes no lock.
/// </summary>
internal sealed class LiveSweep
{
    private const int MostFlaws = 12;
    private const int MostRounds = 10; // files may change without end

    private readonly RunLibrary _library;
    private readonly Found _found;
    private readonly FolderFollower<SweepSnapshot> _follower;
    private readonly SweepFolder _folder;
    private readonly ConcurrentDictionary<string, CellReading> _read = new(StringComparer.Ordinal);
    private readonly List<SweepLogRecord> _log = [];

    private readonly JsonLinesTail<SweepLogRecord> _newLog;
    private (string Stamp, SweepPlanRecord? Plan, string Flaw) _plan = ("", null, "");
    private Task _reading = Task.CompletedTask;
    private Task _judging = Task.CompletedTask;
    private volatile SweepFindings? _findings;

    /// <summary>Creates a follower; nothing is read before the first request.</summary>
    /// <param name="library">Finds the cells: names in a plan are never used as paths.</param>
    /// <param name="found">The folder.</param>
    public LiveSweep(RunLibrary library, Found found)
    {
        (_library, _found, _folder) = (library, found, new SweepFolder(found.Path));
        _newLog = new(_folder.Log);
        _follower = new(found.Path, library.Clock, new SweepSnapshot { Key = found.Key })
        {
            Pause = TimeSpan.FromMilliseconds(500),
            Read = last => Next(last, ReadOrKeep(last)),
            Leave = last => Next(last, last with { Gone = true }),
        };
    }

    /// <summary>Returns the current state of the sweep.</summary>
    public SweepSnapshot Look() => _follower.Look();

    /// <summary>Returns the state once every cell that is finished now has been read.</summary>
    public SweepSnapshot LookWhole()
    {
        for (var rounds = 0; ; rounds++)
        {
            if (_follower.LookNow() is var now && (!now.Reading || rounds == MostRounds))
                return now;
            _reading.Wait();
        }
    }

    private SweepSnapshot ReadOrKeep(SweepSnapshot last) =>
        last.Version == 0 || _folder.Exists
            ? Read()
            : last with
            {
                Gone = false,
                Flaws =
                [
                    "plan.json no longer exists, and the folder is not a sweep without it. This page shows what was read earlier.",
                ],
            };

    /// <summary>Unchanged content stays the same object, with its version.</summary>
    private static SweepSnapshot Next(SweepSnapshot last, SweepSnapshot next) =>
        last.Version > 0 && Same(next, last) ? last : next with { Version = last.Version + 1 };

    private SweepSnapshot Read()
    {
        if (_library.LinksSentence(_found.Path, "sweep") is { } links)
            return new SweepSnapshot { Key = _found.Key, Flaws = [links] };
        var flaws = new List<string>();
        var plan = Plan(flaws);
        Follow(flaws);
        var rows = _library.Rows(_found.Key);
        var byPath = rows.ToDictionary(row => row.Found.Path, StringComparer.Ordinal);
        SweepCellState[] cells = plan is null
            ? []
            :
            [
                .. plan
                    .Cells.DistinctBy(cell => cell.Folder)
                    .Select(cell => State(cell, byPath.GetValueOrDefault(_folder.Cell(cell.Folder).Path))),
            ];
        var known = cells.Select(cell => cell.Key).ToHashSet();
        flaws.AddRange(FlawsOf(rows));
        var data = plan is null
            ? null
            : new SweepReportData(
                plan,
                plan.Name,
                [.. cells.Select(cell => cell.Series).OfType<CellSeries>()],
                [.. cells.Where(cell => !cell.Finished).Select(cell => cell.Cell)],
                []
            );
        var snapshot = new SweepSnapshot
        {
            Key = _found.Key,
            Plan = plan,
            Cells = cells,
            Others = [.. rows.Where(row => !known.Contains(row.Found.Key))],
            Log = [.. _log],
            Flaws = flaws,
            Data = data,
        };
        Begin(snapshot);
        return snapshot with
        {
            Findings = _findings,
            Computing = !_judging.IsCompleted || snapshot.Reading,
            SpecText = SpecText(),
        };
    }

    private SweepPlanRecord? Plan(List<string> flaws)
    {
        var stamp = FolderFiles.Stamp(_folder.Plan);
        if (stamp != _plan.Stamp)
        {
            var (plan, flaw) = PlanOf();
            var beside = _plan.Plan is null ? flaw : $"{flaw} The previous plan is shown.";
            _plan = plan is not null ? (stamp, plan, "") : (stamp, _plan.Plan, beside);
        }
        if (_plan.Flaw.Length > 0)
            flaws.Add(_plan.Flaw);
        return _plan.Plan;
    }

    private (SweepPlanRecord? Plan, string Flaw) PlanOf()
    {
        try
        {
            return SweepReader.PlanOf(_folder) is { } plan
                ? (plan, "")
                : (null, "plan.json is missing or damaged; the command that started the sweep writes it again.");
        }
        catch (RunFolderException error)
        {
            return (null, Named(error.Message));
        }
    }

    private void Follow(List<string> flaws)
    {
        try
        {
            _log.AddRange(_newLog.Poll().Where(line => line.Kind is not null));
            if (_newLog.Flaw is { } flaw)
                flaws.Add(flaw);
        }
        catch (RunFolderException error)
        {
            flaws.Add(Named(error.Message));
        }
    }

    private string SpecText()
    {
        try
        {
            return File.Exists(_folder.Spec) ? File.ReadAllText(_folder.Spec) : "";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>If a row is the same object, it was not read again: its files have not changed.</summary>
    private SweepCellState State(SweepCellRecord cell, RunRow? row)
    {
        if (row is not { Finished: true })
            return new SweepCellState(cell, row, null, false);
        if (
            !_read.TryGetValue(cell.Folder, out var reading)
            || !ReferenceEquals(reading.Row, row)
            || reading.Cell != cell
        )
            _read[cell.Folder] = reading = CellReading.Summary(cell, row);
        return new SweepCellState(cell, row, reading.Series, reading.Whole);
    }

    private IEnumerable<string> FlawsOf(IReadOnlyList<RunRow> rows)
    {
        string[] all =
        [
            .. rows.Where(row => row.Flaw.Length > 0)
                .Select(row => $"{row.Found.Key.Split('/')[^1]}: {row.Flaw.TrimEnd('.')}."),
            .. _read
                .Where(pair => pair.Value.Flaw.Length > 0)
                .OrderBy(pair => pair.Key, StringComparer.Ordinal)
                .Select(pair => $"{pair.Key}: {Named(pair.Value.Flaw)}"),
        ];
        return all.Length <= MostFlaws
            ? all
            : all.Take(MostFlaws).Append(FormattableString.Invariant($"And {all.Length - MostFlaws} more."));
    }

    /// <summary>Starts the background work, one reading and one judging at a time.</summary>
    private void Begin(SweepSnapshot snapshot)
    {
        if (snapshot.Reading)
        {
            if (_reading.IsCompleted)
                _reading = Task.Run(() => ReadLines(snapshot));
        }
        else if (
            _judging.IsCompleted
            && snapshot.Data is { Finished.Count: > 0 } data
            && !(
                _findings is { Whole: true } known
                && known.Finished.SequenceEqual(data.Finished, ReferenceEqualityComparer.Instance)
            )
        )
        {
            _judging = Task.Run(() => Judge(data));
        }
    }

    private void ReadLines(SweepSnapshot snapshot) =>
        Parallel.ForEach(
            snapshot.Cells.Where(cell => cell.Finished && !cell.Whole),
            new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, Environment.ProcessorCount / 2) },
            cell => _read[cell.Cell.Folder] = CellReading.Lines(cell.Cell, cell.Row!, cell.Series)
        );

    private void Judge(SweepReportData data)
    {
        var before = _findings;
        try
        {
            var verdicts = ClaimCatalog.Decide(data.Claims);
            _findings = new SweepFindings(
                data.Finished,
                ReportText.Summary(data, verdicts),
                verdicts,
                Signatures.Create(data.Claims, verdicts),
                GroupTable.Create(data.Claims),
                before?.Correlations ?? [],
                false
            );
            _findings = _findings with { Correlations = data.Correlations, Whole = true };
        }
        catch (Exception error)
            when (error
                    is ArgumentException
                        or InvalidOperationException
                        or KeyNotFoundException
                        or ArithmeticException
                        or IndexOutOfRangeException
                        or NullReferenceException
            )
        {
            // A plan can contain anything; if it cannot be judged, this is reported, and not tried again until it
            // changes.
            _findings = new SweepFindings(
                data.Finished,
                $"This sweep's plan cannot be judged: {error.Message}",
                [],
                [],
                [],
                [],
                true
            );
        }
    }

    /// <summary>Sentences name the sweep by its address, not by its path.</summary>
    private string Named(string sentence) => sentence.Replace(_found.Path, _found.Key, StringComparison.Ordinal);

    private static bool Same(SweepSnapshot a, SweepSnapshot b) =>
        ReferenceEquals(a.Plan, b.Plan)
        && ReferenceEquals(a.Findings, b.Findings)
        && a.Computing == b.Computing
        && a.Gone == b.Gone
        && a.Log.Count == b.Log.Count
        && a.SpecText == b.SpecText
        && a.Flaws.SequenceEqual(b.Flaws)
        && a.Others.SequenceEqual(b.Others)
        && a.Cells.SequenceEqual(b.Cells);

    /// <summary>The data read from a finished cell.</summary>
    private sealed record CellReading(SweepCellRecord Cell, RunRow Row, CellSeries? Series, bool Whole, string Flaw)
    {
        /// <summary>Returns the summary alone; measures that need a run's lines are NaN.</summary>
        public static CellReading Summary(SweepCellRecord cell, RunRow row) =>
            Guarded(cell, row, null, run => Create(cell, row, run, [], []) with { Whole = false });

        /// <summary>Returns all data.</summary>
        public static CellReading Lines(SweepCellRecord cell, RunRow row, CellSeries? summary) =>
            Guarded(
                cell,
                row,
                summary,
                run =>
                {
                    var (steps, curvature) = (
                        new JsonLinesTail<StepRecord>(run.Folder.Steps),
                        new JsonLinesTail<CurvatureRecord>(run.Folder.Curvature)
                    );
                    var read = Create(cell, row, run, steps.Poll(), curvature.Poll());
                    string[] flaws = [.. new[] { steps.Flaw, curvature.Flaw }.OfType<string>()];
                    return flaws.Length > 0 ? read with { Flaw = string.Join(' ', flaws) } : read;
                }
            );

        private static CellReading Create(
            SweepCellRecord cell,
            RunRow row,
            RunReader run,
            IReadOnlyList<StepRecord> steps,
            IReadOnlyList<CurvatureRecord> curvature
        ) =>
            run.ReadSummary() is { } summary
                ? new CellReading(cell, row, CellSeries.FromRecords(cell, summary, steps, curvature), true, "")
                : new CellReading(cell, row, null, true, "summary.json is malformed.");

        private static CellReading Guarded(
            SweepCellRecord cell,
            RunRow row,
            CellSeries? before,
            Func<RunReader, CellReading> read
        )
        {
            try
            {
                return read(RunReader.Open(row.Found.Path));
            }
            catch (Exception error)
                when (error
                        is RunFolderException
                            or IOException
                            or UnauthorizedAccessException
                            or ArgumentException
                            or NullReferenceException
                            or InvalidOperationException
                )
            {
                return new CellReading(
                    cell,
                    row,
                    before,
                    true,
                    error is RunFolderException ? error.Message : $"its lines are malformed: {error.Message}"
                );
            }
        }
    }
}
