using Gyre.Lab.RunFiles;

namespace Gyre.Lab.Exports;

/// <summary>A run or a sweep to export, finished or not.</summary>
/// <param name="Tables">Every table; rows are read lazily.</param>
/// <param name="Runs">The run, or the cells that have begun, by folder name.</param>
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
                    + "Give a folder created by `gyre run` or `gyre sweep`."
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
    /// Writes every file of a format, each whole or not at all, replacing the files of an earlier export.
    /// </summary>
    /// <param name="folder">Target folder; null: export/ plus the format's name, in the source's own folder.</param>
    /// <returns>The path of each file, once it is written.</returns>
    /// <exception cref="RunFolderException">A file cannot be written, or the source cannot be read; the files written
    /// before it remain. Also thrown if the source's own export folder is a link that leads out of the
    /// source.</exception>
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
