using System.Globalization;
using Gyre.Lab.RunFiles;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Clusters;

/// <summary>
/// Whatever happens to nodes, controller, jobs or this machine's own command, the sweep ends with the bytes of one that
/// was left alone on one machine.
/// </summary>
[Collection(SlurmTestGroup.Name)]
public sealed class SlurmFaultTests(SlurmCluster cluster, SlurmFaultTests.Alone alone)
    : IClassFixture<SlurmFaultTests.Alone>,
        IDisposable
{
    /// <summary>Two cells, long enough that a dead node is noticed while they go.</summary>
    private static readonly string[] Sweep =
    [
        "sweep",
        "quick",
        "--set",
        "name=faults",
        "--set",
        "threads=1",
        "--set",
        "data.samples=400",
        "--set",
        "objective.chunk=100",
        "--set",
        "model.widths=[64,64]",
        "--set",
        "training.steps=450",
        "--set",
        "curvature.pairs=2",
        "--set",
        "curvature.every=10",
        "--set",
        "run.checkpoint_every=20",
        "--set",
        "training.evaluate_every=0",
        "--set",
        "sweep.axes.training.learning_rate={values=[0.2,0.4]}",
        "--set",
        "sweep.retries=3",
    ];

    /// <summary>The other node is free for a second copy.</summary>
    private static readonly string[] OneCell = ["--set", "sweep.axes.training.learning_rate={values=[0.2]}"];

    private readonly TemporaryFolder _folder = new();

    public sealed class Alone : IDisposable
    {
        private readonly TemporaryFolder _folder = new();
        private bool _made;

        public string Path
        {
            get
            {
                if (!_made)
                    Assert.Equal(0, GyreProcess.Run([.. Sweep, "--jobs", "2", "--out", _folder.Path]).ExitCode);
                _made = true;
                return _folder["faults"];
            }
        }

        public void Dispose() => _folder.Dispose();
    }

    private SweepFolder Folder => new(_folder["faults"]);

    [Fact]
    public void A_job_that_is_requeued_goes_on_from_its_checkpoint()
    {
        using var sweep = Begin();
        var task = Working(out var cell);
        cluster.Ask("scontrol", "requeue", task);
        Release(task);
        Ended(sweep);
        Assert.True(TakenOver(cell) > 0, "the second attempt went on from a checkpoint");
    }

    [Fact]
    public void A_job_that_is_told_of_its_time_limit_asks_to_be_started_again()
    {
        using var sweep = Begin();
        var task = Working(out var cell);
        cluster.Ask("scancel", "--signal=USR1", "--batch", task);
        Release(task);
        Ended(sweep);
        Assert.True(TakenOver(cell) > 0, "the second attempt went on from a checkpoint");
    }

    [Fact]
    public void A_job_whose_program_is_killed_is_submitted_again()
    {
        using var sweep = Begin();
        var task = Working(out var cell);
        Send(ProgramsOf(task), "KILL");
        Ended(sweep);
        Assert.True(TakenOver(cell) > 0, "the second submission went on from a checkpoint");
        Assert.Contains(SweepReader.Open(Folder.Path).ReadLog(), line => line.Kind == "retried" && line.Cell == cell);
    }

    [Fact]
    public void A_cell_of_a_dead_node_goes_on_on_another()
    {
        using var sweep = Begin(OneCell);
        var task = Working(out var cell);
        var node = NodeOf(task);
        cluster.Do("kill-node", node);
        try
        {
            Release(task);
            SlurmCluster.Until(() => Attempts().Any(number => number.Restart > 0), "the cell is started again", Story);
            Assert.NotEqual(node, NodeOf(task));
        }
        finally
        {
            cluster.Do("start-node", node);
        }
        Ended(sweep);
        Assert.True(TakenOver(cell) > 0, "the second attempt went on from a checkpoint");
    }

    /// <summary>
    /// The daemon of a node does not answer, so that its job is started elsewhere; then the first copy, which only
    /// hung, goes on beside the second.
    /// </summary>
    [Fact]
    public void Two_live_copies_of_a_cell_do_not_harm_its_result()
    {
        using var sweep = Begin(OneCell);
        var task = Working(out var cell);
        var node = NodeOf(task);
        var first = ProgramsOf(task);
        Send(first, "STOP");
        cluster.Do("stop-node", node);
        try
        {
            Release(task, first);
            SlurmCluster.Until(
                () => Folder.AttemptsAt(cell) is [_, var second] && RunLock.IsHeld(second.Folder),
                "the second copy works",
                Story
            );
            var hung = Folder.AttemptsAt(cell)[0].Folder;
            var before = new FileInfo(hung.Steps).Length;
            Send(first, "CONT");
            SlurmCluster.Until(
                () => new FileInfo(hung.Steps) is { Exists: true } steps && steps.Length > before,
                "the first copy goes on",
                Story
            );
            Assert.Equal(2, Folder.AttemptsAt(cell).Count);
            Ended(sweep);
        }
        finally
        {
            Send(first, "CONT");
            cluster.Do("cont-node", node);
        }
    }

    [Fact]
    public void A_controller_that_dies_and_comes_back_loses_nothing()
    {
        using var sweep = Begin();
        Working(out _);
        cluster.KillController(Folder.Cluster.ReadSubmissions()[^1].Time.UtcDateTime);
        SlurmCluster.Until(
            () => sweep.Said().Contains("has not answered", StringComparison.Ordinal) || !sweep.Running,
            "the silence is said",
            Story
        );
        cluster.StartController();
        Ended(sweep);
        Assert.All(Attempts(), number => Assert.Equal(1, number.Submission));
    }

    [Fact]
    public void A_command_that_is_killed_leaves_its_jobs_going_and_the_next_finds_them()
    {
        using (var first = Begin())
        {
            Working(out _);
            GyreProcess.Signal(first.Id, "KILL");
            first.End();
        }
        using var sweep = Begin();
        Ended(sweep);
        Assert.Single(Folder.Cluster.ReadSubmissions());
    }

    [Fact]
    public void A_cancelled_sweep_keeps_what_it_has_and_goes_on_when_asked()
    {
        using (var first = Begin())
        {
            Working(out _);
            var (code, said, error) = GyreProcess.RunIn(
                _folder.Path,
                cluster.Environment,
                [.. Sweep, "--out", _folder.Path, "--cancel"]
            );
            Assert.Equal((0, ""), (code, error));
            Assert.Contains("canceled", said, StringComparison.Ordinal);
            Assert.Equal(130, first.End().ExitCode);
        }
        Assert.Equal("", cluster.Ask("squeue", "-h"));
        var status = GyreProcess.RunIn(
            _folder.Path,
            cluster.Environment,
            [.. Sweep, "--out", _folder.Path, "--status"]
        );
        Assert.Equal(0, status.ExitCode);
        Assert.Contains("canceled by `gyre sweep --cancel`", status.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("from outside", status.Output, StringComparison.Ordinal);
        using var sweep = Begin();
        Ended(sweep);
        Assert.Contains(Attempts(), number => number.Submission == 2);
    }

    public void Dispose()
    {
        if (Folder.Cluster.Exists)
            cluster.Ask("scancel", "-u", Environment.UserName);
        _folder.Dispose();
    }

    private GyreProcess Begin(params string[] further)
    {
        cluster.Require();
        return GyreProcess.StartIn(
            _folder.Path,
            cluster.Environment,
            [.. Sweep, .. further, "--on", "slurm", "--out", _folder.Path]
        );
    }

    /// <summary>The task of a cell that has begun and has a checkpoint.</summary>
    private string Working(out string cell)
    {
        (string Task, string Cell)? found = null;
        SlurmCluster.Until(() => (found = Found()) is not null, "a cell has a checkpoint", Story);
        cell = found!.Value.Cell;
        return found.Value.Task;
    }

    private (string, string)? Found()
    {
        foreach (var submission in Folder.Cluster.ReadSubmissions().Where(one => one.Job is not null))
        {
            foreach (var (index, unit) in Folder.Cluster.ReadUnits(submission.Number).Index())
            {
                if (
                    unit.Parts.FirstOrDefault(part =>
                        Folder.Cell(part.Name) is { Status: RunStatus.Unfinished } run
                        && Checkpoints.Steps(run).Count > 0
                    ) is
                    { } part
                )
                    return (string.Create(CultureInfo.InvariantCulture, $"{submission.Job}_{index}"), part.Name);
            }
        }
        return null;
    }

    /// <summary>
    /// A requeued job is held for two minutes. Released too early it is lost: its old processes must be gone first,
    /// but for those that only hang.
    /// </summary>
    private void Release(string task, params int[] hanging)
    {
        Until(() => Asked("squeue", "-h", "-r", "-j", task, "-o", "%T") == "PENDING", "the job is requeued");
        Until(() => !ProgramsOf(task).Except(hanging).Any(), "the old processes are gone");
        Until(
            () => !Asked("sinfo", "-h", "-N", "-o", "%t").Contains("comp", StringComparison.Ordinal),
            "its node is free"
        );
        cluster.Ask("scontrol", "update", $"JobId={task}", "StartTime=now");
    }

    private void Until(Func<bool> holds, string what) => SlurmCluster.Until(holds, what, Story);

    private string Asked(string command, params string[] words) => cluster.Ask(command, words).Trim();

    private string NodeOf(string task) => cluster.Ask("squeue", "-h", "-r", "-j", task, "-o", "%N").Trim();

    /// <summary>The processes of a job: the program, and the child that runs the cell.</summary>
    private int[] ProgramsOf(string task)
    {
        var job = cluster.Ask("scontrol", "show", "job", "-o", task).Split(' ')[0].Split('=')[1];
        var pids = cluster.Ask("bash", "-c", $"grep -lzs '^SLURM_JOB_ID={job}$' /proc/[0-9]*/environ | cut -d/ -f3");
        return
        [
            .. pids.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => int.Parse(line, CultureInfo.InvariantCulture)),
        ];
    }

    private static void Send(int[] processes, string signal)
    {
        foreach (var process in processes)
            GyreProcess.Signal(process, signal);
    }

    private void Ended(GyreProcess sweep)
    {
        var (code, said, error) = sweep.End();
        Assert.True(code == 0, $"exit code {code}: {error}{said}{Story()}");
        foreach (var cell in SweepReader.Open(Folder.Path).ReadCells())
        {
            Assert.Equal(RunStatus.Finished, cell.Status);
            RunBytes.AssertSame(new SweepFolder(alone.Path).Result(cell.Cell.Folder), Folder.Result(cell.Cell.Folder));
        }
    }

    private IEnumerable<AttemptNumber> Attempts() =>
        SweepReader
            .Open(Folder.Path)
            .Plan.Cells.SelectMany(cell =>
                Folder.AttemptsAt(cell.Folder).Select(attempt => attempt.Number).Concat(Started(cell.Folder))
            );

    /// <summary>Attempts at a cell that its finished folder remembers.</summary>
    private IEnumerable<AttemptNumber> Started(string cell) =>
        Directory
            .EnumerateFiles(Folder.Cluster.Output)
            .SelectMany(ReadShared)
            .Where(line => line.Contains($"{cell}: attempt-", StringComparison.Ordinal))
            .Select(line => AttemptNumber.TryParse(line.Split(' ')[^1])!.Value);

    /// <summary>The step that an attempt went on from, by the history of the finished cell.</summary>
    private long TakenOver(string cell) =>
        RunReader
            .Open(Folder.Result(cell).Path)
            .ReadSessions()
            .Where(session => session.Kind == "taken_over")
            .Select(session => session.Step)
            .DefaultIfEmpty(-1)
            .Last();

    private string Story() =>
        string.Join(
            '\n',
            Directory.Exists(Folder.Cluster.Output)
                ? Directory.EnumerateFiles(Folder.Cluster.Output).SelectMany(ReadShared)
                : []
        )
        + cluster.Ask("squeue")
        + cluster.Ask("sinfo", "-N");

    private static string[] ReadShared(string path) => File.ReadAllLines(path);
}
