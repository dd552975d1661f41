using System.Text;

namespace Gyre.Lab.RunFiles;

/// <summary>
/// Where the files of `gyre landscape` lie. Losses are appended as they are evaluated, so that a call that was stopped
/// goes on.
/// </summary>
/// <param name="Path">The folder.</param>
internal sealed record LandscapeFolder(string Path)
{
    /// <summary>What is evaluated.</summary>
    public string GridFile => System.IO.Path.Combine(Path, "grid.json");

    /// <summary>One line a loss.</summary>
    public string PointsFile => System.IO.Path.Combine(Path, "points.jsonl");

    /// <summary>The record, written last.</summary>
    public string RecordFile => System.IO.Path.Combine(Path, "landscape.json");

    /// <summary>
    /// Makes the folder ready for a grid: points of the same grid stay, those of another are removed.
    /// </summary>
    /// <returns>How many points are done, and how many of another grid were removed.</returns>
    /// <exception cref="RunFolderException">The folder cannot be written.</exception>
    public (long Done, int Removed) Open(LandscapeGrid grid) =>
        RunFolder.Guarded(
            Path,
            () =>
            {
                ArgumentNullException.ThrowIfNull(grid);
                Directory.CreateDirectory(Path);
                FolderLinks.HoldFile(Path, PointsFile); // the others are replaced, never appended to
                var wanted = RunJson.Pretty(grid);
                if (File.Exists(GridFile) && File.ReadAllText(GridFile) == wanted)
                    return (Keep(grid), 0);
                var removed = File.Exists(PointsFile) ? File.ReadLines(PointsFile).Count() : 0;
                File.Delete(PointsFile); // first: points without their grid are never taken for those of another
                File.Delete(RecordFile);
                WholeFile.Write(GridFile, wanted);
                return (0, removed);
            }
        );

    /// <summary>Appends one loss.</summary>
    /// <exception cref="RunFolderException">The disk is full or gone.</exception>
    public void Append(LandscapePoint point) =>
        RunFolder.Guarded(
            PointsFile,
            () =>
            {
                RunWriter.AppendLine(PointsFile, point);
                return true;
            }
        );

    /// <summary>The losses there are, in order.</summary>
    /// <exception cref="RunFolderException">They cannot be read.</exception>
    public IReadOnlyList<LandscapePoint> Points() => new JsonLinesTail<LandscapePoint>(PointsFile).Poll();

    /// <summary>Writes landscape.json, whole or not at all.</summary>
    /// <exception cref="RunFolderException">It cannot be written.</exception>
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
    /// Counts the points that are as the grid orders them, and cuts the rest off, a torn last line among it.
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
