using Gyre.Torch;

namespace Gyre.Lab.RunFiles;

/// <summary>
/// Finds and removes the files that killed and abandoned runs left below a folder. Links are never followed. Runs in
/// progress, finished runs, and folders with any file that is not this program's are left alone.
/// </summary>
/// <param name="root">The top folder; nothing outside it is examined or removed.</param>
/// <param name="time">The clock by which the age of a file is measured.</param>
internal sealed class LeftoverFolder(string root, TimeProvider time)
{
    /// <summary>
    /// A process takes its lock a moment after it creates its folder. Chosen: far longer than that takes.
    /// </summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    private const string Runs = "runs now";
    private const string Fresh = "was changed a moment ago";
    private const string Unplanned = "a sweep without a plan.json; the same gyre sweep writes it again";
    private const string Changed = "has changed since it was listed";

    private static readonly string[] Written = ["", "checkpoints", "eigenvectors", "report"];

    private readonly List<Leftover> _found = [];
    private readonly List<LeftAlone> _alone = [];

    /// <summary>Searches the folder; removes nothing.</summary>
    public LeftoverList List()
    {
        _found.Clear();
        _alone.Clear();
        foreach (var found in ResultFolders.Below(root, links: false))
            Guarded(found.Path, () => Look(found));
        return new LeftoverList([.. _found], [.. _alone]);
    }

    /// <summary>
    /// Removes a leftover after checking it again: it stays if it has changed, or is running by now.
    /// </summary>
    /// <returns>The reason why it stayed; null if it was removed.</returns>
    public string? Remove(Leftover leftover)
    {
        ArgumentNullException.ThrowIfNull(leftover);
        try
        {
            return leftover.Kind == LeftoverKind.Temporary ? RemoveFile(leftover) : RemoveFolder(leftover);
        }
        catch (Exception error) when (error is RunFolderException or IOException or UnauthorizedAccessException)
        {
            return error.Message;
        }
    }

    private void Look(ResultFolder found)
    {
        switch (found.Kind)
        {
            case ResultKind.Run:
            case ResultKind.Stump:
                LookAtRun(found.Path, plan: null);
                break;
            case ResultKind.Sweep:
                LookAtSweep(new SweepFolder(found.Path));
                break;
            case ResultKind.Unplanned:
                Leave(found.Path, RunLock.IsHeld(new SweepFolder(found.Path)) ? Runs : Unplanned);
                break;
            default:
                Leave(found.Path, "cannot be listed");
                break;
        }
    }

    private void LookAtSweep(SweepFolder sweep)
    {
        if (RunLock.IsHeld(sweep))
            Leave(sweep.Path, Runs);
        else if (sweep.Cluster.Exists)
            Leave(sweep.Path, "was submitted to a cluster, whose jobs may run elsewhere");
        else if (SweepReader.PlanOf(sweep) is not { } plan)
            Leave(sweep.Path, "its plan.json cannot be read");
        else
        {
            Temporaries(sweep.Path, ["", "report"]);
            foreach (var cell in ResultFolders.Directly(sweep.Cells))
                Guarded(cell, () => LookAtRun(cell, plan));
        }
    }

    /// <param name="path">A folder with a spec.toml, or the remains of one.</param>
    /// <param name="plan">Plan of the sweep to which the cell belongs; null for any other run.</param>
    private void LookAtRun(string path, SweepPlanRecord? plan)
    {
        var folder = new RunFolder(path);
        if (KindOf(folder, plan) is not { } kind)
            Temporaries(path, Written);
        else if (Objection(folder, kind) is { } why)
            Leave(path, why);
        else
            Take(kind, path);
    }

    /// <summary>
    /// Classifies an unfinished run; null for a finished run, and for a folder without files of a run.
    /// </summary>
    private static LeftoverKind? KindOf(RunFolder folder, SweepPlanRecord? plan) =>
        folder.Status switch
        {
            RunStatus.Finished => null,
            RunStatus.Missing => ResultFolders.KindOf(folder.Path) is ResultKind.Stump ? LeftoverKind.Stump : null,
            _ when plan is null || plan.Cells.Any(cell => cell.Folder == Path.GetFileName(folder.Path)) =>
                LeftoverKind.Unfinished,
            _ => LeftoverKind.Unplanned,
        };

    /// <summary>Returns the reason why an unfinished run may not be removed; null if it may.</summary>
    private string? Objection(RunFolder folder, LeftoverKind kind)
    {
        if (RunLock.IsHeld(folder) || (SweepAbove(folder) is { } above && RunLock.IsHeld(above)))
            return Runs;
        if (SweepAbove(folder) is { Cluster.Exists: true })
            return "a cell of a sweep that was submitted to a cluster, whose jobs may run elsewhere";
        if (kind != LeftoverKind.Stump)
            folder.Check(); // throws for a newer format, or a spec.toml that this program did not write
        else if (!IsOfThisProgram(folder))
            return "its files cannot be identified as this program's";
        if (File.Exists(folder.Summary))
            return "has a summary.json that cannot be read: gyre run writes it again";
        var (files, foreign) = RunFiles.List(folder.Path);
        if (foreign is not null)
            return $"contains {PlainText.Line(foreign)}, which does not belong to this program";
        var begins = !File.Exists(folder.Lock) && files.Any(file => IsFresh(Path.Combine(folder.Path, file)));
        return begins ? Fresh : null;
    }

    /// <summary>
    /// Whether the files are this program's. Other programs also keep checkpoints; ours record their format and step.
    /// </summary>
    private static bool IsOfThisProgram(RunFolder folder)
    {
        if (File.Exists(folder.Environment))
            return RunJson.Read<EnvironmentRecord>(FolderFile.Bytes(folder.Environment))
                is { Format: > 0, Gyre: not null };
        return Checkpoints.Steps(folder).Select(step => Checkpoints.PathOf(folder, step)).Any(Checkpoints.IsNamed);
    }

    private static SweepFolder? SweepAbove(RunFolder folder)
    {
        var cells = Path.GetDirectoryName(Path.GetFullPath(folder.Path).TrimEnd(Path.DirectorySeparatorChar))!;
        var sweep = Path.GetDirectoryName(cells) is { } above ? new SweepFolder(above) : null;
        return sweep?.Cells == cells ? sweep : null;
    }

    private void Temporaries(string path, IEnumerable<string> folders)
    {
        if (RunLock.IsHeld(new RunFolder(path)))
            return;
        foreach (
            var file in folders
                .SelectMany(folder => ResultFolders.FilesOf(Path.Combine(path, folder)))
                .Where(RunFiles.IsTemporary)
        )
        {
            if (IsAbandoned(file))
                _found.Add(new Leftover(LeftoverKind.Temporary, file, [], new FileInfo(file).Length));
            else
                Leave(file, "is being written, or was a moment ago");
        }
    }

    private bool IsAbandoned(string file) =>
        RunFiles.IsTemporary(file) && !WholeFile.IsBeingWritten(file) && !IsFresh(file);

    private bool IsFresh(string file) => time.GetUtcNow() - File.GetLastWriteTimeUtc(file) < Quiet;

    private void Take(LeftoverKind kind, string path)
    {
        var files = RunFiles.List(path).Files;
        _found.Add(new Leftover(kind, path, files, files.Sum(file => new FileInfo(Path.Combine(path, file)).Length)));
    }

    private void Leave(string path, string why) => _alone.Add(new LeftAlone(path, why));

    private void Guarded(string path, Action look)
    {
        try
        {
            look();
        }
        catch (Exception error) when (error is RunFolderException or IOException or UnauthorizedAccessException)
        {
            Leave(path, error.Message);
        }
    }

    private string? RemoveFile(Leftover leftover)
    {
        var file = new FileInfo(leftover.Path);
        if (!IsInside(leftover.Path) || !file.Exists || file.LinkTarget is not null || !IsAbandoned(leftover.Path))
            return Changed;
        file.Delete();
        return null;
    }

    /// <summary>
    /// Removes the folder file by file, and subfolders only once they are empty, so that files created in the
    /// meantime stay.
    /// </summary>
    private string? RemoveFolder(Leftover leftover)
    {
        var folder = new RunFolder(leftover.Path);
        if (!IsInside(leftover.Path) || Objection(folder, leftover.Kind) is not null)
            return Changed;
        using var sweep = SweepAbove(folder) is { Exists: true } above ? RunLock.Take(above) : null;
        using (RunLock.Take(folder))
        {
            if (folder.Status == RunStatus.Finished)
                return "is finished by now";
            var (listed, now) = (Unlocked(leftover.Files), Unlocked(RunFiles.List(folder.Path).Files));
            if (!now.SequenceEqual(listed))
                return Changed;
            foreach (var file in listed)
                File.Delete(Path.Combine(leftover.Path, file));
            File.Delete(folder.Lock);
        }
        var below = Directory.GetDirectories(leftover.Path, "*", SearchOption.AllDirectories);
        foreach (var empty in below.OrderByDescending(path => path.Length))
            Directory.Delete(empty);
        Directory.Delete(leftover.Path);
        return null;
    }

    /// <summary>Leaves out the lock file, which this process creates.</summary>
    private static string[] Unlocked(IEnumerable<string> files) => [.. files.Where(file => file != "lock")];

    /// <summary>
    /// Whether a path still lies below the root with no link in between: a folder may be replaced by a link at any
    /// time.
    /// </summary>
    private bool IsInside(string path)
    {
        var top = Path.GetFullPath(root).TrimEnd(Path.DirectorySeparatorChar);
        var lowest = Path.GetFullPath(path).TrimEnd(Path.DirectorySeparatorChar);
        for (var above = lowest; above is not null; above = Path.GetDirectoryName(above))
        {
            if (new DirectoryInfo(above).LinkTarget is not null)
                return false;
            if (above == top)
                return true;
        }
        return false;
    }
}
