using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Tests.TestKit;
using Gyre.Torch;

namespace Gyre.Tests.Lab.Running;

/// <summary>
/// A run that no longer fits into memory goes on from its checkpoint with smaller chunks: another run, that says of
/// what it is the continuation.
/// </summary>
public sealed class OtherChunkTests : IDisposable
{
    private const int At = 4;

    private static readonly string[] Sets =
    [
        "data.name=two-moons",
        "data.samples=60",
        "model.widths=[8]",
        "threads=1",
        "training.steps=9",
        "training.learning_rate=0.3",
        "curvature.every=3",
        "curvature.burst=2",
        "curvature.pairs=2",
        "training.evaluate_every=5",
        "objective.chunk=60",
        $"run.checkpoint_at=[4]",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void It_has_its_parents_first_part_byte_for_byte_and_goes_on_to_rounding()
    {
        var parent = Go(Spec());
        var child = Go(Child(parent, 7));
        var (ours, theirs) = (RunReader.Open(child.Path), RunReader.Open(parent.Path));

        Assert.Equal(File.ReadLines(parent.Steps).Take(At), File.ReadLines(child.Steps).Take(At));
        Assert.Equal(theirs.ReadSteps().Count, ours.ReadSteps().Count);
        Assert.All(
            theirs.ReadSteps().Zip(ours.ReadSteps()),
            pair => Assert.Equal(pair.First.Loss, pair.Second.Loss, 1e-4 * pair.First.Loss)
        );
        Assert.NotEqual(theirs.ReadSteps()[^1].Loss, ours.ReadSteps()[^1].Loss); // the sums round otherwise: it is not the same run
        Assert.Equal(
            $"the earlier steps are those of {Path.GetFileName(parent.Path)}, whose sums ran over other chunks",
            ours.ReadEvents().Single(happened => happened.Kind == "fork").Detail
        );
    }

    [Fact]
    public void Its_id_is_neither_its_parents_nor_that_of_a_run_which_had_the_chunk_from_the_start()
    {
        var parent = Spec();
        var fork = new ForkSpec
        {
            Parent = Run.FolderName(parent),
            Step = At,
            OtherChunk = true,
        };
        var child = Spec("objective.chunk=7") with { Fork = fork };
        string[] ids =
        [
            SpecText.Id(parent),
            SpecText.Id(Spec("objective.chunk=7")),
            SpecText.Id(child),
            SpecText.Id(child with { Fork = fork with { Step = 5 } }),
            SpecText.Id(child with { Fork = fork with { Parent = "another" } }),
        ];
        Assert.Equal(5, ids.Distinct().Count());
        Assert.Equal(
            SpecText.Id(Spec("objective.chunk=7")),
            SpecText.Id(child with { Fork = fork with { OtherChunk = false } })
        ); // a fork that changes no result changes no id
    }

    [Fact]
    public void Stopped_and_resumed_it_ends_with_the_same_bytes()
    {
        var parent = Go(Spec());
        var whole = Go(Child(parent, 7));
        var stopped = new RunFolder(_folder["again/child"]);
        Directory.CreateDirectory(_folder["again"]);
        Directory.CreateSymbolicLink(Path.Combine(_folder["again"], Path.GetFileName(parent.Path)), parent.Path);
        var end = RunEnd.Interrupted;
        var sessions = 0;
        for (; end == RunEnd.Interrupted && sessions < 20; sessions++)
        {
            using var stop = new CancellationTokenSource();
            end = Run.Execute(Child(parent, 7), stopped, "test", new StopsAfterReadings(stop, 12), stop.Token);
        }
        Assert.True(sessions > 1);
        RunBytes.AssertSame(whole, stopped);
    }

    [Fact]
    public void Without_the_parent_or_its_checkpoint_or_with_anything_else_changed_it_is_refused_and_leaves_nothing()
    {
        var parent = Go(Spec());
        Refused(
            "does not exist",
            Child(parent, 7) with
            {
                Fork = new ForkSpec
                {
                    Parent = "nowhere",
                    Step = At,
                    OtherChunk = true,
                },
            }
        );
        Refused(
            $"has no checkpoint of step 3; it has ",
            Child(parent, 7) with
            {
                Fork = new ForkSpec
                {
                    Parent = Path.GetFileName(parent.Path),
                    Step = 3,
                    OtherChunk = true,
                },
            }
        );
        Refused(
            "learning_rate = 0.3 there, learning_rate = 0.2 here",
            Spec("objective.chunk=7", "training.learning_rate=0.2") with
            {
                Fork = new ForkSpec
                {
                    Parent = Path.GetFileName(parent.Path),
                    Step = At,
                    OtherChunk = true,
                },
            }
        );
        Assert.Contains(
            "fork.other_chunk",
            Assert.Throws<SpecException>(() => Spec("fork.other_chunk=true")).Message,
            StringComparison.Ordinal
        );

        void Refused(string words, RunSpec spec)
        {
            Assert.Contains(words, Assert.Throws<SpecException>(() => Go(spec)).Message, StringComparison.Ordinal);
            Assert.False(Directory.Exists(FolderOf(spec).Path));
        }
    }

    [Fact]
    public void The_sentence_of_a_run_without_memory_names_both_ways_on_and_the_second_works_as_it_stands()
    {
        var parent = Go(Spec());
        var words = RunMemoryException.MessageOf(
            Spec(),
            parent,
            new MemoryFault(MemoryPlace.Device, "CUDA out of memory. Tried to allocate 2.00 GiB")
        );
        Assert.StartsWith(
            "The memory of the device is not enough for the run: CUDA out of memory. Tried to allocate 2.00 GiB.",
            words,
            StringComparison.Ordinal
        );
        Assert.Contains("--set objective.cache_mb=512 with the same command", words, StringComparison.Ordinal);
        var command = words
            .Split('\n')
            .Single(line => line.Contains("gyre run", StringComparison.Ordinal))
            .Trim()
            .Split(':')[0]
            .Split(' ');
        Assert.Equal(["gyre", "run", parent.Spec, "--out", _folder["runs"]], command[..5]);
        var again = SpecReader.Read(command[2], [.. command[5..].Where(word => word != "--set")]);
        Assert.Equal(
            (15, Path.GetFileName(parent.Path), At, true),
            (again.Objective.Chunk, again.Fork!.Parent, again.Fork.Step, again.Fork.OtherChunk)
        );
    }

    private static RunSpec Child(RunFolder parent, int chunk) =>
        Spec(
            $"objective.chunk={chunk}",
            $"fork.parent={Path.GetFileName(parent.Path)}",
            $"fork.step={At}",
            "fork.other_chunk=true"
        );

    private static RunSpec Spec(params string[] more) => SpecReader.Read("quick", [.. Sets, .. more]);

    private RunFolder FolderOf(RunSpec spec) => new(Path.Combine(_folder["runs"], Run.FolderName(spec)));

    private RunFolder Go(RunSpec spec)
    {
        Assert.Equal(
            RunEnd.Done,
            Run.Execute(spec, FolderOf(spec), "test", TimeProvider.System, CancellationToken.None)
        );
        return FolderOf(spec);
    }
}
