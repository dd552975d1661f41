using System.Collections.Concurrent;
using Gyre.Lab.RunFiles;

namespace Gyre.Dashboard.Reading;

/// <summary>
/// Everything below the served folder, read when a page requests it and kept while it does not change. All pages share
/// one library.
/// </summary>
internal sealed class RunLibrary(ServedFolder served, TimeProvider clock)
{
    private const long MostBytes = 512_000_000;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, (string Stamp, RunRow Row)> _rows = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, LiveRun> _runs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, LiveSweep> _sweeps = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (string Stamp, LandscapeGrid? Grid)> _grids = new(
        StringComparer.Ordinal
    );
    private readonly ConcurrentDictionary<string, LiveLandscape> _landscapes = new(StringComparer.Ordinal);

    private FoundFolders _found = new(new Dictionary<string, Found>(), []);
    private long _lookedAt;

    /// <summary>The served folder.</summary>
    public ServedFolder Served => served;

    /// <summary>The clock.</summary>
    public TimeProvider Clock => clock;

    /// <summary>Returns the folders that exist; at most one second old.</summary>
    public FoundFolders Found()
    {
        lock (_gate)
        {
            if (_lookedAt == 0 || clock.GetElapsedTime(_lookedAt) > Pause)
                (_found, _lookedAt) = (served.Look(), clock.GetTimestamp());
            return _found;
        }
    }

    /// <summary>Returns a folder of a kind by its address; null if there is none.</summary>
    public Found? Find(string? key, FoundKind kind) =>
        Found().Folders.GetValueOrDefault(key?.Trim('/') ?? "") is { } found && found.Kind == kind ? found : null;

    /// <summary>Returns one row per run. Runs whose files have not changed are not read again.</summary>
    public IReadOnlyList<RunRow> Rows() => Rows(Found().Folders.Values.Where(found => found.Kind == FoundKind.Run));

    /// <summary>Returns one row per cell of a sweep.</summary>
    public IReadOnlyList<RunRow> Rows(string sweep) =>
        Rows(Found().Folders.Values.Where(found => found.Kind == FoundKind.Run && found.Sweep == sweep));

    /// <summary>Returns a sweep; null if there is none, and was none since this process started.</summary>
    /// <param name="key">Its address.</param>
    /// <param name="whole">Whether to wait until every finished cell is read; otherwise summaries come first, and
    /// lines as they are read.</param>
    public SweepSnapshot? Sweep(string? key, bool whole = false)
    {
        key = key?.Trim('/') ?? "";
        if (!_sweeps.TryGetValue(key, out var open) && Find(key, FoundKind.Sweep) is { } found)
            open = _sweeps.GetOrAdd(key, _ => new LiveSweep(this, found));
        return whole ? open?.LookWhole() : open?.Look();
    }

    /// <summary>Returns a landscape; null if there is none, and was none since this process started.</summary>
    public LandscapeSnapshot? Landscape(string? key)
    {
        key = key?.Trim('/') ?? "";
        if (!_landscapes.TryGetValue(key, out var open))
        {
            if (Find(key, FoundKind.Landscape) is not { } found)
                return null;
            open = _landscapes.GetOrAdd(key, _ => new LiveLandscape(key, new LandscapeFolder(found.Path), clock));
        }
        return LinksSentence(open.Folder.Path, "landscape") is { } links
            ? new LandscapeSnapshot(key) { Flaws = [links] }
            : open.Look();
    }

    /// <summary>Returns the landscapes of a run, by step.</summary>
    public IReadOnlyList<(string Key, long Step)> LandscapesOf(string run)
    {
        var name = run.Split('/')[^1];
        var made = Found()
            .Folders.Values.Where(found => found.Kind == FoundKind.Landscape)
            .Select(found => (found.Key, Grid: Grid(found)))
            .Where(one => one.Grid?.Run == name);
        return [.. made.Select(one => (one.Key, one.Grid!.Step)).OrderBy(one => one.Step)];
    }

    /// <summary>Returns a run; null if there is none, and was none since this process started.</summary>
    public RunSnapshot? Run(string? key)
    {
        key = key?.Trim('/') ?? "";
        if (!_runs.TryGetValue(key, out var open))
        {
            if (Find(key, FoundKind.Run) is not { } found)
                return null;
            Forget();
            open = _runs.GetOrAdd(key, _ => new LiveRun(key, new RunFolder(found.Path), clock));
        }
        return LinksSentence(open.Folder.Path, "run") is { } links
            ? new RunSnapshot { Key = key, Flaws = [links] }
            : open.Look();
    }

    /// <summary>
    /// Returns the reason why a folder is not read; null if there is none. Checked at every request, since a link may
    /// appear at any time.
    /// </summary>
    public string? LinksSentence(string path, string kind) =>
        served.LinksOutside(path) is { Count: > 0 } links
            ? $"{string.Join(", ", links)}: a link that leads out of the served folder. A {kind} with such "
                + "links is not read."
            : null;

    /// <summary>
    /// Returns the grid of a landscape; null if it cannot be read. It is not read again while the file does not change.
    /// </summary>
    private LandscapeGrid? Grid(Found found)
    {
        var file = new FileInfo(new LandscapeFolder(found.Path).GridFile);
        if (!file.Exists || served.LinksOutside(found.Path).Count > 0)
            return null;
        var stamp = FolderFiles.Stamp(file.FullName);
        if (_grids.TryGetValue(found.Key, out var known) && known.Stamp == stamp)
            return known.Grid;
        LandscapeGrid? grid = null;
        try
        {
            grid = RunJson.Read<LandscapeGrid>(File.ReadAllBytes(file.FullName));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Its own page reports the problem.
        }
        _grids[found.Key] = (stamp, grid);
        return grid;
    }

    private IReadOnlyList<RunRow> Rows(IEnumerable<Found> runs)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        // A folder that was deleted since the last check is skipped.
        return
        [
            .. runs.ToArray()
                .AsParallel()
                .AsOrdered()
                .Select(found => Row(found, now))
                .Where(row => Directory.Exists(row.Found.Path)),
        ];
    }

    private RunRow Row(Found found, DateTime now)
    {
        var folder = new RunFolder(found.Path);
        var stamp = FolderFiles.Stamp(folder.Spec, folder.Summary, folder.Steps);
        if (_rows.TryGetValue(found.Key, out var known) && known.Stamp == stamp && known.Row.Outcome != RunRow.Running)
            return known.Row;
        var row =
            served.LinksOutside(found.Path).Count > 0
                ? new RunRow
                {
                    Found = found,
                    Name = found.Key.Split('/')[^1],
                    Outcome = RunRow.Unreadable,
                    Flaw = "contains a link that leads out of the served folder",
                }
                : RunRows.Read(found, now);
        _rows[found.Key] = (stamp, row);
        return row;
    }

    /// <summary>Drops the runs with the oldest requests while all together use much memory.</summary>
    private void Forget()
    {
        foreach (var (key, _) in _runs.OrderBy(pair => pair.Value.UsedAt).ToArray())
        {
            if (_runs.Values.Sum(run => run.Bytes) < MostBytes)
                return;
            _runs.TryRemove(key, out _);
        }
    }
}
