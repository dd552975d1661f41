using System.Globalization;
using System.Text;
using Gyre.Lab.RunFiles;
using Gyre.Torch;

namespace Gyre.Dashboard.Reading;

/// <summary>Follows one folder of `gyre landscape`; each check reads what is new. It never writes.</summary>
internal sealed class LiveLandscape
{
    private readonly string _key;
    private readonly FolderFollower<LandscapeSnapshot> _follower;
    private JsonLinesTail<LandscapePoint> _points;
    private Dictionary<string, double[]> _losses = [];
    private HashSet<(string, long)> _seen = [];
    private string _gridText = "";
    private long _length,
        _strange;

    /// <summary>Creates a follower; nothing is read before the first request.</summary>
    /// <param name="key">Address of the folder below the served folder.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="clock">The clock, for the time of the last reading.</param>
    public LiveLandscape(string key, LandscapeFolder folder, TimeProvider clock)
    {
        (_key, Folder, _points) = (key, folder, new(folder.PointsFile));
        _follower = new(folder.Path, clock, new LandscapeSnapshot(key))
        {
            Stamp = Stamp,
            Read = _ => Read(),
            Leave = last => last with { Gone = true },
        };
    }

    /// <summary>The folder.</summary>
    public LandscapeFolder Folder { get; }

    /// <summary>Returns the current state of the landscape.</summary>
    public LandscapeSnapshot Look() => _follower.Look();

    private LandscapeSnapshot Read()
    {
        var flaws = new List<string>();
        var grid = Grid(flaws);
        if (grid is not null)
            Take(flaws);
        return new LandscapeSnapshot(_key)
        {
            Grid = grid,
            Written = File.Exists(Folder.RecordFile),
            Record = grid is null ? null : Record(grid, flaws),
            Losses = _losses.ToDictionary(pair => pair.Key, pair => (double[])pair.Value.Clone()),
            Done = _seen.Count,
            Changed = new[] { Folder.GridFile, Folder.PointsFile, Folder.RecordFile }
                .Where(File.Exists)
                .Select(File.GetLastWriteTimeUtc)
                .DefaultIfEmpty()
                .Max(),
            Flaws = flaws,
        };
    }

    /// <summary>
    /// Points of another grid do not match, so a new grid starts over, as does a file that became shorter.
    /// </summary>
    private LandscapeGrid? Grid(List<string> flaws)
    {
        var text = FolderFiles.Text(Folder.GridFile, flaws) ?? "";
        var grid = RunJson.Read<LandscapeGrid>(Encoding.UTF8.GetBytes(text));
        if (!LandscapeChecks.Sound(grid))
        {
            flaws.Add("grid.json is malformed, so the evaluated points are unknown.");
            (_gridText, _losses, _seen) = ("", [], []);
            return null;
        }
        var length = File.Exists(Folder.PointsFile) ? new FileInfo(Folder.PointsFile).Length : 0;
        if (text != _gridText || length < _length)
        {
            (_points, _gridText, _strange, _seen) = (new(Folder.PointsFile), text, 0, []);
            _losses = grid!.Slices.ToDictionary(
                slice => slice.Name,
                slice => Enumerable.Repeat(double.NaN, (int)slice.Points).ToArray()
            );
        }
        _length = length;
        return grid;
    }

    private void Take(List<string> flaws)
    {
        try
        {
            foreach (var point in _points.Each())
            {
                if (
                    point.Slice is not null
                    && _losses.TryGetValue(point.Slice, out var losses)
                    && point.Number >= 0
                    && point.Number < losses.Length
                )
                    (losses[point.Number], _) = (point.Loss, _seen.Add((point.Slice, point.Number)));
                else
                    _strange++;
            }
        }
        catch (RunFolderException error)
        {
            flaws.Add(error.Message);
        }
        if (_points.Unreadable + _strange is > 0 and var wrong)
            flaws.Add(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"points.jsonl: {wrong} {Counted.Noun(wrong, "line is", "lines are")} no point of this grid, "
                        + $"and are left out."
                )
            );
    }

    private LandscapeRecord? Record(LandscapeGrid grid, List<string> flaws)
    {
        if (!File.Exists(Folder.RecordFile) || FolderFiles.Text(Folder.RecordFile, flaws) is not { } text)
            return null;
        if (
            RunJson.Read<LandscapeRecord>(Encoding.UTF8.GetBytes(text)) is { Format: <= RunFolder.Format } record
            && LandscapeChecks.Sound(record, grid)
        )
            return record;
        flaws.Add(
            RunJson.NewerFormat(Encoding.UTF8.GetBytes(text)) is { } version
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"landscape.json has format {version}; this program supports formats up to "
                        + $"{RunFolder.Format}. Only the losses are shown."
                )
                : "landscape.json is malformed, or belongs to another grid: only the losses are " + "shown."
        );
        return null;
    }

    private string Stamp() => FolderFiles.Stamp(Folder.GridFile, Folder.PointsFile, Folder.RecordFile);
}
