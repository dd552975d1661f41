using System.Globalization;
using Gyre.App.Live;
using Gyre.App.Terminal;
using Gyre.Lab.Quantities;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Statistics;
using Gyre.Lab.Sweeps;
using Spectre.Console;

namespace Gyre.App.Sweeps;

/// <summary>
/// Shows a sweep in progress: a table of its cells on a terminal, elsewhere a line for each change.
/// </summary>
internal sealed class SweepView(
    IAnsiConsole console,
    TimeProvider time,
    int? jobs,
    string stopping = SweepView.Stopping
)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>The effect of a stop request on processes of this machine.</summary>
    private const string Stopping = "stopping: every cell writes a checkpoint; press Ctrl-C again to end at once";
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, RunProgress> _progress = [];
    private readonly Dictionary<string, string> _paths = [];
    private readonly Dictionary<string, CellState> _said = [];
    private readonly Dictionary<CellProgress, (int, CellState)> _deaths = [];
    private readonly List<CellProgress> _ended = [];
    private readonly long _begun = time.GetTimestamp();
    private readonly ProgressClock _clock = new(time);

    /// <summary>Advances the runner until it ends.</summary>
    /// <param name="runner">The engine of the sweep.</param>
    /// <param name="folder">The sweep folder.</param>
    /// <param name="stop">Set when a stop is requested.</param>
    /// <param name="beforeTurn">Called before each turn; null to call nothing.</param>
    public SweepEnd Follow(ISweepEngine runner, SweepFolder folder, CancellationToken stop, Action? beforeTurn = null)
    {
        foreach (var cell in runner.Cells)
            _said[cell.Cell.Record.Folder] = cell.State;
        var profile = console.Profile;
        if (!(profile.Out.IsTerminal && profile.Capabilities is { Interactive: true, Ansi: true }))
            return Loop(Turn, runner, folder, asked => Lines(runner, asked));
        SweepEnd end = default;
        console
            .Live(new Text(""))
            .AutoClear(true)
            .Start(context => end = Loop(Turn, runner, folder, asked => context.UpdateTarget(Picture(runner, asked))));
        return end;

        bool Turn()
        {
            beforeTurn?.Invoke();
            return stop.IsCancellationRequested;
        }
    }

    private SweepEnd Loop(Func<bool> isAsked, ISweepEngine runner, SweepFolder folder, Action<bool> show)
    {
        while (true)
        {
            var asked = isAsked();
            var end = runner.Turn(asked);
            foreach (var cell in runner.Cells.Where(cell => cell.State == CellState.Running))
                Progress(cell, folder).Poll();
            show(asked);
            if (end is { } done)
                return done;
            using var pause = new ManualResetEventSlim();
            pause.Wait(Pause);
        }
    }

    private RunProgress Progress(CellProgress cell, SweepFolder folder)
    {
        var name = cell.Cell.Record.Folder;
        var now = folder.Cell(name);
        if (!_progress.TryGetValue(name, out var progress) || _paths[name] != now.Path)
            (_progress[name], _paths[name]) = (progress = new RunProgress(cell.Cell.Spec, now, time), now.Path);
        return progress;
    }

    private Rows Picture(ISweepEngine runner, bool asked)
    {
        var table = SummaryTable.Empty().AddColumns("cell", "seed", "state", "step", "loss", "S/threshold", "left");
        var room = Math.Max(3, console.Profile.Height - 9);
        var shown = runner
            .Cells.OrderBy(cell =>
                cell.State switch
                {
                    CellState.Running => 0,
                    CellState.Failed => 1,
                    CellState.Interrupted => 2,
                    CellState.Waiting => 3,
                    _ => 4,
                }
            )
            .Take(room);
        foreach (var cell in shown)
            table.AddRow([.. Row(cell).Select(text => new Markup(text))]);
        return new Rows(new Text(Heading(runner)), table, new Text(asked ? stopping : ""));
    }

    private IEnumerable<string> Row(CellProgress cell)
    {
        var progress = _progress.GetValueOrDefault(cell.Cell.Record.Folder);
        yield return TableText.Escape(cell.Cell.Record.Group);
        yield return cell.Cell.Record.Seed.ToString(CultureInfo.InvariantCulture);
        yield return cell.State switch
        {
            CellState.Running => "[green]running[/]",
            CellState.Failed => "[red]failed[/]",
            CellState.Done => "done",
            CellState.Interrupted => "[yellow]stopped[/]",
            _ => "[grey]waiting[/]",
        };
        yield return Position(cell, progress);
        yield return progress?.Step is { } at ? NumberText.Format(at.Loss) : "";
        yield return progress?.Ratio switch
        {
            >= 1 and var ratio => $"[red]{Ratio(ratio)}[/]",
            { } ratio => Ratio(ratio),
            null => "",
        };
        yield return cell.State == CellState.Running && progress?.Left is { } left
            ? DurationText.Format(left.TotalSeconds)
            : "";
    }

    private static string Position(CellProgress cell, RunProgress? progress)
    {
        if (progress?.Step is { } step)
            return $"{step.Step}/{progress.Steps}";
        return cell.State == CellState.Done ? "all" : "";
    }

    private string Heading(ISweepEngine runner)
    {
        var cells = runner.Cells;
        int Count(CellState state) => cells.Count(cell => cell.State == state);
        var heading = $"{Count(CellState.Done)} of {cells.Count} cells done, {Count(CellState.Running)} running";
        if (Count(CellState.Failed) is var failed and > 0)
            heading += $", {failed} failed";
        if (Left(runner) is { } left)
            heading += left < 1 ? ", finishing" : $", about {DurationText.Format(left)} left";
        return runner.Remark is { } remark ? $"{heading}; {remark}" : heading;
    }

    /// <summary>Returns the share of a cell's own steps; for a fork, this excludes the steps of its parent.</summary>
    private static double OwnShare(PlannedCell cell, double share) =>
        cell.Record.ForkStep is { } first
            ? Math.Max(0, (share * cell.Spec.Training.Steps - first) / (cell.Spec.Training.Steps - first))
            : share;

    /// <summary>Returns the time left for the rest of the plan, at the pace so far.</summary>
    private double? Left(ISweepEngine runner)
    {
        var mine = runner.Cells.Where(cell => !cell.DoneBefore).ToArray();
        var (all, done) = (mine.Sum(cell => cell.Cell.Seconds), mine.Sum(cell => cell.Cell.Seconds * Done(cell)));
        var elapsed = time.GetElapsedTime(_begun).TotalSeconds;
        if (done > 0.02 * all)
            return elapsed * (all - done) / done;
        return double.IsFinite(all) ? (all - done) / jobs : null;
    }

    /// <summary>Returns the finished share of a cell's own steps.</summary>
    private double Done(CellProgress cell)
    {
        if (cell.State is CellState.Done or CellState.Failed)
            return 1;
        return _progress.GetValueOrDefault(cell.Cell.Record.Folder) is { } progress
            ? OwnShare(cell.Cell, progress.Share)
            : 0;
    }

    /// <summary>
    /// Prints at most one line per second, on the cells that ended since the last one; a failure, or a process that
    /// died, is always printed.
    /// </summary>
    private void Lines(ISweepEngine runner, bool asked)
    {
        foreach (var cell in runner.Cells.Where(cell => _said[cell.Cell.Record.Folder] != cell.State).ToArray())
        {
            _said[cell.Cell.Record.Folder] = cell.State;
            if (cell.State == CellState.Done)
                _ended.Add(cell);
        }
        foreach (
            var cell in runner
                .Cells.Where(cell => cell.Reason is not null && _deaths.GetValueOrDefault(cell) != Trouble(cell))
                .ToArray()
        )
        {
            _deaths[cell] = Trouble(cell);
            Say($"{(cell.State == CellState.Failed ? "failed" : "again ")}  {Name(cell)}: {cell.Reason}");
        }
        var over = runner.Cells.All(cell => cell.State is CellState.Done or CellState.Failed or CellState.Interrupted);
        if ((_ended.Count > 0 && (_clock.IsDue || over)) || _clock.Elapsed > Heartbeat)
            Say($"{Heading(runner)}{(asked && stopping.Length > 0 ? "; stopping" : "")}{Ended()}");
    }

    private static (int, CellState) Trouble(CellProgress cell) =>
        (cell.Deaths, cell.State == CellState.Failed ? CellState.Failed : CellState.Waiting);

    private string Ended()
    {
        if (_ended.Count == 0)
            return "";
        var last = _ended[^1];
        var loss = _progress.GetValueOrDefault(last.Cell.Record.Folder)?.Step is { } step
            ? $", loss {NumberText.Format(step.Loss)}"
            : "";
        var more = _ended.Count == 1 ? "" : $" and {_ended.Count - 1} more";
        _ended.Clear();
        return $"; done: {Name(last)}{loss}{more}";
    }

    private void Say(string line)
    {
        ConsoleLine.Write(console, line);
        console.Profile.Out.Writer.Flush();
        _clock.Restart();
    }

    private static string Name(CellProgress cell) =>
        string.Create(CultureInfo.InvariantCulture, $"{cell.Cell.Record.Group}, seed {cell.Cell.Record.Seed}");

    private static string Ratio(double ratio) => ratio.ToString("0.00", CultureInfo.InvariantCulture);
}
