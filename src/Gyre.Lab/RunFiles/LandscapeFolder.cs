using System.Text;

namespace Gyre.Lab.RunFiles;

/// <summary>
/// The files of `gyre landscape`. Losses are appended as they are evaluated, so that an interrupted call can resume.
/// </summary>
internal sealed record LandscapeFolder(string Path)
{
    /// <summary>The grid to evaluate.</summary>
    public string GridFile => System.IO.Path.Combine(Path, "grid.json");

    /// <summary>The evaluated losses, one per line.</summary>
    public string PointsFile => System.IO.Path.Combine(Path, "points.jsonl");

    /// <summary>The record, written last.</summary>
    public string RecordFile => System.IO.Path.Combine(Path, "landscape.json");

    /// <summary>
    /// Prepares the folder for a grid: keeps the points of the same grid, and removes those of another.
    /// </summary>
    /// <returns>The number of points already evaluated, and the number of points of another grid that were
    /// removed.</returns>
    /// <exception cref="RunFolderException">The folder cannot be written.</exception>
    public (long Done, int Removed) Open(LandscapeGrid grid) =>
        RunFolder.Guarded(
            Path,
            () =>
            {
                ArgumentNullException.ThrowIfNull(grid);
                Directory.CreateDirectory(Path);
                FolderLinks.HoldFile(Path, PointsFile); // the other files are replaced, never appended to
                var wanted = RunJson.Pretty(grid);
                if (File.Exists(GridFile) && File.ReadAllText(GridFile) == wanted)
                    return (Keep(grid), 0);
                var removed = File.Exists(PointsFile) ? File.ReadLines(PointsFile).Count() : 0;
                File.Delete(PointsFile); // first, so that points without a grid are never taken for those of another
                File.Delete(RecordFile);
                WholeFile.Write(GridFile, wanted);
                return (0, removed);
            }
        );

    /// <exception cref="RunFolderException">The disk is full or unavailable.</exception>
    public void Append(LandscapePoint point) =>
        RunFolder.Guarded(
            PointsFile,
            () =>
            {
                RunWriter.AppendLine(PointsFile, point);
                return true;
            }
        );

    /// <summary>Reads the losses evaluated so far, in order.</summary>
    /// <exception cref="RunFolderException">The losses cannot be read.</exception>
    public IReadOnlyList<LandscapePoint> Points() => new JsonLinesTail<LandscapePoint>(PointsFile).Poll();

    /// <summary>Writes landscape.json, whole or not at all.</summary>
    /// <exception cref="RunFolderException">The file cannot be written.</exception>
    public string Save(LandscapeRecord record) =>
        RunFolder.Guarded(
            RecordFile,
            () =>
            {
                WholeFile.Write(RecordFile, RunJson.Pretty(record));
                return RecordFile;
            }
        );

    /// <summary>
    /// Counts the points that follow the grid's order, and cuts off the rest, including a torn last line.
    /// </summary>
    private long Keep(LandscapeGrid grid)
    {
        var expected = (
            from slice in grid.Slices
            from number in Enumerable.Range(0, (int)slice.Points)
            select (slice.Name, Number: (long)number)
        ).ToArray();
        var points = Points();
        var done = points.Zip(expected).TakeWhile(pair => (pair.First.Slice, pair.First.Number) == pair.Second).Count();
        var kept = points.Take(done).SelectMany(point => (byte[])[.. RunJson.ToLine(point), (byte)'\n']).ToArray();
        if (File.Exists(PointsFile) && new FileInfo(PointsFile).Length != kept.Length)
            WholeFile.Write(PointsFile, Encoding.UTF8.GetString(kept));
        return done;
    }
}
