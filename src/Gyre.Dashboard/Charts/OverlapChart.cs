using Gyre.Dashboard.Reading;
using Gyre.Lab.Figures;
using Gyre.Lab.RunFiles;

namespace Gyre.Dashboard.Charts;

/// <summary>The overlap map of a run.</summary>
internal static class OverlapChart
{
    /// <summary>Name in addresses.</summary>
    public const string Id = "overlap";

    /// <summary>
    /// Reads the eigenvectors of the run, at most half a gigabyte, and returns the chart, or the reason why they
    /// cannot be read. Returns neither if no eigenvectors were kept.
    /// </summary>
    public static (Chart? Chart, string Flaw) Read(RunLibrary library, string key)
    {
        if (library.Find(key, FoundKind.Run) is not { } found)
            return (null, "");
        var folder = new RunFolder(found.Path);
        if (Directory.Exists(folder.Eigenvectors) && library.Served.LinksOutside(folder.Eigenvectors).Count > 0)
            return (
                null,
                "The folder of eigenvectors contains a link that leads out of the served folder, so it is not read."
            );
        try
        {
            return (OverlapMap.TryRead(folder) is { } map ? Create(map) : null, "");
        }
        catch (Exception error) when (error is RunFolderException or IOException or UnauthorizedAccessException)
        {
            return (null, $"The overlap map cannot be drawn: {error.Message}");
        }
    }

    /// <summary>Returns a text that changes when the eigenvectors of another burst are written.</summary>
    public static string Stamp(RunLibrary library, string key) =>
        library.Find(key, FoundKind.Run) is { } found
        && new RunFolder(found.Path).Eigenvectors is var folder
        && Directory.Exists(folder)
            ? $"{key} {Directory.EnumerateFiles(folder, "step-*.safetensors").Count()}"
            : key;

    private static Chart Create(OverlapMap map)
    {
        var count = map.Steps.Count;
        var rows = Enumerable
            .Range(0, count)
            .Select(i => Enumerable.Range(0, count).Select(j => map.Values[i, j]).ToArray())
            .ToArray();
        object[] places = [.. map.Steps.Select(step => (object)(double)step)];
        return new Chart(Id, "Overlap of the leading eigenvectors between bursts", "step", "step", [])
        {
            Map = new HeatMap(places, places, rows, "overlap") { Range = (0, 1) },
            Linked = false,
            Square = true,
            Height = 420,
            Note =
                "1: the eigenvectors span the same space at both steps; 0: orthogonal spaces. Blocks along "
                + "the diagonal are periods without rotation."
                + (map.Sketched ? " Computed from sketches, accurate to about 0.01." : "")
                + (map.Kept > count ? FormattableString.Invariant($" Shows {count} of {map.Kept} bursts.") : ""),
        };
    }
}
