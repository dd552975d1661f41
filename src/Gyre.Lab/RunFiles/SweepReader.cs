using Gyre.Torch;

namespace Gyre.Lab.RunFiles;

/// <summary>A cell of a sweep and its run in its current state.</summary>
/// <param name="Cell">The cell in the plan.</param>
/// <param name="Run">The run; null while it is missing.</param>
internal sealed record SweepCell(SweepCellRecord Cell, RunStatus Status, RunReader? Run);

/// <summary>Reads a sweep folder, during or after writing, without a lock.</summary>
internal sealed class SweepReader
{
    private const int MostShown = 100; // characters of an invalid name to print

    private SweepReader(SweepFolder folder, SweepPlanRecord plan) => (Folder, Plan) = (folder, plan);

    public SweepFolder Folder { get; }

    /// <summary>The sweep's plan.</summary>
    public SweepPlanRecord Plan { get; }

    /// <summary>Reads log.jsonl.</summary>
    public IReadOnlyList<SweepLogRecord> ReadLog() => new JsonLinesTail<SweepLogRecord>(Folder.Log).Poll();

    /// <summary>Returns every cell of the plan, in order, with the current state of its run.</summary>
    public IReadOnlyList<SweepCell> ReadCells() => [.. Plan.Cells.Select(Open)];

    /// <exception cref="RunFolderException">The path is not a sweep folder, or has a newer format.</exception>
    public static SweepReader Open(string path)
    {
        var folder = new SweepFolder(path);
        if (!folder.Exists)
            throw new RunFolderException(
                $"{path} is not a sweep folder: it has no plan.json. `gyre sweep` creates them."
            );
        return new SweepReader(
            folder,
            PlanOf(folder)
                ?? throw new RunFolderException($"{folder.Plan} is not a plan; the same `gyre sweep` writes it again.")
        );
    }

    /// <summary>Reads the plan; null if it is missing or damaged, in which case the sweep writes it again.</summary>
    /// <exception cref="RunFolderException">The plan has a newer format, cannot be read, or names cells outside the
    /// sweep's folder.</exception>
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
                $"{folder.Plan} names the cell \"{PlainText.Clipped(outside, MostShown)}\", which is not the name "
                    + $"of a folder in {folder.Cells}: "
                    + $"cells are in their sweep's folder, and a name has at most {FolderName.MostBytes} bytes "
                    + "of UTF-8. "
                    + "Another program wrote the file."
            );
        var links = names
            .SelectMany(name => Places(folder, name))
            .Select(place => FolderLinks.LeadingOut(folder.Path, place));
        if (links.FirstOrDefault(link => link is not null) is { } link)
            throw new RunFolderException(
                $"{link} is a link that leads out of {folder.Path}, to {FolderLinks.Target(link)}: cells must be "
                    + "in their sweep's folder. "
                    + "Put the folder itself there, or remove the link."
            );
        return plan;
    }

    /// <summary>Returns the paths of a cell's result and of its attempts.</summary>
    private static IEnumerable<string> Places(SweepFolder folder, string cell)
    {
        var attempts = Directory.Exists(folder.Attempts) ? folder.AttemptsAt(cell) : [];
        return attempts.Select(attempt => attempt.Folder.Path).Prepend(folder.Result(cell).Path);
    }

    /// <summary>Reads the values measured at theta_0 so far, the latest for each id.</summary>
    /// <exception cref="RunFolderException">The file cannot be read.</exception>
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
