using Gyre.Lab.Claims;
using Gyre.Lab.Reports;
using Gyre.Lab.RunFiles;
using Gyre.Torch;

namespace Gyre.App.Folders;

/// <summary>What came of a run, as `gyre run` and `gyre report` answer to --json.</summary>
/// <param name="Kind">run.</param>
/// <param name="Folder">Where it is.</param>
/// <param name="Name">That its spec gives it.</param>
/// <param name="Status">finished, running or unfinished.</param>
/// <param name="Summary">summary.json; null while it is unfinished.</param>
/// <param name="Notes">What its processes noted on data, weights and checkpoints, a sentence each.</param>
/// <param name="Files">Figures that were written.</param>
/// <param name="Flaws">What is wrong with the folder, a sentence each; empty of a run that has just ended.</param>
internal sealed record RunAnswer(
    string Kind,
    string Folder,
    string Name,
    string Status,
    SummaryRecord? Summary,
    IReadOnlyList<string> Notes,
    IReadOnlyList<string> Files,
    IReadOnlyList<string> Flaws
)
{
    public static RunAnswer FromRun(
        RunReader run,
        string name,
        IReadOnlyList<string> files,
        IReadOnlyList<string> flaws
    ) =>
        new(
            "run",
            run.Folder.Path,
            name,
            StatusOf(run.Folder),
            run.ReadSummary(),
            SessionKinds.NotesOf(run.ReadSessions()),
            files,
            flaws
        );

    /// <summary>In a word.</summary>
    public static string StatusOf(RunFolder folder)
    {
        if (folder.Status == RunStatus.Finished)
            return ListedFolder.Finished;
        return RunLock.IsHeld(folder) ? ListedFolder.Running : ListedFolder.Unfinished;
    }
}

/// <summary>What came of a sweep, as `gyre sweep` and `gyre report` answer to --json.</summary>
/// <param name="Kind">sweep.</param>
/// <param name="Folder">Where it is.</param>
/// <param name="Name">Its own.</param>
/// <param name="Done">Finished cells.</param>
/// <param name="Total">All of them.</param>
/// <param name="Cells">In the order of the plan.</param>
/// <param name="Groups">Every measure of every group of finished cells.</param>
/// <param name="Verdicts">Claims, each followed by its parts.</param>
/// <param name="Signatures">Failure signatures that were seen, a sentence each.</param>
/// <param name="Flaws">What is wrong with the folder, a sentence each; empty of a sweep that has just ended.</param>
internal sealed record SweepAnswer(
    string Kind,
    string Folder,
    string Name,
    int Done,
    int Total,
    IReadOnlyList<CellAnswer> Cells,
    IReadOnlyList<GroupAnswer> Groups,
    IReadOnlyList<VerdictAnswer> Verdicts,
    IReadOnlyList<string> Signatures,
    IReadOnlyList<string> Flaws
)
{
    public static SweepAnswer FromSweep(SweepReading reading, IReadOnlyList<string> flaws)
    {
        var (sweep, cells, data) = (reading.Sweep, reading.Cells, reading.Claims);
        var summaries = reading.Finished.ToDictionary(cell => cell.Cell, cell => cell.Summary);
        var verdicts = ClaimCatalog.Decide(data);
        return new SweepAnswer(
            "sweep",
            sweep.Folder.Path,
            sweep.Plan.Name,
            cells.Count(cell => cell.Status == RunStatus.Finished),
            cells.Count,
            [.. cells.Select(cell => Cell(cell, summaries.GetValueOrDefault(cell)))],
            [.. GroupTable.Create(data).Select(Group)],
            [.. verdicts.Select(Verdict)],
            Lab.Claims.Signatures.Create(data, verdicts),
            flaws
        );
    }

    private static CellAnswer Cell(SweepCell cell, SummaryRecord? summary)
    {
        var status = cell.Run is null ? ListedFolder.Unfinished : RunAnswer.StatusOf(cell.Run.Folder);
        return new CellAnswer(cell.Cell, status, cell.Run?.Folder.Path, summary);
    }

    private static VerdictAnswer Verdict(Verdict one) => new(one.Claim, one.Statement, one.Name, one.Rule, one.Reason);

    private static GroupAnswer Group(GroupRow row) =>
        new(
            row.Group,
            row.LearningRate,
            row.Fork,
            row.Cells,
            row.Diverged,
            row.Measure,
            row.Mean.Value,
            row.Mean.Low,
            row.Mean.High
        );
}

/// <summary>A cell.</summary>
/// <param name="Cell">As in plan.json.</param>
/// <param name="Status">finished, running or unfinished.</param>
/// <param name="Folder">Of its run; null where it is not begun.</param>
/// <param name="Summary">summary.json; null while it is unfinished.</param>
internal sealed record CellAnswer(SweepCellRecord Cell, string Status, string? Folder, SummaryRecord? Summary);

/// <summary>A measure of a group.</summary>
/// <param name="Group">Its name.</param>
/// <param name="LearningRate">Mean eta at the start.</param>
/// <param name="Fork">Whether the rate was reduced on the way.</param>
/// <param name="Cells">Finished ones.</param>
/// <param name="Diverged">How many of them diverged, and are left out.</param>
/// <param name="Measure">Its name.</param>
/// <param name="Mean">Over seeds.</param>
/// <param name="Low">Student's 95 % interval.</param>
/// <param name="High">Upper end.</param>
internal sealed record GroupAnswer(
    string Group,
    double LearningRate,
    bool Fork,
    int Cells,
    int Diverged,
    string Measure,
    double Mean,
    double Low,
    double High
);

/// <summary>A claim or a part of one.</summary>
/// <param name="Claim">Its number.</param>
/// <param name="Statement">In words.</param>
/// <param name="Verdict">supported, not supported or inconclusive.</param>
/// <param name="Rule">What decides it.</param>
/// <param name="Reason">Why, with its numbers.</param>
internal sealed record VerdictAnswer(string Claim, string Statement, string Verdict, string Rule, string Reason);

/// <summary>What `gyre doctor` found.</summary>
/// <param name="Sound">Whether runs can start and be trusted.</param>
/// <param name="Findings">In the order in which a person would look.</param>
internal sealed record DoctorAnswer(bool Sound, IReadOnlyList<FindingAnswer> Findings)
{
    public static FindingAnswer FromFinding(EngineFinding finding) =>
        new(
            finding.Subject,
            finding.Severity switch
            {
                FindingSeverity.Error => "error",
                FindingSeverity.Warning => "warning",
                _ => "ok",
            },
            finding.Fact,
            finding.Cure
        );
}

/// <summary>One of them.</summary>
/// <param name="Subject">What was looked at.</param>
/// <param name="Severity">ok, warning or error.</param>
/// <param name="Fact">What was found.</param>
/// <param name="Cure">What to do; null where nothing need be done.</param>
internal sealed record FindingAnswer(string Subject, string Severity, string Fact, string? Cure);

/// <summary>What `gyre doctor --gpu-check` found.</summary>
/// <param name="Device">What was checked.</param>
/// <param name="Passed">How many checks passed.</param>
/// <param name="Checks">All of them.</param>
internal sealed record DeviceAnswer(string Device, int Passed, IReadOnlyList<CheckAnswer> Checks);

/// <summary>One check.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Claim">What is compared with what.</param>
/// <param name="Error">Measured.</param>
/// <param name="Tolerance">Largest error at which it passes.</param>
/// <param name="Seconds">It took.</param>
/// <param name="Passed">Whether it did.</param>
/// <param name="Fault">Why it could not be measured; null where it was.</param>
internal sealed record CheckAnswer(
    string Name,
    string Claim,
    double Error,
    double Tolerance,
    double Seconds,
    bool Passed,
    string? Fault
);
