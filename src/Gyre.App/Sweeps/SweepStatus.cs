using System.Globalization;
using Gyre.App.Live;
using Gyre.App.Terminal;
using Gyre.Lab.Clusters;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Lab.Statistics;
using Gyre.Lab.Sweeps;
using Gyre.Torch;
using Spectre.Console;

namespace Gyre.App.Sweeps;

/// <summary>
/// Shows the present progress of a sweep without writing anything: from its folder, and from the queue if it has
/// jobs.
/// </summary>
internal static class SweepStatus
{
    private const int MostRows = 40;
    private const int MostReasons = 8;
    private const string Lost = "lost";

    /// <summary>Prints the status.</summary>
    /// <returns>The exit code: 0, or 3 if cells failed.</returns>
    public static int Show(IAnsiConsole console, SweepFolder folder, TimeProvider time)
    {
        if (!folder.Exists && !folder.Cluster.Exists)
            throw new RunFolderException(
                $"There is no sweep in {folder.Path}. Run this in the folder where it was started, or give its "
                    + "folder of sweeps with --out."
            );
        var works = folder.Cluster.Exists && Slurm.IsHere ? ClusterView.Read(folder, time) : [];
        var answers = works.Select(work => work.Peek()).ToArray().All(answer => answer);
        if (!folder.Exists && works.Count > 0)
            ConsoleLine.Write(
                console,
                $"{folder.Path}: {works[0].Parts.Count(part => part.State == CellState.Done)} of "
                    + $"{works[0].Parts.Count} measurements at initialization are done; there is no plan yet"
            );
        var cells = folder.Exists || works.Count == 0 ? Cells(SweepReader.Open(folder.Path), works) : [];
        if (cells.Any(cell => cell.State != CellState.Done))
            console.Write(Table(cells, time));
        foreach (var line in Reasons(cells))
            ConsoleLine.Write(console, line);
        if (cells.Count > 0)
            ConsoleLine.Write(console, Sentence(folder, cells));
        foreach (var remark in works.Select(work => work.QueueText).OfType<string>())
            ConsoleLine.Write(console, $"Slurm: {remark}");
        if (!answers)
            ConsoleLine.Write(console, "The Slurm controller does not answer: the state of its queue is unknown.");
        return cells.Any(cell => cell.State == CellState.Failed) ? Exit.Failed : Exit.Done;
    }

    private static IReadOnlyList<Seen> Cells(SweepReader sweep, IReadOnlyList<ClusterWork> works)
    {
        var parts = works.SelectMany(work => work.Parts).ToDictionary(part => part.Part.Name);
        return [.. sweep.Plan.Cells.Select(cell => Look(sweep.Folder, cell, parts.GetValueOrDefault(cell.Folder)))];
    }

    private static Seen Look(SweepFolder folder, SweepCellRecord cell, PartProgress? part)
    {
        var run = folder.Cell(cell.Folder);
        var state = State();
        return new Seen(cell, state, Place(part, state), run, part?.Reason);

        CellState State()
        {
            if (folder.Result(cell.Folder).Status == RunStatus.Finished)
                return CellState.Done;
            if (part is { State: not CellState.Waiting })
                return part.State;
            var isRunning = run.Status == RunStatus.Unfinished && RunLock.IsHeld(run);
            return isRunning ? CellState.Running : CellState.Waiting;
        }
    }

    /// <summary>Returns the job and node of a cell, or "lost" if it was submitted but is in no queue.</summary>
    private static string Place(PartProgress? part, CellState state) =>
        part switch
        {
            { Task: { Runs: true } task } => $"{task.Job}_{task.Index} {task.Node}",
            { Task: { } task } => $"{task.Job}_{task.Index} pending",
            { Place: not null } when state == CellState.Waiting => Lost,
            _ => "",
        };

    private static Table Table(IReadOnlyList<Seen> cells, TimeProvider time)
    {
        var table = SummaryTable.Empty().AddColumns("cell", "seed", "state", "step", "loss", "S/threshold", "job");
        var open = cells
            .Where(cell => cell.State != CellState.Done)
            .OrderBy(cell =>
                cell.State switch
                {
                    CellState.Failed => 0,
                    CellState.Running => 1,
                    CellState.Interrupted => 2,
                    _ => 3,
                }
            )
            .ToArray();
        foreach (var cell in open.Take(MostRows))
            table.AddRow([.. Row(cell, time).Select(TableText.Escape)]);
        if (open.Length > MostRows)
            table.AddRow($"and {open.Length - MostRows} more");
        return table;
    }

    private static IEnumerable<string> Row(Seen cell, TimeProvider time)
    {
        var progress =
            cell.Run.Status == RunStatus.Unfinished && Spec(cell.Run) is { } spec
                ? new RunProgress(spec, cell.Run, time)
                : null;
        progress?.Poll();
        yield return cell.Cell.Group;
        yield return cell.Cell.Seed.ToString(CultureInfo.InvariantCulture);
        yield return cell.State switch
        {
            CellState.Running => "running",
            CellState.Failed => "failed",
            CellState.Interrupted => "stopped",
            _ => "waiting",
        };
        yield return progress?.Step is { } step ? $"{step.Step}/{progress.Steps}" : "";
        yield return progress?.Step is { } at ? NumberText.Format(at.Loss) : "";
        yield return progress?.Ratio is { } ratio ? ratio.ToString("0.00", CultureInfo.InvariantCulture) : "";
        yield return cell.State is CellState.Failed or CellState.Interrupted ? "" : cell.Where;
    }

    /// <summary>Explains why cells failed or were stopped, in sentences that do not fit into a table.</summary>
    private static IEnumerable<string> Reasons(IReadOnlyList<Seen> cells)
    {
        var same = cells
            .Where(cell => cell.Reason is not null && cell.State is CellState.Failed or CellState.Interrupted)
            .GroupBy(cell => (cell.State, cell.Reason))
            .ToArray();
        foreach (var group in same.Take(MostReasons))
        {
            var names = group
                .Select(cell =>
                    string.Create(CultureInfo.InvariantCulture, $"{cell.Cell.Group}, seed {cell.Cell.Seed}")
                )
                .ToArray();
            var state = group.Key.State == CellState.Failed ? "failed" : "stopped";
            var more = names.Length > 1 ? $" and {names.Length - 1} more" : "";
            yield return $"{state}  {names[0]}{more}: {group.Key.Reason}";
        }
        if (same.Length > MostReasons)
            yield return $"and {same.Length - MostReasons} more reasons, in cluster/failed and cluster/stopped of its "
                + "folder";
    }

    private static RunSpec? Spec(RunFolder run)
    {
        try
        {
            return SpecReader.ReadText(RunReader.Open(run.Path).ReadSpecText());
        }
        catch (Exception error) when (error is SpecException or RunFolderException)
        {
            return null; // damaged; its own report gives the details
        }
    }

    private static string Sentence(SweepFolder folder, IReadOnlyList<Seen> cells)
    {
        int Count(CellState state) => cells.Count(cell => cell.State == state);
        var sentence =
            $"{folder.Path}: {Count(CellState.Done)} of {cells.Count} cells done, {Count(CellState.Running)} "
            + $"running, {Count(CellState.Waiting)} waiting";
        if (Count(CellState.Failed) is var failed and > 0)
            sentence += $", {failed} failed";
        if (Count(CellState.Interrupted) is var stopped and > 0)
            sentence += $", {stopped} stopped";
        if (cells.Count(cell => cell.Where == Lost) is var lost and > 0)
            sentence +=
                $". {lost} of the waiting cells {Counted.Noun(lost, "is", "are")} not in a queue: the same command "
                + "with --on slurm submits them again";
        return sentence;
    }

    private sealed record Seen(SweepCellRecord Cell, CellState State, string Where, RunFolder Run, string? Reason);
}
