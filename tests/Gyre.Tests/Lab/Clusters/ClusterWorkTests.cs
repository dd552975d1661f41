using Gyre.Lab.Clusters;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Sweeps;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.Clusters;

/// <summary>
/// What is submitted, followed, lost, submitted again and given up, on a cluster that does what the test says.
/// </summary>
public sealed class ClusterWorkTests : IDisposable
{
    private const double LongEnough = 100; // seconds after which a missing result is missing on any file system

    private readonly TemporaryFolder _folder = new();
    private readonly FakeSlurm _slurm = new();
    private readonly StandingClock _clock = new();
    private readonly HashSet<string> _done = [];
    private readonly List<string> _notes = [];

    private ClusterFolder Folder => new(_folder["cluster"]);

    [Fact]
    public void Forks_are_an_array_that_waits_for_their_parents()
    {
        var work = Work(Part("a"), Part("b"), Part("c", parent: "a"));
        work.Begin();
        Assert.Equal(2, _slurm.Submitted.Count);
        Assert.Null(_slurm.Submitted[0].After);
        Assert.Equal($"--dependency=afterany:{_slurm.Submitted[0].Job}", _slurm.Submitted[1].After);
        Assert.Contains(
            _slurm.Requests,
            asked => asked.StartsWith("sbatch --parsable --job-name=gyre-test-abcdef-1 ", StringComparison.Ordinal)
        ); // stronger than a variable of the user's
        Assert.Equal(["prepare a", "prepare b", "prepare c"], _notes.Take(3));
        Assert.Equal(["a", "b"], Folder.ReadUnits(1).SelectMany(unit => unit.Parts).Select(part => part.Name));
        Assert.Equal(["c"], Folder.ReadUnits(2).SelectMany(unit => unit.Parts).Select(part => part.Name));
    }

    [Fact]
    public void An_array_is_split_where_the_cluster_allows_no_larger_and_a_throttle_holds_over_all_parts()
    {
        _slurm.MaxArraySize = 2;
        Work(Part("a"), Part("b"), Part("c"), Part("d"), Part("e")).Begin();
        Assert.Equal(3, _slurm.Submitted.Count);
        Assert.All(_slurm.Submitted, one => Assert.Null(one.After));

        var throttled = new FakeSlurm { MaxArraySize = 2 };
        Work(
                new SlurmOptions { Jobs = 1 },
                throttled,
                new ClusterFolder(_folder["other"]),
                Part("a"),
                Part("b"),
                Part("c")
            )
            .Begin();
        Assert.Equal(
            [null, $"--dependency=afterany:{throttled.Submitted[0].Job}"],
            throttled.Submitted.Select(one => one.After)
        );
    }

    [Fact]
    public void A_fork_that_is_submitted_again_waits_for_its_parent_alone_and_a_throttle_for_all_that_goes()
    {
        foreach (var jobs in new int?[] { null, 2 })
        {
            var (slurm, done) = (new FakeSlurm(), jobs is null ? "free" : "throttled");
            var work = Work(
                new SlurmOptions { Jobs = jobs },
                slurm,
                new ClusterFolder(_folder[done]),
                Part("a"),
                Part("b"),
                Part("c", parent: "a")
            );
            work.Begin();
            slurm.Queue.Remove("101_1"); // b
            slurm.Queue.Remove("102_0"); // c, the fork of a, which goes on
            _clock.Pass(LongEnough);
            work.Poll();
            string[] after = jobs is null
                ? [null!, "--dependency=afterany:101"]
                : ["--dependency=afterany:101", $"--dependency=afterany:{slurm.Submitted[2].Job}"];
            Assert.Equal(after, slurm.Submitted.Skip(2).Select(one => one.After));
            Assert.Equal(
                ["b", "c"],
                new[] { 3, 4 }.Select(number => new ClusterFolder(_folder[done]).ReadUnits(number)[0].Parts[0].Name)
            );
        }
    }

    [Fact]
    public void What_a_command_finds_done_when_it_begins_is_not_noted_again()
    {
        var work = Work(Part("a"), Part("b"));
        work.Begin();
        _done.Add("a");
        work.Poll();
        Assert.Single(_notes, "done a");
        Work(Part("a"), Part("b")).Begin();
        Assert.Single(_notes, "done a");
    }

    [Fact]
    public void What_leaves_the_queue_undone_is_submitted_again_a_bounded_number_of_times()
    {
        var work = Work(Part("a"));
        work.Begin();
        for (var loss = 1; loss <= 3; loss++)
        {
            Assert.Equal(loss, _slurm.Submitted.Count);
            _slurm.Queue.Clear();
            _clock.Pass(1);
            work.Poll();
            Assert.Equal(loss, _slurm.Submitted.Count); // a file system may be slow to show a result
            _clock.Pass(LongEnough);
            work.Poll();
        }
        Assert.Equal(3, _slurm.Submitted.Count);
        Assert.Equal(CellState.Failed, work.Parts[0].State);
        Assert.Contains("lost 3 times", work.Parts[0].Reason!, StringComparison.Ordinal);
        Assert.Contains("a file system that all nodes share", work.Parts[0].Reason!, StringComparison.Ordinal);
        Assert.True(work.Over);
        var look = Work(Part("a"));
        look.Peek();
        // whoever looks later
        Assert.Equal((CellState.Failed, work.Parts[0].Reason), (look.Parts[0].State, look.Parts[0].Reason));
    }

    [Fact]
    public void Where_all_is_done_no_cluster_is_asked()
    {
        _slurm.Silent = true;
        _done.UnionWith(["a", "b"]);
        var work = Work(Part("a"), Part("b"));
        work.Begin();
        Assert.True(work.Over);
        Assert.Empty(work.Arrays);
    }

    [Fact]
    public void A_result_that_shows_late_is_not_lost()
    {
        var work = Work(Part("a"));
        work.Begin();
        _slurm.Queue.Clear();
        work.Poll();
        _done.Add("a");
        _clock.Pass(LongEnough);
        work.Poll();
        Assert.Equal((CellState.Done, 1), (work.Parts[0].State, _slurm.Submitted.Count));
    }

    [Fact]
    public void A_controller_that_is_silent_loses_nothing()
    {
        var work = Work(Part("a"));
        work.Begin();
        _slurm.Silent = true;
        _clock.Pass(10 * LongEnough);
        work.Poll();
        Assert.NotNull(work.SilentSince);
        Assert.Equal((CellState.Waiting, 1), (work.Parts[0].State, _slurm.Submitted.Count));
        _slurm.Silent = false;
        work.Poll();
        Assert.Null(work.SilentSince);
        Assert.Single(_slurm.Submitted);
    }

    /// <summary>
    /// As Slurm 22.05 did after kill -9 within seconds of a submission: its state is saved every few seconds.
    /// </summary>
    [Fact]
    public void A_number_that_a_controller_gives_away_again_is_not_taken_for_the_job_that_it_forgot()
    {
        var work = Work(Part("a"));
        work.Begin();
        var job = _slurm.Submitted[0].Job;
        _slurm.Names[job] = "another-sweep-1"; // the number is a stranger's now
        _clock.Pass(LongEnough);
        work.Poll();
        Assert.Equal(2, _slurm.Submitted.Count);
        Assert.DoesNotContain(job, work.Jobs); // and --cancel would leave it alone
    }

    [Fact]
    public void A_silent_controller_is_an_error_only_at_the_start()
    {
        _slurm.Silent = true;
        Assert.Contains(
            "does not answer: ",
            Assert.Throws<ClusterException>(() => Work(Part("a")).Begin()).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void The_next_command_finds_the_jobs_of_one_that_was_killed()
    {
        Work(Part("a"), Part("b")).Begin();
        var next = Work(Part("a"), Part("b"));
        next.Begin();
        Assert.Single(_slurm.Submitted);
        Assert.Equal([_slurm.Submitted[0].Job], next.Jobs);
        Assert.Equal([(_slurm.Submitted[0].Job, 2)], next.Arrays);
    }

    [Fact]
    public void A_job_whose_number_was_never_written_down_is_found_by_its_name()
    {
        Work(Part("a")).Begin();
        var lines = File.ReadAllLines(Folder.Submissions);
        File.WriteAllText(Folder.Submissions, lines[0] + "\n"); // killed between sbatch and its note
        var next = Work(Part("a"));
        next.Begin();
        Assert.Single(_slurm.Submitted);
        Assert.Equal([_slurm.Submitted[0].Job], next.Jobs);
    }

    [Fact]
    public void What_was_done_is_not_submitted_and_what_failed_is_tried_again_by_the_next_command()
    {
        _done.Add("a");
        ClusterFolder.Write(Folder.Failure("b"), new TaskNote("7_0", "attempt-1-0", "it was aborted"));
        var work = Work(Part("a"), Part("b"));
        work.Begin();
        Assert.Equal(["b"], Folder.ReadUnits(1).SelectMany(unit => unit.Parts).Select(part => part.Name));
        Assert.False(File.Exists(Folder.Failure("b")));
        ClusterFolder.Write(Folder.Failure("b"), new TaskNote("101_0", "attempt-1-0", "it was aborted"));
        work.Poll();
        Assert.Equal((CellState.Failed, "it was aborted"), (work.Parts[1].State, work.Parts[1].Reason));
    }

    [Fact]
    public void A_failure_that_an_older_copy_reports_does_not_end_a_newer_one()
    {
        var work = Work(Part("a"));
        work.Begin();
        _slurm.Queue.Clear();
        _clock.Pass(LongEnough);
        work.Poll(); // lost, and submitted again
        ClusterFolder.Write(Folder.Failure("a"), new TaskNote("101_0", "attempt-1-0", "of the first copy"));
        work.Poll();
        Assert.Equal((CellState.Waiting, 2), (work.Parts[0].State, _slurm.Submitted.Count));
    }

    [Fact]
    public void What_was_cancelled_is_not_submitted_again_until_a_command_asks()
    {
        var work = Work(Part("a"), Part("b"));
        work.Begin();
        var other = Work(Part("a"), Part("b"));
        other.Peek();
        other.Cancel();
        Assert.Empty(_slurm.Queue);
        _clock.Pass(LongEnough);
        work.Poll();
        Assert.All(work.Parts, part => Assert.Equal(CellState.Interrupted, part.State));
        Assert.Single(_slurm.Submitted);
        Work(Part("a"), Part("b")).Begin();
        Assert.Equal(2, _slurm.Submitted.Count);
    }

    [Fact]
    public void A_cluster_that_takes_no_more_is_given_the_rest_later()
    {
        (_slurm.MaxArraySize, _slurm.Room) = (1, 1);
        var work = Work(Part("a"), Part("b"));
        work.Begin();
        Assert.Contains("submit limit", work.Refused!, StringComparison.Ordinal);
        _slurm.Room = 2;
        work.Poll();
        Assert.Single(_slurm.Submitted);
        _clock.Pass(61);
        work.Poll();
        Assert.Equal((2, null), (_slurm.Submitted.Count, work.Refused));
    }

    [Fact]
    public void A_cluster_that_takes_nothing_is_an_error_with_its_words()
    {
        _slurm.Room = 0;
        Assert.Contains(
            "Job violates accounting/QOS policy",
            Assert.Throws<ClusterException>(() => Work(Part("a")).Begin()).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_look_from_outside_submits_nothing()
    {
        Work(Part("a"), Part("b")).Begin();
        _slurm.Queue.Remove("101_1");
        _slurm.Queue["101_0"] = "RUNNING|None|node1";
        var look = Work(Part("a"), Part("b"));
        Assert.True(look.Peek());
        Assert.Equal(("RUNNING", null), (look.Parts[0].Task?.State, look.Parts[1].Task));
        Assert.Single(_slurm.Submitted);
    }

    public void Dispose() => _folder.Dispose();

    private static ClusterPart Part(string name, string? parent = null) =>
        new(name, $"name = \"{name}\"", double.NaN, parent);

    private ClusterWork Work(params ClusterPart[] parts) => Work(new SlurmOptions(), _slurm, Folder, parts);

    private ClusterWork Work(SlurmOptions options, FakeSlurm slurm, ClusterFolder folder, params ClusterPart[] parts) =>
        new(
            folder,
            slurm.Slurm,
            parts,
            new ArrayScript(options, "gyre-test-abcdef", 0, 1, _folder.Path, _folder.Path, ["/opt/gyre"]),
            new ClusterTasks(
                SubmissionRecord.Cells,
                _done.Contains,
                _ => true,
                name => _notes.Add($"prepare {name}"),
                (kind, name, _) => _notes.Add($"{kind} {name}")
            ),
            2,
            _clock
        );
}
