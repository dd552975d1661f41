namespace Gyre.Lab.RunFiles;

/// <summary>
/// Writes the files of a sweep folder, except those of its cells' runs. The lock ensures a single writer.
/// </summary>
internal sealed class SweepWriter : IDisposable
{
    private readonly RunLock _held;
    private readonly IReadOnlyList<string> _made;

    private SweepWriter(SweepFolder folder, RunLock held, IReadOnlyList<string> made) =>
        (Folder, _held, _made) = (folder, held, made);

    public SweepFolder Folder { get; }

    /// <summary>Creates the folder if it is missing, and takes its lock.</summary>
    /// <exception cref="RunFolderException">The folder cannot be written, has a newer format, or is in use by another
    /// process.</exception>
    public static SweepWriter Open(SweepFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        SweepReader.PlanOf(folder);
        var made = new List<string>();
        for (
            var above = Path.GetFullPath(folder.Path);
            above is not null && !Directory.Exists(above);
            above = Path.GetDirectoryName(above)
        )
        {
            if (File.Exists(above))
                throw new RunFolderException($"{above} is a file; a sweep needs a folder. Choose another with --out.");
            made.Add(above);
        }
        folder.Hold();
        RunFolder.Guarded(folder.Path, () => Directory.CreateDirectory(folder.Cells));
        return new SweepWriter(folder, RunLock.Take(folder), made);
    }

    /// <summary>Removes the folders that <see cref="Open"/> created, for a sweep that could not be planned.</summary>
    public void Withdraw()
    {
        if (_made.Count == 0 || Folder.Exists)
            return;
        try
        {
            Directory.Delete(Folder.Path, recursive: true);
            foreach (var above in _made.Skip(1))
                Directory.Delete(above);
        }
        catch (IOException)
        {
            // Another process has created files there, so the folder stays.
        }
    }

    /// <summary>Writes the plan and the spec from which it was made, each file whole.</summary>
    /// <exception cref="RunFolderException">A file cannot be written; the previous plan remains.</exception>
    public void Write(SweepPlanRecord plan, string spec) =>
        RunFolder.Guarded(
            Folder.Path,
            () =>
            {
                WholeFile.Write(Folder.Spec, spec);
                WholeFile.Write(Folder.Plan, RunJson.Pretty(plan));
                return true;
            }
        );

    /// <summary>Appends the values measured at theta_0.</summary>
    /// <exception cref="RunFolderException">The file cannot be written.</exception>
    public void Append(CalibrationRecord calibration) =>
        RunFolder.Guarded(Folder.Calibrations, () => Line(Folder.Calibrations, calibration));

    /// <summary>Appends an entry to the history.</summary>
    /// <exception cref="RunFolderException">The file cannot be written.</exception>
    public void Append(SweepLogRecord entry) => RunFolder.Guarded(Folder.Log, () => Line(Folder.Log, entry));

    /// <inheritdoc/>
    public void Dispose() => _held.Dispose();

    private static bool Line<T>(string path, T record)
    {
        RunWriter.AppendLine(path, record);
        return true;
    }
}
