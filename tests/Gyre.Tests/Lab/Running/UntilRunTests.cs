using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.Running;

/// <summary>Runs that end on a condition.</summary>
public sealed class UntilRunTests : IDisposable
{
    private static readonly string[] Sets =
    [
        "data.samples=60",
        "data.subset=first",
        "model.widths=[12,12]",
        "threads=1",
        "training.learning_rate=0.3",
        "training.steps=200",
        "curvature.pairs=2",
        "curvature.every=10",
        "training.evaluate_every=0",
        "run.checkpoint_every=1000",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("training.until.loss=0.4")]
    [InlineData("training.until.accuracy=0.9")]
    [InlineData("training.until.loss=1.0", "training.until.accuracy=0.9")]
    [InlineData("training.until.sharpness_fallen=0.9")]
    public void It_ends_a_step_after_the_condition_with_the_steps_of_a_run_that_goes_on(params string[] until)
    {
        var (whole, ended) = (Go("whole", Sets), Go("ended", [.. Sets, .. until]));
        var decided = ended.ReadEvents().Single(happened => happened.Kind == "until");
        Assert.InRange(decided.Step, 1, 150);
        Assert.Equal(decided.Step + 1, ended.ReadSteps()[^1].Step);
        Assert.Equal(
            (ended.ReadSteps()[^1].Step, $"{ended.ReadSummary()!.EndedBy}: the next step is the last"),
            (ended.ReadSummary()!.Steps, decided.Detail)
        );
        Assert.Null(whole.ReadSummary()!.EndedBy);
        Assert.Equal(whole.ReadSteps().Take(ended.ReadSteps().Count - 1), ended.ReadSteps().SkipLast(1));
        // The last step is evaluated as that of any run, and nothing before it held.
        Assert.NotNull(ended.ReadSteps()[^1].TestAccuracy);
        Assert.Equal(
            (whole.ReadSteps()[ended.ReadSteps().Count - 1].Loss, null),
            (ended.ReadSteps()[^1].Loss, ended.ReadSteps()[^1].UpdateNorm)
        );
        if (until[0].StartsWith("training.until.loss=0.4", StringComparison.Ordinal))
            Assert.Equal(decided.Step, whole.ReadSteps().First(step => step.Loss <= 0.4).Step);
    }

    [Fact]
    public void Stopped_again_and_again_it_ends_with_the_same_bytes()
    {
        string[] sets = [.. Sets, "training.until.loss=0.9", "training.until.sharpness_fallen=0.99"];
        var whole = Go("whole", sets);
        Assert.NotNull(whole.ReadSummary()!.EndedBy);
        var spec = SpecReader.Read("quick", sets);
        var sessions = 0;
        for (var end = RunEnd.Interrupted; end == RunEnd.Interrupted && sessions < 80; sessions++)
        {
            using var stop = new CancellationTokenSource();
            end = Run.Execute(
                spec,
                new RunFolder(_folder["stopped"]),
                "test",
                new StopsAfterReadings(stop, 17),
                stop.Token
            );
        }
        Assert.InRange(sessions, 5, 79);
        RunBytes.AssertSame(whole.Folder, new RunFolder(_folder["stopped"]));
    }

    /// <summary>
    /// Before the last change of the schedule nothing is looked at: a branch goes on with what its parent left.
    /// </summary>
    [Fact]
    public void It_is_looked_at_after_the_last_change_of_the_rate()
    {
        var run = Go("run", [.. Sets, "training.until.loss=1.5", "training.schedule=[{step=100,learning_rate=0.1}]"]);
        Assert.True(run.ReadSteps()[50].Loss < 1.5);
        Assert.Equal(101, run.ReadEvents().Single(happened => happened.Kind == "until").Step);
    }

    [Fact]
    public void A_condition_that_is_never_met_leaves_the_run_its_steps()
    {
        var run = Go("run", [.. Sets, "training.steps=30", "training.until.loss=1e-9"]);
        Assert.Equal((30L, null), (run.ReadSummary()!.Steps, run.ReadSummary()!.EndedBy));
        Assert.DoesNotContain(run.ReadEvents(), happened => happened.Kind == "until");
    }

    [Fact]
    public void A_fork_after_its_own_end_is_refused()
    {
        var parent = SpecReader.Read("quick", [.. Sets, "name=parent", "run.checkpoint_at=[120]"]);
        Run.Execute(
            parent,
            new RunFolder(_folder[Run.FolderName(parent)]),
            "test",
            TimeProvider.System,
            CancellationToken.None
        );
        var child = SpecReader.Read(
            "quick",
            [.. Sets, "name=child", "training.until.loss=1.0", $"fork.parent={Run.FolderName(parent)}", "fork.step=120"]
        );
        var error = Assert.Throws<SpecException>(() =>
            Run.Execute(
                child,
                new RunFolder(_folder[Run.FolderName(child)]),
                "test",
                TimeProvider.System,
                CancellationToken.None
            )
        );
        Assert.Contains(
            "fork.step: 120 is after the end of this run: the loss",
            error.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Runs_without_a_condition_keep_the_ids_they_had_and_conditions_make_others()
    {
        string IdOf(params string[] sets) => SpecText.Id(SpecReader.Read("quick", sets));
        Assert.Equal(IdOf("threads=1"), IdOf("threads=1", "training.until.loss=0"));
        Assert.NotEqual(IdOf("threads=1"), IdOf("threads=1", "training.until.loss=0.1"));
        Assert.NotEqual(IdOf("threads=1", "training.until.loss=0.2"), IdOf("threads=1", "training.until.loss=0.1"));
    }

    [Theory]
    [InlineData("training.until.loss=-1", "training.until.loss")]
    [InlineData("training.until.accuracy=1.5", "training.until.accuracy")]
    [InlineData("training.until.sharpness_fallen=2", "training.until.sharpness_fallen")]
    public void A_condition_that_cannot_be_met_is_refused(string set, string where, params string[] more) =>
        Assert.Contains(
            Assert.Throws<SpecException>(() => SpecReader.Read("quick", [set, .. more])).Mistakes,
            mistake => mistake.Where == where
        );

    [Fact]
    public void Accuracy_of_numbers_and_sharpness_that_is_not_measured_cannot_be_met()
    {
        A_condition_that_cannot_be_met_is_refused(
            "training.until.accuracy=0.9",
            "training.until.accuracy",
            "data.name=chebyshev",
            "objective.loss=squared-error"
        );
        A_condition_that_cannot_be_met_is_refused(
            "training.until.sharpness_fallen=0.9",
            "training.until.sharpness_fallen",
            "curvature.every=0"
        );
        A_condition_that_cannot_be_met_is_refused(
            "training.until.sharpness_fallen=0.9",
            "training.until.sharpness_fallen",
            "training.steps=60",
            "curvature.every=20",
            "training.schedule=[{step=45,factor=0.5}]"
        );
    }

    private RunReader Go(string name, string[] sets)
    {
        var spec = SpecReader.Read("quick", sets);
        Assert.Equal(
            RunEnd.Done,
            Run.Execute(spec, new RunFolder(_folder[name]), "test", TimeProvider.System, CancellationToken.None)
        );
        return RunReader.Open(_folder[name]);
    }
}
