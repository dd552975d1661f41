using System.Collections.Concurrent;
using Gyre.Lab.RunFiles;

namespace Gyre.Dashboard.Reading;

/// <summary>
/// Everything below the served folder, read when a page asks for it and kept while it does not change. One for all
/// pages.
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

    /// <summary>Tells the time.</summary>
    public TimeProvider Clock => clock;

    /// <summary>What there is now; at most a second old.</summary>
    public FoundFolders Found()
    {
        lock (_gate)
        {
            if (_lookedAt == 0 || clock.GetElapsedTime(_lookedAt) > Pause)
                (_found, _lookedAt) = (served.Look(), clock.GetTimestamp());
            return _found;
        }
    }

    /// <summary>A folder of a kind by its address; null where there is none.</summary>
    public Found? Find(string? key, FoundKind kind) =>
        Found().Folders.GetValueOrDefault(key?.Trim('/') ?? "") is { } found && found.Kind == kind ? found : null;

    /// <summary>A row a run. Those whose files are as they were are not read again.</summary>
    public IReadOnlyList<RunRow> Rows() => Rows(Found().Folders.Values.Where(found => found.Kind == FoundKind.Run));

    /// <summary>The same of a sweep's cells alone.</summary>
    public IReadOnlyList<RunRow> Rows(string sweep) =>
        Rows(Found().Folders.Values.Where(found => found.Kind == FoundKind.Run && found.Sweep == sweep));

    /// <summary>A sweep as it is now; null where there is none, and never was while this process went.</summary>
    /// <param name="key">Its address.</param>
    /// <param name="whole">Whether to wait until every finished cell is read; else their summaries come first and their
    /// lines as they are read.</param>
    public SweepSnapshot? Sweep(string? key, bool whole = false)
    {
        key = key?.Trim('/') ?? "";
        if (!_sweeps.TryGetValue(key, out var open) && Find(key, FoundKind.Sweep) is { } found)
            open = _sweeps.GetOrAdd(key, _ => new LiveSweep(this, found));
        return whole ? open?.LookWhole() : open?.Look();
    }

    /// <summary>A landscape as it is now; null where there is none, and never was while this process went.</summary>
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

    /// <summary>The landscapes that were made of a run, by step.</summary>
    public IReadOnlyList<(string Key, long Step)> LandscapesOf(string run)
    {
        var name = run.Split('/')[^1];
        var made = Found()
            .Folders.Values.Where(found => found.Kind == FoundKind.Landscape)
            .Select(found => (found.Key, Grid: Grid(found)))
            .Where(one => one.Grid?.Run == name);
        return [.. made.Select(one => (one.Key, one.Grid!.Step)).OrderBy(one => one.Step)];
    }

    /// <summary>A run as it is now; null where there is none, and never was while this process went.</summary>
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
    /// Why a folder is not read; null where nothing speaks against it. Asked at every look: a link may be put there at
    /// any time.
    /// </summary>
    public string? LinksSentence(string path, string kind) =>
        served.LinksOutside(path) is { Count: > 0 } links
            ? $"{string.Join(", ", links)}: a link that leads out of the served folder. A {kind} with such "
                + "links is not read."
            : null;

    /// <summary>
    /// What a landscape evaluates; null where it cannot be read. Not read again while the file is as it was.
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
            // Its own page says what is wrong.
        }
        _grids[found.Key] = (stamp, grid);
        return grid;
    }

    private IReadOnlyList<RunRow> Rows(IEnumerable<Found> runs)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        // One that was deleted since the last look is none.
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
                    Flaw = "holds a link that leads out of the served folder",
                }
                : RunRows.Read(found, now);
        _rows[found.Key] = (stamp, row);
        return row;
    }

    /// <summary>Lets go of the runs that were not looked at for longest, while all together take much memory.</summary>
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
