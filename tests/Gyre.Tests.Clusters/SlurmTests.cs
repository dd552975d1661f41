using Gyre.Lab.RunFiles;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Clusters;

/// <summary>
/// A sweep as jobs of a real Slurm, undisturbed: it ends with the bytes of the same sweep on one machine.
/// </summary>
[Collection(SlurmTestGroup.Name)]
public sealed class SlurmTests(SlurmCluster cluster) : IDisposable
{
    /// <summary>Four rates in edge units with two seeds, the largest reduced: probes, cells and forks.</summary>
    private static readonly string[] Sweep =
    [
        "sweep",
        "quick",
        "--set",
        "name=small",
        "--set",
        "threads=1",
        "--set",
        "data.samples=60",
        "--set",
        "model.widths=[8,8]",
        "--set",
        "training.steps=40",
        "--set",
        "curvature.pairs=2",
        "--set",
        "curvature.every=10",
        "--set",
        "run.eigenvectors_mb=0",
        "--set",
        "sweep.seeds=2",
        "--set",
        "sweep.axes.training.learning_rate={values=[0.5,1],unit=\"edge\"}",
        "--set",
        "sweep.reductions=[{step=20,factor=0.4,parents=[1]}]",
    ];

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Probes_cells_and_forks_as_jobs_give_the_bytes_of_one_machine()
    {
        cluster.Require();
        var detached = On("--jobs", "1", "--pack", "2", "--detach");
        Assert.Equal(0, detached.ExitCode); // at once: cells in edge units must wait for what it submitted
        Assert.Contains("once these are measured", detached.Output, StringComparison.Ordinal);
        var (code, said, error) = On("--jobs", "1", "--pack", "2");
        Assert.True(code == 0, error + said);
        Assert.Equal(0, GyreProcess.RunIn(_folder.Path, [.. Sweep, "--jobs", "2", "--out", _folder["local"]]).ExitCode);
        SweepBytes.AssertSame(_folder["local/small"], _folder["slurm/small"]);
        var submissions = Cluster.ReadSubmissions();
        Assert.Equal(
            [SubmissionRecord.Calibrations, SubmissionRecord.Cells, SubmissionRecord.Cells],
            submissions.Select(one => one.Kind)
        );
        Assert.Equal([1, 2, 1], submissions.Select(one => one.Units));
        Assert.Contains("--array=0-1%1", File.ReadAllText(Cluster.Script(2)), StringComparison.Ordinal);
        Assert.Equal(1, MostAtOnce());
        Assert.False(
            Directory.Exists(_folder["slurm/small/attempts"])
                && Directory.EnumerateFileSystemEntries(_folder["slurm/small/attempts"]).Any()
        );
        Assert.Contains("report.html", said, StringComparison.Ordinal);
        NothingFurther();
    }

    [Fact]
    public void What_is_submitted_and_left_can_be_looked_at_and_followed_later()
    {
        cluster.Require();
        string[] plain =
        [
            "--set",
            "sweep.axes.training.learning_rate={values=[0.2,0.3]}",
            "--set",
            "sweep.reductions=[]",
        ];
        string[] again = [.. Sweep, .. plain, "--out", _folder["slurm"]];
        cluster.Ask("scontrol", "update", "PartitionName=ci", "State=DOWN"); // jobs wait
        try
        {
            Assert.Equal(0, On([.. plain, "--detach"]).ExitCode);
            var (code, said, _) = GyreProcess.RunIn(_folder.Path, cluster.Environment, [.. again, "--status"]);
            Assert.Equal(0, code);
            Assert.Contains("0 of 4 cells done", said, StringComparison.Ordinal);
            (code, _, said) = GyreProcess.RunIn(_folder.Path, cluster.Environment, again);
            Assert.Equal(2, code);
            Assert.Contains("jobs", said, StringComparison.Ordinal); // not here while they are
        }
        finally
        {
            cluster.Ask("scontrol", "update", "PartitionName=ci", "State=UP");
        }
        Assert.Equal(0, On(plain).ExitCode);
        Assert.Single(Cluster.ReadSubmissions());
        Assert.Contains(
            "4 of 4 cells done",
            GyreProcess.RunIn(_folder.Path, cluster.Environment, [.. again, "--status"]).Output,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_sweep_canceled_as_jobs_resumes_on_one_machine_and_one_interrupted_there_resumes_as_jobs()
    {
        cluster.Require();
        string[] plain =
        [
            "--set",
            "sweep.axes.training.learning_rate={values=[0.2]}",
            "--set",
            "sweep.reductions=[]",
            "--set",
            "sweep.seeds=1",
            "--set",
            "training.steps=2000",
            "--set",
            "run.checkpoint_every=10",
        ];
        Assert.Equal(0, On([.. plain, "--detach"]).ExitCode);
        var cell = SweepReader.Open(_folder["slurm/small"]).Plan.Cells[0].Folder;
        UntilCheckpoint(() => new SweepFolder(_folder["slurm/small"]).Cell(cell));
        Assert.Equal(
            0,
            GyreProcess
                .RunIn(_folder.Path, cluster.Environment, [.. Sweep, .. plain, "--out", _folder["slurm"], "--cancel"])
                .ExitCode
        );
        var (code, said, error) = GyreProcess.RunIn(
            _folder.Path,
            cluster.Environment,
            [.. Sweep, .. plain, "--out", _folder["slurm"]]
        );
        Assert.True(code == 0, error + said);
        AssertTakenOver("slurm/small", cell);
        // And back: what one machine leaves, jobs go on from.
        using (var local = GyreProcess.StartIn(_folder.Path, [.. Sweep, .. plain, "--out", _folder["back/slurm"]]))
        {
            UntilCheckpoint(() => new SweepFolder(_folder["back/slurm/small"]).Result(cell));
            GyreProcess.Signal(local.Id, "INT");
            Assert.Equal(130, local.End().ExitCode);
        }
        Assert.Equal(
            0,
            GyreProcess
                .RunIn(_folder["back"], cluster.Environment, [.. Sweep, .. plain, "--on", "slurm", "--out", "slurm"])
                .ExitCode
        );
        AssertTakenOver("back/slurm/small", cell);

        Assert.Equal(0, GyreProcess.RunIn(_folder.Path, [.. Sweep, .. plain, "--out", _folder["local"]]).ExitCode);
        SweepBytes.AssertSame(_folder["local/small"], _folder["back/slurm/small"]);
        SweepBytes.AssertSame(_folder["local/small"], _folder["slurm/small"]);
    }

    private static void UntilCheckpoint(Func<RunFolder> run) =>
        SlurmCluster.Until(() => Checkpoints.Steps(run()).Count > 0, "a checkpoint");

    private void AssertTakenOver(string sweep, string cell) =>
        Assert.Contains(
            RunReader.Open(new SweepFolder(_folder[sweep]).Result(cell).Path).ReadSessions(),
            session => session is { Kind: "taken_over", Step: > 0 }
        );

    [Fact]
    public void A_setup_script_that_fails_is_said_and_is_still_known_later()
    {
        cluster.Require();
        File.WriteAllText(_folder["setup.sh"], "exit 7\n");
        string[] one =
        [
            "--set",
            "sweep.axes.training.learning_rate={values=[0.2]}",
            "--set",
            "sweep.reductions=[]",
            "--set",
            "sweep.seeds=1",
            "--set",
            "sweep.retries=0",
        ];
        var (code, said, error) = On([.. one, "--setup", _folder["setup.sh"]]);
        Assert.Equal(3, code);
        Assert.Contains("setup.sh ended with exit code 7", said + error, StringComparison.Ordinal);
        var status = GyreProcess.RunIn(
            _folder.Path,
            cluster.Environment,
            [.. Sweep, .. one, "--out", _folder["slurm"], "--status"]
        );
        Assert.Equal(3, status.ExitCode);
        Assert.Contains("1 failed", status.Output, StringComparison.Ordinal);
        Assert.Contains("exit code 7", status.Output, StringComparison.Ordinal);
        Assert.Equal(0, On(one).ExitCode); // mended: the same command tries again
    }

    [Fact]
    public void A_partition_that_is_not_there_is_said_in_the_cluster_s_words()
    {
        cluster.Require();
        var (code, _, error) = On(
            "--set",
            "sweep.axes.training.learning_rate={values=[0.2]}",
            "--set",
            "sweep.reductions=[]",
            "--partition",
            "nowhere"
        );
        Assert.Equal(2, code);
        Assert.Contains("invalid partition", error, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private ClusterFolder Cluster => new SweepFolder(_folder["slurm/small"]).Cluster;

    private (int ExitCode, string Output, string Error) On(params string[] further) =>
        GyreProcess.RunIn(
            _folder.Path,
            cluster.Environment,
            [.. Sweep, .. further, "--on", "slurm", "--out", _folder["slurm"]]
        );

    private void NothingFurther()
    {
        var lines = File.ReadAllLines(Cluster.Submissions).Length;
        Assert.Equal(0, On("--jobs", "1", "--pack", "2").ExitCode);
        Assert.Equal(lines, File.ReadAllLines(Cluster.Submissions).Length);
    }

    /// <summary>Tasks of the cells' arrays at one time, by what each wrote when it began and ended.</summary>
    private int MostAtOnce()
    {
        var job = Cluster.ReadSubmissions()[1].Job;
        var spans = Directory
            .EnumerateFiles(Cluster.Output, $"{job}_*.out")
            .Select(file => (First: File.ReadLines(file).First()[..20], Last: File.ReadLines(file).Last()[..20]))
            .OrderBy(span => span.First)
            .ToArray();
        return spans.Max(span =>
            spans.Count(other =>
                string.CompareOrdinal(other.First, span.Last) < 0 && string.CompareOrdinal(span.First, other.Last) < 0
            )
        );
    }
}
