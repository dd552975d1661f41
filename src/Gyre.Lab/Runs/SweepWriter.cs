namespace Gyre.Lab.Runs;

/// <summary>Writes the files of a sweep folder but for its cells' runs. One writer at a time.</summary>
public sealed class SweepWriter : IDisposable
{
    private readonly RunLock _held;

    private SweepWriter(SweepFolder folder, RunLock held) => (Folder, _held) = (folder, held);

    /// <summary>The folder.</summary>
    public SweepFolder Folder { get; }

    /// <summary>Makes the folder if it is missing, and takes its lock.</summary>
    /// <exception cref="RunFolderException">It cannot be written, is of a newer format, or another process works on it.</exception>
    public static SweepWriter Open(SweepFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (folder.Exists)
            SweepReader.Open(folder.Path);
        RunFolder.Guarded(folder.Path, () => Directory.CreateDirectory(folder.Cells));
        return new SweepWriter(folder, RunLock.Take(folder));
    }

    /// <summary>Writes the plan and the spec it was made from, each whole.</summary>
    /// <exception cref="RunFolderException">It failed; the plan before is still there.</exception>
    public void Write(SweepPlanRecord plan, string spec) => RunFolder.Guarded(Folder.Path, () =>
    {
        WholeFile.Write(Folder.Spec, spec);
        WholeFile.Write(Folder.Plan, RunJson.Pretty(plan));
        return true;
    });

    /// <summary>Adds what was measured at theta_0.</summary>
    /// <exception cref="RunFolderException">It failed.</exception>
    public void Append(ProbeRecord probe) => RunFolder.Guarded(Folder.Probes, () => Line(Folder.Probes, probe));

    /// <summary>Adds to the history.</summary>
    /// <exception cref="RunFolderException">It failed.</exception>
    public void Append(SweepLogRecord entry) => RunFolder.Guarded(Folder.Log, () => Line(Folder.Log, entry));

    /// <inheritdoc/>
    public void Dispose() => _held.Dispose();

    private static bool Line<T>(string path, T record)
    {
        RunWriter.AppendLine(path, record);
        return true;
    }
}
