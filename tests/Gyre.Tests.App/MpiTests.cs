using System.Diagnostics;
using Gyre.Lab.RunFiles;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.App;

/// <summary>
/// One run shared by several ranks, over both MPI libraries: the bytes of one process, whatever happens to it.
/// </summary>
public class MpiTests
{
    /// <summary>
    /// Six chunks, so that 4 ranks share them unevenly; bursts, a change of step size, a trace, a test set.
    /// </summary>
    private static readonly string[] Mlp =
    [
        "quick",
        "--set",
        "data.samples=60",
        "--set",
        "objective.chunk=10",
        "--set",
        "model.widths=[8,8]",
        "--set",
        "training.steps=24",
        "--set",
        "training.learning_rate=0.7",
        "--set",
        "threads=1",
        "--set",
        "training.schedule=[{step=15,learning_rate=0.5}]",
        "--set",
        "curvature.pairs=2",
        "--set",
        "curvature.every=12",
        "--set",
        "curvature.resolve=true",
        "--set",
        "curvature.self_stabilisation=true",
        "--set",
        "curvature.trace_probes=2",
        "--set",
        "run.checkpoint_every=7",
        "--set",
        "data.subset=first",
        "--set",
        "training.evaluate_every=8",
    ];

    /// <summary>Batch statistics by chunk in training, the population's for the test set.</summary>
    private static readonly string[] BatchNorm =
    [
        "quick",
        "--set",
        "data.samples=40",
        "--set",
        "objective.chunk=8",
        "--set",
        "model.name=cnn",
        "--set",
        "model.widths=[4]",
        "--set",
        "model.norm=batch",
        "--set",
        "training.steps=6",
        "--set",
        "threads=1",
        "--set",
        "curvature.every=3",
        "--set",
        "curvature.pairs=1",
        "--set",
        "data.subset=first",
        "--set",
        "training.evaluate_every=2",
        "--set",
        "training.schedule=[]",
    ];

    /// <summary>Ends on a condition that every rank must find at the same step.</summary>
    private static readonly string[] Until =
    [
        .. Mlp,
        "--set",
        "training.steps=300",
        "--set",
        "training.until.loss=1.5",
        "--set",
        "training.until.sharpness_fallen=1",
    ];

    private static readonly string[] Longer = [.. Mlp, "--set", "training.steps=400"];
    private static readonly string[] Endless = [.. Mlp, "--set", "training.steps=1000000"];

    [Theory]
    [InlineData(MpiJob.OpenMpi)]
    [InlineData(MpiJob.Mpich)]
    public void One_two_and_four_ranks_end_with_the_same_bytes(string mpi)
    {
        using var folder = new TemporaryFolder();
        foreach (
            var (name, spec, ranks) in new[]
            {
                ("mlp", Mlp, new[] { 2, 4 }),
                ("batch-norm", BatchNorm, [2, 3]),
                ("until", Until, [3]),
            }
        )
        {
            var alone = folder[$"{name}-alone"];
            Assert.Equal(0, GyreProcess.Run(["run", .. spec, "--out", alone]).ExitCode);
            foreach (var count in ranks)
            {
                var shared = folder[$"{name}-{count}"];
                var (exitCode, output, error) = MpiJob.Run(mpi, count, ["run", .. spec, "--out", shared]);
                Assert.True(exitCode == 0, error);
                Assert.Contains($"{count} ranks", output, StringComparison.Ordinal);
                Assert.Single(System.Text.RegularExpressions.Regex.Matches(output, "outcome"));
                RunBytes.AssertSame(Folder(alone), Folder(shared));
                AssertTold(Folder(shared), count, mpi);
            }
            Assert.Equal(name == "until", Folder(alone).ReadSummary()!.EndedBy is not null);
        }
    }

    [Theory]
    [InlineData(MpiJob.OpenMpi, 0)]
    [InlineData(MpiJob.OpenMpi, 1)]
    [InlineData(MpiJob.Mpich, 1)]
    public void A_rank_that_is_asked_to_stop_stops_all_at_a_checkpoint_and_one_process_goes_on(string mpi, int asked)
    {
        using var folder = new TemporaryFolder();
        var (alone, shared) = (folder["alone"], folder["shared"]);
        Assert.Equal(0, GyreProcess.Run(["run", .. Longer, "--out", alone]).ExitCode);
        using var job = MpiJob.Start(mpi, 2, ["run", .. Longer, "--out", shared]);
        WaitForLines(job, shared, 10);
        GyreProcess.Signal(MpiJob.ProcessOf(job, asked, child: false), "TERM");
        var (exitCode, _, error) = job.End();
        Assert.Equal(130, exitCode);
        Assert.Contains("the same command resumes", error, StringComparison.Ordinal);
        var run = RunReader.Open(Folder(shared).Path);
        Assert.Equal(("interrupted", 2), (run.ReadSessions()[^1].Kind, run.ReadSessions()[^1].Ranks));
        Assert.Equal(run.ReadSteps()[^1].Step + 1, Checkpoints.Steps(run.Folder)[0]);
        Assert.Equal(0, GyreProcess.Run(["run", .. Longer, "--out", shared]).ExitCode);
        RunBytes.AssertSame(Folder(alone), Folder(shared));
    }

    [Theory]
    [InlineData(MpiJob.OpenMpi)]
    [InlineData(MpiJob.Mpich)]
    public void A_run_that_one_process_began_goes_on_with_three_and_after_mpirun_itself_was_ended_with_two(string mpi)
    {
        using var folder = new TemporaryFolder();
        var (alone, shared) = (folder["alone"], folder["shared"]);
        Assert.Equal(0, GyreProcess.Run(["run", .. Longer, "--out", alone]).ExitCode);
        using (var first = GyreProcess.Start(["run", .. Longer, "--out", shared]))
        {
            WaitForLines(first, shared, 10);
            GyreProcess.Signal(first.Id, "INT");
            Assert.Equal(130, first.End().ExitCode);
        }
        using (var job = MpiJob.Start(mpi, 3, ["run", .. Longer, "--out", shared]))
        {
            WaitForLines(job, shared, Lines(shared) + 10);
            GyreProcess.Signal(job.Id, "TERM");
            job.End(); // with 0 of MPICH's mpirun: it was its user's wish
        }
        AssertFree(shared);
        Assert.Equal(RunStatus.Unfinished, Folder(shared).Status);
        Assert.Equal(0, MpiJob.Run(mpi, 2, ["run", .. Longer, "--out", shared]).ExitCode);
        RunBytes.AssertSame(Folder(alone), Folder(shared));
        Assert.Equal(
            [null, 3, 2],
            RunReader
                .Open(Folder(shared).Path)
                .ReadSessions()
                .Where(session => session.Kind is "started" or "resumed")
                .Select(session => session.Ranks)
        );
    }

    [Theory]
    [InlineData(MpiJob.OpenMpi, 1)]
    [InlineData(MpiJob.Mpich, 0)]
    public void A_rank_that_dies_ends_the_job_within_seconds_with_a_clear_word_and_the_run_goes_on(string mpi, int dead)
    {
        using var folder = new TemporaryFolder();
        using var job = MpiJob.Start(mpi, 2, ["run", .. Endless, "--out", folder.Path]);
        WaitForLines(job, folder.Path, 10);
        GyreProcess.Signal(MpiJob.ProcessOf(job, dead, child: true), "KILL");
        var since = Stopwatch.StartNew();
        var (exitCode, _, error) = job.End();
        // two, on a machine that does nothing else
        Assert.InRange(since.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
        // 9: MPICH's mpirun has killed the parent that had just said why
        Assert.Contains(exitCode, mpi == MpiJob.Mpich ? [3, 9] : (int[])[3]);
        Assert.Contains($"Rank {dead} of 2", error, StringComparison.Ordinal);
        Assert.Contains("SIGKILL", error, StringComparison.Ordinal);
        Assert.Matches("the same command resumes from the checkpoint of step [0-9]+", error);
        AssertFree(folder.Path);
        using var again = MpiJob.Start(mpi, 2, ["run", .. Endless, "--out", folder.Path]);
        again.Wait("(resumes from the checkpoint)");
        WaitForLines(again, folder.Path, Lines(folder.Path) + 5);
    }

    [Theory]
    [InlineData(MpiJob.OpenMpi, "libmpich.so.12")]
    [InlineData(MpiJob.Mpich, "libmpi.so.40")]
    public void A_library_that_is_not_the_launchers_is_refused_with_both_numbers(string mpi, string library)
    {
        using var folder = new TemporaryFolder();
        var (exitCode, _, error) = MpiJob.Run(mpi, 2, ["run", .. Mlp, "--out", folder["runs"]], ("GYRE_MPI", library));
        Assert.Equal(2, exitCode);
        Assert.Contains("started 2 processes", error, StringComparison.Ordinal);
        Assert.Contains("reports 1", error, StringComparison.Ordinal);
        Assert.Contains("GYRE_MPI", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["runs"]));
    }

    [Fact]
    public void A_library_that_is_not_there_is_a_sentence_with_a_cure()
    {
        using var folder = new TemporaryFolder();
        var (exitCode, _, error) = GyreProcess.RunIn(
            folder.Path,
            new Dictionary<string, string>
            {
                ["OMPI_COMM_WORLD_SIZE"] = "2",
                ["OMPI_COMM_WORLD_RANK"] = "0",
                ["GYRE_MPI"] = "libnothing.so.7",
            },
            ["run", .. Mlp]
        );
        Assert.Equal(2, exitCode);
        Assert.Contains("libnothing.so.7", error, StringComparison.Ordinal);
        Assert.Contains("GYRE_MPI", error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData(MpiJob.OpenMpi)]
    [InlineData(MpiJob.Mpich)]
    public void More_ranks_than_chunks_are_refused_once_with_the_key_to_set(string mpi)
    {
        using var folder = new TemporaryFolder();
        var (exitCode, output, error) = MpiJob.Run(
            mpi,
            3,
            ["run", .. Mlp, "--set", "objective.chunk=30", "--out", folder["runs"]]
        );
        Assert.Equal(2, exitCode);
        Assert.Single(System.Text.RegularExpressions.Regex.Matches(error, "objective.chunk"));
        Assert.DoesNotContain("quick-", output, StringComparison.Ordinal); // a folder that is never made is not named
        Assert.Contains("20 or less", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["runs"]));
    }

    [Theory]
    [InlineData(MpiJob.OpenMpi)]
    [InlineData(MpiJob.Mpich)]
    public void A_mistake_in_the_spec_is_told(string mpi)
    {
        using var folder = new TemporaryFolder();
        var (exitCode, _, error) = MpiJob.Run(
            mpi,
            2,
            ["run", "quick", "--set", "training.steps=-1", "--out", folder["runs"]]
        );
        Assert.Equal(2, exitCode);
        // Once a rank at most: MPICH's mpirun lets a process that has not entered MPI come to its own end, and Open
        // MPI's may be slow.
        Assert.InRange(System.Text.RegularExpressions.Regex.Count(error, "training.steps"), 1, 2);
    }

    [Theory]
    [InlineData(MpiJob.OpenMpi)]
    [InlineData(MpiJob.Mpich)]
    public void A_folder_that_another_process_holds_is_refused_in_its_words(string mpi)
    {
        using var folder = new TemporaryFolder();
        using var first = GyreProcess.Start(["run", .. Endless, "--out", folder.Path]);
        WaitForLines(first, folder.Path, 5);
        var (exitCode, _, error) = MpiJob.Run(mpi, 2, ["run", .. Endless, "--out", folder.Path]);
        Assert.Equal(2, exitCode);
        Assert.Single(System.Text.RegularExpressions.Regex.Matches(error, "Another process"));
        Assert.True(first.Running);
    }

    [Theory]
    [InlineData(MpiJob.OpenMpi)]
    [InlineData(MpiJob.Mpich)]
    public void A_disk_that_fills_up_ends_all_ranks_with_a_clear_word_and_the_run_goes_on(string mpi)
    {
        using var folder = new TemporaryFolder();
        var alone = folder["alone"];
        string[] run = ["run", .. Longer, "--set", "training.steps=150"];
        Assert.Equal(0, GyreProcess.Run([.. run, "--out", alone]).ExitCode);
        using var disk = SmallDisk.Mount(300);
        var (exitCode, _, error) = MpiJob.Run(mpi, 2, [.. run, "--out", disk.Path]);
        Assert.Equal(2, exitCode);
        Assert.Contains("space", error, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        disk.Grow(50_000);
        Assert.Equal(0, MpiJob.Run(mpi, 2, [.. run, "--out", disk.Path]).ExitCode);
        RunBytes.AssertSame(Folder(alone), Folder(disk.Path));
    }

    private static void AssertTold(RunFolder folder, int ranks, string mpi)
    {
        var run = RunReader.Open(folder.Path);
        Assert.All(
            run.ReadTimings(),
            timing => Assert.True(timing is { Exchange: >= 0, Waiting: >= 0 } && timing.Gradient >= 0)
        );
        Assert.True(run.ReadTimings().Sum(timing => timing.Exchange) > 0);
        Assert.All(run.ReadSessions(), session => Assert.Equal(ranks, session.Ranks));
        Assert.Contains(
            mpi == MpiJob.OpenMpi ? "\"mpi\": \"Open MPI" : "\"mpi\": \"MPICH",
            File.ReadAllText(folder.Environment),
            StringComparison.Ordinal
        );
    }

    /// <summary>Nobody works on the run any more: a rank that was left behind would hold its lock.</summary>
    private static void AssertFree(string runs) =>
        Assert.True(
            SpinWait.SpinUntil(() => !RunLock.IsHeld(Folder(runs)), TimeSpan.FromSeconds(20)),
            "a rank was left behind"
        );

    private static void WaitForLines(GyreProcess process, string runs, int lines) =>
        Assert.True(
            SpinWait.SpinUntil(() => !process.Running || Lines(runs) >= lines, TimeSpan.FromMinutes(2))
                && process.Running,
            "the run ended before it could be disturbed"
        );

    private static int Lines(string runs)
    {
        try
        {
            Thread.Sleep(20); // a poll takes a processor from the run it waits for
            return File.ReadAllBytes(Folder(runs).Steps).AsSpan().Count((byte)'\n');
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException)
        {
            return 0; // no folder yet, or no file in it
        }
    }

    private static RunFolder Folder(string runs) => new(Directory.GetDirectories(runs).Single());
}
