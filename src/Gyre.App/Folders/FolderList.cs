using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;

namespace Gyre.App.Folders;

/// <summary>Reads the rows of `gyre ls`. A problem with one folder affects only its own row.</summary>
internal static class FolderList
{
    /// <summary>Finds the runs and sweeps below a folder.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="cells">Whether each sweep is followed by its cells.</param>
    public static IEnumerable<ListedFolder> Find(string path, bool cells) =>
        ResultFolders.Below(path, links: true).SelectMany(found => Rows(found, cells));

    private static IEnumerable<ListedFolder> Rows(ResultFolder found, bool cells) =>
        found.Kind switch
        {
            ResultKind.Run => [Guarded("run", found.Path, () => Run("run", new RunFolder(found.Path)))],
            ResultKind.Sweep => Sweep(found.Path, cells),
            ResultKind.Stump =>
            [
                Damaged("unknown", found.Path, "files of a run without its spec.toml; gyre clean removes them"),
            ],
            ResultKind.Unplanned => [Unplanned(new SweepFolder(found.Path))],
            _ =>
            [
                Damaged(
                    "unknown",
                    found.Path,
                    FolderName.NotUtf8(found.Path) ?? "the folder cannot be listed: fix its permissions"
                ),
            ],
        };

    /// <summary>Returns a sweep and, if requested, its cells.</summary>
    private static IEnumerable<ListedFolder> Sweep(string path, bool cells)
    {
        SweepReader? sweep = null;
        var row = Guarded("sweep", path, () => FromSweep(sweep = SweepReader.Open(path)));
        return sweep is null || !cells ? [row] : [row, .. sweep.Plan.Cells.Select(cell => Cell(sweep.Folder, cell))];
    }

    private static ListedFolder FromSweep(SweepReader sweep)
    {
        var (folder, plan) = (sweep.Folder, sweep.Plan);
        var done = plan.Cells.Count(cell => IsFinished(folder.Result(cell.Folder)));
        var rates = plan.Cells.Select(cell => cell.LearningRate).DefaultIfEmpty(double.NaN).ToArray();
        var ended = done == plan.Cells.Length ? ListedFolder.Finished : ListedFolder.Unfinished;
        return new ListedFolder
        {
            Kind = "sweep",
            Folder = folder.Path,
            Name = plan.Name,
            Status = IsRunning(folder, plan) ? ListedFolder.Running : ended,
            LearningRate = rates.Min(),
            LargestLearningRate = rates.Max(),
            Done = done,
            Total = plan.Cells.Length,
        };
    }

    private static bool IsFinished(RunFolder result)
    {
        if (result.Status != RunStatus.Finished)
            return false;
        result.Check(); // the summary of a newer program is not trusted
        return true;
    }

    /// <summary>Whether the sweep's own process or a job of a cluster is running.</summary>
    private static bool IsRunning(SweepFolder folder, SweepPlanRecord plan) =>
        RunLock.IsHeld(folder) || plan.Cells.Any(cell => RunLock.IsHeld(folder.Cell(cell.Folder)));

    /// <summary>
    /// A sweep's process creates its folder before its plan, which waits for the measurements at initialization.
    /// </summary>
    private static ListedFolder Unplanned(SweepFolder folder) =>
        RunLock.IsHeld(folder)
            ? new ListedFolder
            {
                Kind = "sweep",
                Folder = folder.Path,
                Name = NameOf(folder.Path),
                Status = ListedFolder.Running,
            }
            : Damaged("sweep", folder.Path, "no plan.json; the same gyre sweep writes it again");

    private static ListedFolder Cell(SweepFolder sweep, SweepCellRecord cell)
    {
        var folder = sweep.Cell(cell.Folder);
        return File.Exists(folder.Spec) || File.Exists(folder.Summary)
            ? Guarded("cell", folder.Path, () => Run("cell", folder))
            : new ListedFolder
            {
                Kind = "cell",
                Folder = folder.Path,
                Name = cell.Folder,
                Status = ListedFolder.Unfinished,
                LearningRate = cell.LearningRate,
            };
    }

    private static ListedFolder Run(string kind, RunFolder folder)
    {
        folder.Check();
        var glance = RunGlance.Read(folder);
        return new ListedFolder
        {
            Kind = kind,
            Folder = folder.Path,
            Name = glance.Name,
            Status = StatusOf(folder, glance),
            Outcome = glance.Summary?.Outcome,
            LearningRate = glance.LearningRate,
            Done = glance.Steps,
            Total = glance.Planned < MeasuredSpec.Unbounded ? glance.Planned : glance.Summary?.Steps ?? 0,
            Sharpness = glance.Sharpness,
            TestAccuracy = glance.TestAccuracy,
            Flaw = glance.Flaw.Length > 0 ? glance.Flaw : null,
        };
    }

    private static string StatusOf(RunFolder folder, RunGlance glance)
    {
        if (glance.Summary is not null)
            return ListedFolder.Finished;
        if (RunLock.IsHeld(folder))
            return ListedFolder.Running;
        return glance.Flaw.Length > 0 ? ListedFolder.Damaged : ListedFolder.Unfinished;
    }

    private static ListedFolder Guarded(string kind, string path, Func<ListedFolder> read)
    {
        try
        {
            return read();
        }
        // any problem with one folder becomes one row
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return Damaged(kind, path, error.Message.Split('\n')[0]);
        }
    }

    private static ListedFolder Damaged(string kind, string path, string flaw) =>
        new()
        {
            Kind = kind,
            Folder = path,
            Name = NameOf(path),
            Status = ListedFolder.Damaged,
            Flaw = flaw,
        };

    private static string NameOf(string path) =>
        Path.GetFileName(Path.GetFullPath(path).TrimEnd(Path.DirectorySeparatorChar));
}
