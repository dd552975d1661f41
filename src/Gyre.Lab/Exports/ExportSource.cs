using Gyre.Lab.RunFiles;

namespace Gyre.Lab.Exports;

/// <summary>A run or a sweep, finished or not, as it is exported.</summary>
/// <param name="Path">Its folder.</param>
/// <param name="Tables">Every table; rows are read when they are asked for.</param>
/// <param name="Runs">The run, or the cells that are begun, by name of folder.</param>
internal sealed record ExportSource(
    string Path,
    IReadOnlyList<Table> Tables,
    IReadOnlyList<(string Name, RunReader Run)> Runs
)
{
    /// <summary>Opens a run folder or a sweep folder.</summary>
    /// <exception cref="RunFolderException">It is neither, or of a newer format.</exception>
    public static ExportSource Open(string path)
    {
        if (new SweepFolder(path).Exists)
        {
            var sweep = SweepReader.Open(path);
            return new ExportSource(
                path,
                SweepTables.Create(sweep),
                [.. sweep.ReadCells().Where(cell => cell.Run is not null).Select(cell => (cell.Cell.Folder, cell.Run!))]
            );
        }
        if (Directory.Exists(path) && new RunFolder(path).Status == RunStatus.Missing)
            throw new RunFolderException(
                $"{path} is neither a run folder nor a sweep folder: it has no spec.toml and no plan.json. "
                    + "Name a folder that `gyre run` or `gyre sweep` made."
            );
        var run = RunReader.Open(path);
        return new ExportSource(
            path,
            RunTables.Create(run),
            [
                (
                    System.IO.Path.GetFileName(
                        System.IO.Path.GetFullPath(path).TrimEnd(System.IO.Path.DirectorySeparatorChar)
                    ),
                    run
                ),
            ]
        );
    }

    /// <summary>
    /// Writes every file of a format, each whole or not at all, in place of those of an earlier export.
    /// </summary>
    /// <param name="format">Of the catalog.</param>
    /// <param name="folder">Where to; null: export/ and the format's name, in the source's own folder.</param>
    /// <returns>The path of each file, when it is written.</returns>
    /// <exception cref="RunFolderException">A file cannot be written, or the source cannot be read; the files before
    /// are there. Or the source's own folder for them is a link that leads out.</exception>
    public IEnumerable<string> Save(ExportFormat format, string? folder = null)
    {
        ArgumentNullException.ThrowIfNull(format);
        var root = folder ?? System.IO.Path.Combine(Path, "export", format.Name);
        ExportFile[] files = [.. format.Files(this)];
        foreach (var file in folder is null ? files : [])
            FolderLinks.Hold(Path, System.IO.Path.GetDirectoryName(System.IO.Path.Combine(root, file.Name))!);
        foreach (var file in files)
            yield return file.Save(root);
    }
}
