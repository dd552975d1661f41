namespace Gyre.Lab.Runs;

/// <summary>A cell of a sweep and its run, as far as it is.</summary>
/// <param name="Cell">From the plan.</param>
/// <param name="Status">Missing, unfinished or finished.</param>
/// <param name="Run">Null while missing.</param>
public sealed record SweepCell(SweepCellRecord Cell, RunStatus Status, RunReader? Run);

/// <summary>Reads a sweep folder while it is written or after, without a lock.</summary>
public sealed class SweepReader
{
    private SweepReader(SweepFolder folder, SweepPlanRecord plan) => (Folder, Plan) = (folder, plan);

    /// <summary>The folder.</summary>
    public SweepFolder Folder { get; }

    /// <summary>What the sweep is made of.</summary>
    public SweepPlanRecord Plan { get; }

    /// <summary>log.jsonl.</summary>
    public IReadOnlyList<SweepLogRecord> Log => new JsonLinesTail<SweepLogRecord>(Folder.Log).Poll();

    /// <summary>Every cell of the plan, in its order, with its run as it is now.</summary>
    public IReadOnlyList<SweepCell> Cells() => [.. Plan.Cells.Select(Open)];

    /// <summary>Opens a sweep folder.</summary>
    /// <exception cref="RunFolderException">Not a sweep folder, or of a newer format.</exception>
    public static SweepReader Open(string path)
    {
        var folder = new SweepFolder(path);
        if (!folder.Exists)
            throw new RunFolderException($"{path} is not a sweep folder: it has no plan.json. `gyre sweep` makes one.");
        var bytes = RunFolder.Guarded(folder.Plan, () => File.ReadAllBytes(folder.Plan));
        var plan = RunJson.Read<SweepPlanRecord>(bytes) ?? throw new RunFolderException($"{folder.Plan} is not a plan; the same `gyre sweep` writes it again.");
        return plan.Format <= RunFolder.Format
            ? new SweepReader(folder, plan)
            : throw new RunFolderException($"{path} has format {plan.Format}; this program knows formats up to {RunFolder.Format}. Use a newer version of gyre.");
    }

    private SweepCell Open(SweepCellRecord cell)
    {
        var folder = Folder.Cell(cell.Folder);
        var status = folder.Status;
        return new SweepCell(cell, status, status == RunStatus.Missing ? null : RunReader.Open(folder.Path));
    }
}
