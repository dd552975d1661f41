using Gyre.Torch;

namespace Gyre.Lab.RunFiles;

/// <summary>A cell of a sweep and its run, as far as it is.</summary>
/// <param name="Cell">From the plan.</param>
/// <param name="Status">Missing, unfinished or finished.</param>
/// <param name="Run">Null while missing.</param>
internal sealed record SweepCell(SweepCellRecord Cell, RunStatus Status, RunReader? Run);

/// <summary>Reads a sweep folder while it is written or after, without a lock.</summary>
internal sealed class SweepReader
{
    private const int MostShown = 100; // letters of a name that is none

    private SweepReader(SweepFolder folder, SweepPlanRecord plan) => (Folder, Plan) = (folder, plan);

    /// <summary>The folder.</summary>
    public SweepFolder Folder { get; }

    /// <summary>What the sweep is made of.</summary>
    public SweepPlanRecord Plan { get; }

    /// <summary>log.jsonl.</summary>
    public IReadOnlyList<SweepLogRecord> ReadLog() => new JsonLinesTail<SweepLogRecord>(Folder.Log).Poll();

    /// <summary>Every cell of the plan, in its order, with its run as it is now.</summary>
    public IReadOnlyList<SweepCell> ReadCells() => [.. Plan.Cells.Select(Open)];

    /// <summary>Opens a sweep folder.</summary>
    /// <exception cref="RunFolderException">Not a sweep folder, or of a newer format.</exception>
    public static SweepReader Open(string path)
    {
        var folder = new SweepFolder(path);
        if (!folder.Exists)
            throw new RunFolderException($"{path} is not a sweep folder: it has no plan.json. `gyre sweep` makes one.");
        return new SweepReader(
            folder,
            PlanOf(folder)
                ?? throw new RunFolderException($"{folder.Plan} is not a plan; the same `gyre sweep` writes it again.")
        );
    }

    /// <summary>The plan, or null where there is none or it is damaged: the sweep writes it again.</summary>
    /// <exception cref="RunFolderException">It is of a newer format, or cannot be read.</exception>
    public static SweepPlanRecord? PlanOf(SweepFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (!folder.Exists)
            return null;
        var bytes = FolderFile.Bytes(folder.Plan);
        if (RunJson.NewerFormat(bytes) is { } newer)
            throw RunFolder.TooNew(folder.Path, newer);
        if (
            RunJson.Read<SweepPlanRecord>(bytes)
                is not { Format: > 0, Name: not null, Axes: not null, Cells: not null } plan
            || !plan.Cells.All(cell => cell is { Folder: not null, Group: not null, Values: not null })
        )
            return null;
        var names = plan.Cells.SelectMany(cell => new[] { cell.Folder, cell.Parent ?? cell.Folder });
        if (names.FirstOrDefault(name => !FolderName.Is(name)) is { } outside)
            throw new RunFolderException(
                $"{folder.Plan} names the cell \"{PlainText.Clipped(outside, MostShown)}\", which is no name "
                    + $"of a folder in {folder.Cells}: "
                    + $"cells lie in their sweep's folder, and a name has at most {FolderName.MostBytes} bytes "
                    + "of UTF-8. "
                    + "The file was written by something else."
            );
        var links = names
            .SelectMany(name => Places(folder, name))
            .Select(place => FolderLinks.LeadingOut(folder.Path, place));
        if (links.FirstOrDefault(link => link is not null) is { } link)
            throw new RunFolderException(
                $"{link} is a link that leads out of {folder.Path}, to {FolderLinks.Target(link)}: cells lie "
                    + "in their sweep's folder. "
                    + "Put the folder itself there, or remove the link."
            );
        return plan;
    }

    /// <summary>Where a cell's run folders are, if they are.</summary>
    private static IEnumerable<string> Places(SweepFolder folder, string cell)
    {
        var attempts = Directory.Exists(folder.Attempts) ? folder.AttemptsAt(cell) : [];
        return attempts.Select(attempt => attempt.Folder.Path).Prepend(folder.Result(cell).Path);
    }

    /// <summary>What was measured at theta_0 so far, the latest of each id.</summary>
    /// <exception cref="RunFolderException">It cannot be read.</exception>
    public static IReadOnlyDictionary<string, CalibrationRecord> ReadCalibrations(SweepFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return new JsonLinesTail<CalibrationRecord>(folder.Calibrations)
            .Poll()
            .Where(calibration => calibration.Id is not null && calibration.Parameters > 0)
            .GroupBy(calibration => calibration.Id)
            .ToDictionary(same => same.Key, same => same.Last());
    }

    private SweepCell Open(SweepCellRecord cell)
    {
        var folder = Folder.Cell(cell.Folder);
        var status = folder.Status;
        return new SweepCell(cell, status, status == RunStatus.Missing ? null : RunReader.Open(folder.Path));
    }
}
