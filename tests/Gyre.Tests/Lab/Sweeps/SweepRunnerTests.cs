using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Lab.Sweeps;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.Sweeps;

/// <summary>What the runner does with its children, whatever they do: they are shell scripts here.</summary>
public sealed class SweepRunnerTests : IDisposable
{
    /// <summary>
    /// Reads the spec, notes its start, and takes the next word from the cell's list: an exit code, or "wait" (until
    /// its input closes), or "fork" (a checkpoint of step 9, then waits).
    /// </summary>
    private const string Script = """
        folder="$1"; name=$(basename "$folder"); root=$(dirname "$(dirname "$(dirname "$folder")")")
        while IFS= read -r line && [ "$line" != "--- end of spec ---" ]; do :; done
        echo "$name" >> "$root/starts"
        word=$(head -n 1 "$root/words.$name" 2>/dev/null); sed -i 1d "$root/words.$name" 2>/dev/null
        begin() { mkdir -p "$folder/checkpoints"; printf 'format = 1\n' > "$folder/spec.toml"; }
        case "$word" in
          ""|0) begin; cp "$root/done.json" "$folder/summary.json"; exit 0;;
          wait) begin; cat > /dev/null; exit 130;;
          fork) begin; touch "$folder/checkpoints/step-000009.safetensors"; cat > /dev/null; exit 130;;
          kill) kill -9 $$;;
          *) echo "last words" >&2; exit "$word";;
        esac
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly Clock _clock = new();
    private SweepWriter? _writer;

    public SweepRunnerTests()
    {
        File.WriteAllText(_folder["child.sh"], Script);
        File.WriteAllText(_folder["done.json"], RunJson.Pretty(ExportFolders.Summary));
    }

    public void Dispose()
    {
        _writer?.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Every_cell_is_started_once_and_never_more_at_a_time_than_jobs()
    {
        using var runner = Runner(jobs: 3, seeds: 7);
        var most = 0;
        Assert.Equal(SweepEnd.Done, Follow(runner, () => most = Math.Max(most, Count(runner, CellState.Running))));
        Assert.Equal(3, most);
        Assert.Equal(runner.Cells.Select(cell => cell.Cell.Record.Folder).Order(), Starts().Order());
        Assert.Equal(
            [.. Enumerable.Repeat("done", 7), "ended", .. Enumerable.Repeat("started", 7)],
            Log().Select(entry => entry.Kind).Order()
        );
    }

    [Fact]
    public void What_is_done_is_not_done_again()
    {
        using (var first = Runner(seeds: 3))
            Follow(first);
        using var second = Runner(seeds: 4);
        Assert.Equal([true, true, true, false], second.Cells.Select(cell => cell.DoneBefore));
        Assert.Equal(SweepEnd.Done, Follow(second));
        Assert.Equal(4, Starts().Length);
    }

    [Fact]
    public void A_cell_that_dies_is_started_again_as_often_as_said_then_reported_and_the_others_go_on()
    {
        using var runner = Runner(seeds: 4, retries: 2);
        Say(runner, 0, "3", "kill");
        Say(runner, 1, "kill", "kill", "kill", "0");
        Assert.Equal(SweepEnd.SomeFailed, Follow(runner));
        Assert.Equal(
            [CellState.Done, CellState.Failed, CellState.Done, CellState.Done],
            runner.Cells.Select(cell => cell.State)
        );
        Assert.Contains("SIGKILL", runner.Cells[1].Reason, StringComparison.Ordinal);
        Assert.Contains("died 3 times", runner.Cells[1].Reason, StringComparison.Ordinal);
        Assert.Null(runner.Cells[0].Reason);
        Assert.Equal(3 + 3 + 1 + 1, Starts().Length);
        Assert.Contains(
            Log(),
            entry =>
                entry is { Kind: "retried", Detail: not null }
                && entry.Detail.Contains("exit code 3; last words: last words", StringComparison.Ordinal)
        );
        Assert.Contains(Log(), entry => entry.Kind == "failed" && entry.Cell == runner.Cells[1].Cell.Record.Folder);
        Assert.Equal("3 of 4 cells are done", Log()[^1].Detail);
    }

    [Fact]
    public void A_child_that_says_done_without_a_summary_is_not_done()
    {
        using var runner = Runner(retries: 0, script: "exit 0");
        Assert.Equal(SweepEnd.SomeFailed, Follow(runner));
    }

    [Fact]
    public void Wrong_input_is_not_tried_again()
    {
        using var runner = Runner(seeds: 2, retries: 5);
        Say(runner, 0, "2");
        Assert.Equal(SweepEnd.SomeFailed, Follow(runner));
        Assert.Equal(("last words", 2), (runner.Cells[0].Reason, Starts().Length));
    }

    [Fact]
    public void A_folder_that_cannot_be_used_stops_the_sweep_for_it_would_be_the_same_for_every_cell()
    {
        using var runner = Runner(jobs: 1, seeds: 3);
        Say(runner, 0, "4");
        Assert.Equal(SweepEnd.FolderUnusable, Follow(runner));
        Assert.Equal(("last words", 1), (runner.FolderProblem, Starts().Length));
    }

    [Fact]
    public void A_cell_that_another_process_holds_is_waited_for_a_minute()
    {
        using var runner = Runner(seeds: 2, retries: 0);
        Say(runner, 0, "5", "5", "0");
        Assert.Equal(SweepEnd.Done, Follow(runner));
        Assert.Equal(4, Starts().Length);
        Assert.Equal(0, runner.Cells[0].Deaths);
        using var later = Runner(seeds: 3, retries: 0);
        Say(later, 2, [.. Enumerable.Repeat("5", 50)]);
        Assert.Equal(SweepEnd.SomeFailed, Follow(later, () => _clock.Shift += TimeSpan.FromSeconds(1)));
        Assert.Contains("another process", later.Cells[2].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stop_lets_every_child_end_at_its_checkpoint()
    {
        using var runner = Runner(jobs: 2, seeds: 3);
        Say(runner, 0, "wait");
        Say(runner, 1, "wait");
        Say(runner, 2, "wait");
        Assert.Equal(SweepEnd.Interrupted, Follow(runner, stop: () => Starts().Length == 2));
        Assert.Equal(
            [CellState.Interrupted, CellState.Interrupted, CellState.Waiting],
            runner.Cells.Select(cell => cell.State)
        );
        Assert.Equal("interrupted", Log()[^1].Kind);
    }

    [Fact]
    public void Children_are_stopped_whatever_ends_the_sweep()
    {
        var runner = Runner(jobs: 2, seeds: 2);
        Say(runner, 0, "wait");
        Say(runner, 1, "wait");
        Until(() =>
        {
            runner.Turn(false);
            return Starts().Length == 2;
        });
        runner.Dispose();
        Assert.Null(Record.Exception(() => Directory.Delete(_writer!.Folder.Cells, recursive: true)));
    }

    [Fact]
    public void A_fork_begins_when_its_parents_checkpoint_is_there_and_not_before()
    {
        using var runner = Runner(jobs: 3, reduction: "{step=9,factor=0.5}");
        Say(runner, 0, "fork");
        var started = false;
        Assert.Equal(
            SweepEnd.Interrupted,
            Follow(
                runner,
                () =>
                {
                    started |= runner.Cells[1].State == CellState.Running;
                    Assert.True(
                        !started
                            || Checkpoints.Steps(_writer!.Folder.Cell(runner.Cells[0].Cell.Record.Folder)).Contains(9)
                    );
                },
                () => runner.Cells[1].State == CellState.Done
            )
        );
        Assert.Equal(runner.Cells.Select(cell => cell.Cell.Record.Folder), Starts());
    }

    [Theory]
    [InlineData("0", "from its initialization")] // finished, and kept no checkpoint
    [InlineData("2", null)] // failed
    public void A_fork_without_its_parents_checkpoint_begins_at_its_initialisation_when_its_parent_is_over(
        string parent,
        string? said
    )
    {
        using var runner = Runner(jobs: 3, retries: 0, reduction: "{step=9,factor=0.5}");
        Say(runner, 0, parent);
        Assert.Equal(parent == "0" ? SweepEnd.Done : SweepEnd.SomeFailed, Follow(runner));
        Assert.Equal(CellState.Done, runner.Cells[1].State);
        var detail = Log()
            .Single(entry => entry.Kind == "started" && entry.Cell == runner.Cells[1].Cell.Record.Folder)
            .Detail;
        Assert.Equal(said, detail?.Split(':')[0]);
    }

    [Fact]
    public void A_cells_folder_of_a_newer_format_is_refused_by_name_before_anything_is_started()
    {
        using (var first = Runner())
            Follow(first);
        var cell = _writer!.Folder.Cell(Starts().Single());
        File.WriteAllText(cell.Spec, "format = 2\n");
        var error = Assert.Throws<RunFolderException>(() => Runner(seeds: 2));
        Assert.Contains(cell.Path, error.Message, StringComparison.Ordinal);
        Assert.Contains("format 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_longest_cells_go_first()
    {
        using var runner = Runner(
            jobs: 1,
            sets: ["sweep.axes.training.steps=[100,500,300]", "sweep.reductions=[]"],
            probe: Measured
        );
        Assert.Equal(SweepEnd.Done, Follow(runner));
        Assert.Equal(new long[] { 500, 300, 100 }, StepsStarted(runner));
        Assert.Equal([100, 500, 300], runner.Cells.Select(cell => cell.Cell.Spec.Training.Steps));
    }

    [Fact]
    public void A_parent_goes_before_a_cell_as_long_that_has_no_fork_for_its_fork_is_still_to_come()
    {
        using var runner = Runner(
            jobs: 1,
            sets: ["sweep.axes.training.learning_rate=[0.1,0.4]", "sweep.reductions=[{step=3,learning_rate=0.2}]"],
            probe: Measured
        );
        Assert.Equal(SweepEnd.Done, Follow(runner));
        Assert.Equal([0.1, 0.4, 0.4], runner.Cells.Select(cell => cell.Cell.Record.LearningRate));
        Assert.Equal(runner.Cells[1].Cell.Record.Folder, Starts()[0]);
    }

    [Fact]
    public void Where_nothing_is_known_of_its_memory_one_child_goes_alone_until_it_has_measured()
    {
        var peaks = new ChildMemory(100, 100);
        using var runner = Runner(jobs: 3, seeds: 3, memory: new SweepMemory(250, () => double.NaN, _ => peaks));
        Say(runner, 0, "wait");
        var first = _writer!.Folder.Cell(runner.Cells[0].Cell.Record.Folder);
        Until(() => Turns(runner) && File.Exists(first.Spec));
        for (var turn = 0; turn < 20; turn++)
            Assert.Null(runner.Turn(false));
        Assert.Equal((1, 1), (Count(runner, CellState.Running), Starts().Length));
        Assert.Contains("alone", runner.Remark, StringComparison.Ordinal);
        File.WriteAllText(first.Curvature, "{}\n");
        Say(runner, 1, "wait");
        Say(runner, 2, "wait");
        Until(() => Turns(runner) && Starts().Length == 2);
        for (var turn = 0; turn < 20; turn++)
            Assert.Null(runner.Turn(false));
        Assert.Equal(2, Count(runner, CellState.Running)); // two of 100 in 250
        Assert.Equal("memory, not --jobs, is the limit", runner.Remark);
    }

    [Fact]
    public void Cells_whose_memory_is_known_start_together_as_far_as_they_fit_and_all_are_done()
    {
        var most = 0;
        using var runner = Runner(
            jobs: 4,
            seeds: 6,
            probe: Measured,
            memory: new SweepMemory(2.5 * PeakBytes, () => double.NaN, _ => null)
        );
        Assert.Equal(SweepEnd.Done, Follow(runner, () => most = Math.Max(most, Count(runner, CellState.Running))));
        Assert.Equal(2, most);
    }

    [Fact]
    public void One_child_runs_whatever_the_memory()
    {
        var most = 0;
        using var runner = Runner(
            jobs: 4,
            seeds: 4,
            probe: Measured,
            memory: new SweepMemory(1, () => double.NaN, _ => new ChildMemory(1e12, 1e12))
        );
        Assert.Equal(SweepEnd.Done, Follow(runner, () => most = Math.Max(most, Count(runner, CellState.Running))));
        Assert.Equal(1, most);
    }

    private const long PeakBytes = 400_000_000;

    private static CalibrationRecord Measured(RunSpec spec) =>
        new(Calibration.Id(spec), 4, 0, 1000, 0.01, 0.01, 0.01, 0, PeakBytes);

    private long[] StepsStarted(SweepRunner runner) =>
        [
            .. Starts()
                .Select(name =>
                    (long)runner.Cells.Single(cell => cell.Cell.Record.Folder == name).Cell.Spec.Training.Steps
                ),
        ];

    private static bool Turns(SweepRunner runner) => runner.Turn(false) is null;

    private SweepRunner Runner(
        int jobs = 2,
        int seeds = 1,
        int retries = 1,
        string? reduction = null,
        string? script = null,
        SweepMemory? memory = null,
        string[]? sets = null,
        Func<RunSpec, CalibrationRecord>? probe = null
    )
    {
        if (script is not null)
            File.WriteAllText(_folder["child.sh"], script);
        var sweep = SweepSpecReader.Read(
            "quick",
            [$"sweep.seeds={seeds}", .. sets ?? [$"sweep.reductions=[{reduction}]"]]
        );
        var plan = SweepPlanner.Plan(
            sweep,
            1,
            probe is null
                ? new Dictionary<string, CalibrationRecord>()
                : SweepPlanner.SpecsToCalibrate(sweep, 1).ToDictionary(Calibration.Id, probe),
            ""
        );
        _writer ??= SweepWriter.Open(new SweepFolder(_folder["sweep"]));
        return new SweepRunner(
            _writer,
            plan,
            ["/bin/sh", _folder["child.sh"]],
            jobs,
            retries,
            memory ?? SweepMemory.Endless,
            _clock
        );
    }

    private void Say(SweepRunner runner, int cell, params string[] words) =>
        File.WriteAllLines(_folder[$"words.{runner.Cells[cell].Cell.Record.Folder}"], words);

    private static SweepEnd Follow(SweepRunner runner, Action? each = null, Func<bool>? stop = null)
    {
        SweepEnd? end = null;
        var stopped = false;
        Until(() =>
        {
            stopped |= stop?.Invoke() ?? false;
            end = runner.Turn(stopped);
            each?.Invoke();
            return end is not null;
        });
        return end!.Value;
    }

    private static void Until(Func<bool> done) => Assert.True(SpinWait.SpinUntil(done, TimeSpan.FromMinutes(1)));

    private string[] Starts() => File.Exists(_folder["starts"]) ? File.ReadAllLines(_folder["starts"]) : [];

    private IReadOnlyList<SweepLogRecord> Log() => new JsonLinesTail<SweepLogRecord>(_writer!.Folder.Log).Poll();

    private static int Count(SweepRunner runner, CellState state) => runner.Cells.Count(cell => cell.State == state);

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Shift { get; set; }

        public override long GetTimestamp() => base.GetTimestamp() + (long)(Shift.TotalSeconds * TimestampFrequency);
    }
}
