using Gyre.Lab.Claims;
using Gyre.Lab.Reports;
using Gyre.Lab.RunFiles;
using Gyre.Torch;

namespace Gyre.App.Folders;

/// <summary>The result of a run in the --json output of `gyre run` and `gyre report`.</summary>
/// <param name="Kind">"run".</param>
/// <param name="Folder">The run folder.</param>
/// <param name="Name">The name in its spec.</param>
/// <param name="Status">finished, running or unfinished.</param>
/// <param name="Summary">The contents of summary.json; null while the run is unfinished.</param>
/// <param name="Notes">The notes of its processes on data, weights and checkpoints, one sentence each.</param>
/// <param name="Files">The figures written.</param>
/// <param name="Flaws">The flaws of the folder, one sentence each; empty for a run that has just ended.</param>
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

    /// <summary>Returns the status in one word.</summary>
    public static string StatusOf(RunFolder folder)
    {
        if (folder.Status == RunStatus.Finished)
            return ListedFolder.Finished;
        return RunLock.IsHeld(folder) ? ListedFolder.Running : ListedFolder.Unfinished;
    }
}

/// <summary>The result of a sweep in the --json output of `gyre sweep` and `gyre report`.</summary>
/// <param name="Kind">"sweep".</param>
/// <param name="Folder">The sweep folder.</param>
/// <param name="Name">The sweep's name.</param>
/// <param name="Done">The number of finished cells.</param>
/// <param name="Total">The number of all cells.</param>
/// <param name="Cells">The cells in the order of the plan.</param>
/// <param name="Groups">Every measure of every group of finished cells.</param>
/// <param name="Verdicts">Claims, each followed by its parts.</param>
/// <param name="Signatures">The failure signatures found, one sentence each.</param>
/// <param name="Flaws">The flaws of the folder, one sentence each; empty for a sweep that has just ended.</param>
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

/// <summary>A cell of a sweep.</summary>
/// <param name="Cell">The cell as in plan.json.</param>
/// <param name="Status">finished, running or unfinished.</param>
/// <param name="Folder">The folder of its run; null if it has not begun.</param>
/// <param name="Summary">The contents of summary.json; null while the run is unfinished.</param>
internal sealed record CellAnswer(SweepCellRecord Cell, string Status, string? Folder, SummaryRecord? Summary);

/// <summary>A measure of a group.</summary>
/// <param name="LearningRate">Mean eta at the start.</param>
/// <param name="Fork">Whether the learning rate was reduced during the runs.</param>
/// <param name="Cells">The number of finished cells.</param>
/// <param name="Diverged">The number of cells that diverged, which are left out.</param>
/// <param name="Measure">The name of the measure.</param>
/// <param name="Mean">Mean over seeds.</param>
/// <param name="Low">Lower end of Student's 95 % interval.</param>
/// <param name="High">Upper end of the interval.</param>
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
/// <param name="Claim">The number of the claim.</param>
/// <param name="Statement">The claim in words.</param>
/// <param name="Verdict">supported, not supported or inconclusive.</param>
/// <param name="Rule">The rule that decides the claim.</param>
/// <param name="Reason">The reason, with its numbers.</param>
internal sealed record VerdictAnswer(string Claim, string Statement, string Verdict, string Rule, string Reason);

/// <summary>The findings of `gyre doctor`.</summary>
/// <param name="Sound">Whether runs can start and be trusted.</param>
/// <param name="Findings">The findings, in the order in which a person would look at them.</param>
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

/// <summary>A finding of `gyre doctor`.</summary>
/// <param name="Subject">The subject of the examination.</param>
/// <param name="Severity">ok, warning or error.</param>
/// <param name="Fact">The fact found.</param>
/// <param name="Cure">The remedy; null if nothing needs to be done.</param>
internal sealed record FindingAnswer(string Subject, string Severity, string Fact, string? Cure);

/// <summary>The result of `gyre doctor --gpu-check`.</summary>
/// <param name="Device">The device checked.</param>
/// <param name="Passed">The number of checks that passed.</param>
/// <param name="Checks">All checks.</param>
internal sealed record DeviceAnswer(string Device, int Passed, IReadOnlyList<CheckAnswer> Checks);

/// <summary>The outcome of one check.</summary>
/// <param name="Claim">The quantities compared.</param>
/// <param name="Error">The measured error.</param>
/// <param name="Tolerance">The largest error that passes.</param>
/// <param name="Seconds">The duration.</param>
/// <param name="Passed">Whether the check passed.</param>
/// <param name="Fault">The reason why the error could not be measured; null if it was measured.</param>
internal sealed record CheckAnswer(
    string Name,
    string Claim,
    double Error,
    double Tolerance,
    double Seconds,
    bool Passed,
    string? Fault
);
