using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.Running;

/// <summary>
/// Forks are exact: whoever trains from the initialisation with the same schedule gets the same bytes.
/// </summary>
public class ForkTests
{
    private const int At = 23;

    private static readonly string[] Sets =
    [
        "data.samples=60",
        "data.subset=first",
        "model.widths=[8,8]",
        "threads=1",
        "training.learning_rate=0.7",
        "training.steps=44",
        "curvature.pairs=2",
        "curvature.every=8",
        "curvature.resolve=true",
        "curvature.trace_probes=2",
        "training.evaluate_every=10",
        "run.checkpoint_every=17",
    ];

    [Theory]
    [InlineData(23)] // between bursts
    [InlineData(24)] // a burst's first step
    [InlineData(25)] // inside a burst
    [InlineData(1)]
    [InlineData(43)]
    public void A_fork_equals_a_run_from_its_initialisation(int at, params string[] more)
    {
        using var folder = new TemporaryFolder();
        Parent(folder, at, more);
        var forked = Go(folder["runs"], Child(at, more));
        var alone = Go(folder["alone"], Child(at, more));
        AssertSame(alone, forked, RunFiles);
        Assert.Equal(
            (at, $"the earlier steps are those of {Run.FolderName(CreateSpec("parent", more))}"),
            RunReader
                .Open(forked.Path)
                .ReadEvents()
                .Where(happened => happened.Kind == "fork")
                .Select(happened => ((int)happened.Step, happened.Detail))
                .Single()
        );
        Assert.Contains($"step = {at}", RunReader.Open(forked.Path).ReadSpecText(), StringComparison.Ordinal);
        Assert.Contains(
            RunReader.Open(forked.Path).ReadSessions(),
            session =>
                session.Kind == "forked"
                && session.Detail!.Contains("resumes from the checkpoint", StringComparison.Ordinal)
        );
        Assert.Contains(
            RunReader.Open(alone.Path).ReadSessions(),
            session => session.Kind == "forked" && session.Detail!.Contains("does not exist", StringComparison.Ordinal)
        );
        Assert.DoesNotContain(RunReader.Open(forked.Path).ReadTimings(), timing => timing.Step < at);
    }

    [Fact]
    public void The_line_of_its_provenance_is_all_that_a_fork_has_beyond_a_run_without_a_parent()
    {
        using var folder = new TemporaryFolder();
        Parent(folder, At);
        var forked = Go(folder["runs"], Child(At));
        var plain = Go(folder["plain"], Child(At) with { Fork = null });
        AssertSame(plain, forked, path => path.Where(file => Path.GetFileName(file) != "events.jsonl"));
        Assert.Equal(
            File.ReadLines(plain.Events),
            File.ReadLines(forked.Events).Where(line => !line.Contains("\"kind\":\"fork\"", StringComparison.Ordinal))
        );
    }

    [Fact]
    public void A_fork_of_a_run_with_a_warmup_is_exact() =>
        A_fork_equals_a_run_from_its_initialisation(At, "training.warmup=30");

    [Fact]
    public void A_fork_with_bursts_in_training_time_is_exact() =>
        A_fork_equals_a_run_from_its_initialisation(At, "curvature.every_time=4", "training.evaluate_every=0");

    [Theory]
    [InlineData("polyak")]
    [InlineData("adam")]
    public void A_fork_of_a_rule_that_remembers_is_exact(string name) =>
        A_fork_equals_a_run_from_its_initialisation(At, $"optimizer.name={name}", "training.learning_rate=0.01");

    [Fact]
    public void A_fork_after_a_first_change_is_exact() =>
        A_fork_equals_a_run_from_its_initialisation(At, "training.schedule=[{step=11,learning_rate=0.9}]");

    [Fact]
    public void A_fork_that_keeps_sketches_where_its_parent_kept_vectors_is_exact_in_its_eigenvectors_too()
    {
        using var folder = new TemporaryFolder();
        Parent(folder, At);
        var child = Child(At) with { Keeping = Child(At).Keeping with { EigenvectorMegabytes = 0 } };
        AssertSame(Go(folder["alone"], child), Go(folder["runs"], child), RunFiles);
    }

    [Theory]
    [InlineData("gone")]
    [InlineData("damaged")]
    [InlineData("its lines are gone")]
    public void Without_a_sound_checkpoint_of_its_parent_a_fork_begins_at_its_initialisation_and_says_so(string what)
    {
        using var folder = new TemporaryFolder();
        var parent = Parent(folder, At);
        var checkpoint = Checkpoints.PathOf(parent, At);
        if (what == "gone")
            File.Delete(checkpoint);
        else if (what == "damaged")
            Damage(checkpoint);
        else
            File.WriteAllText(parent.Curvature, "");
        var forked = Go(folder["runs"], Child(At));
        Assert.Contains(
            RunReader.Open(forked.Path).ReadSessions(),
            session =>
                session.Kind == "forked"
                && session.Detail!.Contains("starts at its initialization", StringComparison.Ordinal)
        );
        AssertSame(Go(folder["alone"], Child(At)), forked, RunFiles);
    }

    [Fact]
    public void A_fork_whose_own_copy_is_damaged_takes_it_again()
    {
        using var folder = new TemporaryFolder();
        Parent(folder, At);
        var child = new RunFolder(Path.Combine(folder["runs"], Run.FolderName(Child(At))));
        using (var stop = new CancellationTokenSource())
            Assert.Equal(
                RunEnd.Interrupted,
                Run.Execute(Child(At), child, "test", new StopsAfterReadings(stop, 60), stop.Token)
            );
        foreach (var step in Checkpoints.Steps(child))
            Damage(Checkpoints.PathOf(child, step));
        AssertSame(Go(folder["alone"], Child(At)), Go(folder["runs"], Child(At)), RunFiles);
        var sessions = RunReader.Open(child.Path).ReadSessions();
        Assert.Equal(2, sessions.Count(session => session.Kind == "forked"));
        Assert.Contains(
            sessions,
            session => session.Kind == "skipped" && session.Detail!.Contains("checksum", StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData("training.learning_rate=0.6", "learning_rate = 0.7 there, learning_rate = 0.6 here")]
    [InlineData("seed=4", "seed = 0 there, seed = 4 here")]
    [InlineData("curvature.pairs=3", "pairs = 2 there, pairs = 3 here")]
    public void A_parent_that_is_another_run_before_the_fork_is_refused_with_the_difference(string other, string said)
    {
        using var folder = new TemporaryFolder();
        Parent(folder, At);
        var error = Assert.Throws<SpecException>(() =>
            Go(folder["runs"], Child(At, other) with { Fork = Child(At).Fork })
        );
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../else")]
    [InlineData("/etc")]
    [InlineData("..")]
    public void A_parent_is_beside(string parent) =>
        Assert.Contains(
            Assert
                .Throws<SpecException>(() => SpecReader.Read("quick", [$"fork.parent={parent}", "fork.step=3"]))
                .Mistakes,
            mistake => mistake.Where == "fork.parent"
        );

    private static RunSpec CreateSpec(string name, string[] more) =>
        SpecReader.Read("quick", [.. Sets, .. more, $"name={name}"]);

    private static RunFolder Parent(TemporaryFolder folder, int at, params string[] more) =>
        Go(
            folder["runs"],
            CreateSpec("parent", more) is var spec
                ? spec with
                {
                    Keeping = spec.Keeping with { CheckpointAt = [at], KeepCheckpoints = 0 },
                }
                : spec
        );

    private static RunSpec Child(int at, params string[] more)
    {
        var spec = CreateSpec("child", more);
        return spec with
        {
            Fork = new ForkSpec { Parent = Run.FolderName(CreateSpec("parent", more)), Step = at },
            Training = spec.Training with { Schedule = [.. spec.Training.Schedule, new RateChange(at, 0.2)] },
        };
    }

    private static RunFolder Go(string runs, RunSpec spec)
    {
        var folder = new RunFolder(Path.Combine(runs, Run.FolderName(spec)));
        Assert.Equal(RunEnd.Done, Run.Execute(spec, folder, "test", TimeProvider.System, CancellationToken.None));
        return folder;
    }

    private static void Damage(string path)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[^9] ^= 0x40;
        File.WriteAllBytes(path, bytes);
    }

    private static IEnumerable<string> RunFiles(IEnumerable<string> files) => files;

    private static void AssertSame(
        RunFolder expected,
        RunFolder actual,
        Func<IEnumerable<string>, IEnumerable<string>> chosen
    )
    {
        string[] files = [.. expected.Replayed, expected.Summary, .. Directory.GetFiles(expected.Eigenvectors)];
        Assert.Equal(
            Directory.GetFiles(expected.Eigenvectors).Select(Path.GetFileName).Order(),
            Directory.GetFiles(actual.Eigenvectors).Select(Path.GetFileName).Order()
        );
        foreach (var file in chosen(files))
            Assert.True(
                Bytes(file)
                    .AsSpan()
                    .SequenceEqual(Bytes(Path.Combine(actual.Path, Path.GetRelativePath(expected.Path, file)))),
                Path.GetFileName(file)
            );

        // The seal of events.jsonl holds the line of provenance, which is compared where it is.
        byte[] Bytes(string file)
        {
            if (Path.GetFileName(file) != Path.GetFileName(expected.Summary))
                return File.ReadAllBytes(file);
            var summary = RunJson.Read<SummaryRecord>(File.ReadAllBytes(file))!;
            return RunJson.ToLine(
                summary with
                {
                    Files = [.. summary.Files!.Where(seal => seal.Name != Path.GetFileName(expected.Events))],
                }
            );
        }
    }
}
