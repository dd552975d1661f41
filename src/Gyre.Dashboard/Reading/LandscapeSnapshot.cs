using Gyre.Lab.RunFiles;

namespace Gyre.Dashboard.Reading;

/// <summary>The files that `gyre landscape` has written so far. Immutable.</summary>
/// <param name="Key">Address of its folder below the served folder.</param>
internal sealed record LandscapeSnapshot(string Key)
{
    /// <summary>The grid that is evaluated; null if it cannot be read.</summary>
    public LandscapeGrid? Grid { get; init; }

    /// <summary>landscape.json; null while losses are missing, or if it cannot be read.</summary>
    public LandscapeRecord? Record { get; init; }

    /// <summary>Whether landscape.json exists, readable or not.</summary>
    public bool Written { get; init; }

    /// <summary>Losses of each slice by index; NaN if not evaluated yet, or not finite.</summary>
    public IReadOnlyDictionary<string, double[]> Losses { get; init; } = new Dictionary<string, double[]>();

    /// <summary>The number of evaluated losses.</summary>
    public long Done { get; init; }

    /// <summary>Sentences on the parts that cannot be shown, with reasons.</summary>
    public IReadOnlyList<string> Flaws { get; init; } = [];

    /// <summary>When its files last changed, UTC.</summary>
    public DateTime Changed { get; init; }

    /// <summary>Whether its folder no longer exists.</summary>
    public bool Gone { get; init; }

    /// <summary>The total number of losses.</summary>
    public long Planned => Grid?.Slices.Sum(slice => slice.Points) ?? 0;

    /// <summary>Run and step if they are known, otherwise the folder.</summary>
    public string Name =>
        Grid is { } grid ? FormattableString.Invariant($"{grid.Run}, step {grid.Step}") : Key.Split('/')[^1];
}

/// <summary>Validates files, since anyone may have written them.</summary>
internal static class LandscapeChecks
{
    private const int LongestName = 60;
    private const int MostPoints = 100_000;
    private const long MostLosses = 4_000_000;

    /// <summary>Returns whether a grid can be drawn.</summary>
    public static bool Sound(LandscapeGrid? grid) =>
        grid is { Run: not null, Slices: not null }
        && grid.Slices.All(Sound)
        && grid.Slices.Select(slice => slice.Name).Distinct().Count() == grid.Slices.Count
        && grid.Slices.Sum(slice => slice.Points) <= MostLosses;

    /// <summary>Returns whether a record belongs to the grid.</summary>
    public static bool Sound(LandscapeRecord record, LandscapeGrid grid) =>
        record
            is {
                Grid: not null,
                Replay: not null,
                Eigenvalues.Count: > 0,
                StopReason: not null,
                VarianceShares: not null,
                Iterates: not null,
                Remarks: not null
            }
        && record.Residuals?.Count == record.Eigenvalues.Count
        && record.AngleErrorsDegrees?.Count == record.Eigenvalues.Count
        && RunJson.Pretty(record.Grid) == RunJson.Pretty(grid)
        && grid.Slices.All(slice =>
            record.Iterates.TryGetValue(slice.Name, out var iterates)
            && iterates is { Count: > 0 }
            && iterates.All(iterate => iterate?.Place?.Count == slice.Axes.Count)
        );

    /// <summary>A slice's name is that of its files, and of its chart in addresses.</summary>
    private static bool Sound(LandscapeSlice? slice) =>
        slice is { Name.Length: > 0 and <= LongestName, Origin: not null, Axes.Count: 1 or 2 }
        && slice.Name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_')
        && slice.Axes.All(axis =>
            axis is { Direction: not null, Points: >= 2 and <= MostPoints }
            && axis.High > axis.Low
            && double.IsFinite(axis.High - axis.Low)
        );
}
