using Gyre.Lab.Measuring;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Lab.Theory;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.Running;

/// <summary>Runs whose measurements follow the training.</summary>
public sealed class FollowRunTests : IDisposable
{
    private static readonly string[] Sets =
    [
        "data.samples=60",
        "data.subset=first",
        "model.widths=[12,12]",
        "threads=1",
        "training.learning_rate=0.9",
        "training.steps=60",
        "curvature.pairs=2",
        "curvature.every=10",
        "training.evaluate_every=20",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData]
    [InlineData("curvature.at=midpoint")]
    [InlineData("optimizer.name=adam", "training.learning_rate=0.02")]
    [InlineData("optimizer.name=sgd", "optimizer.batch=20")]
    [InlineData("intervention.name=bulk-only", "intervention.when=instability", "intervention.pairs=2")]
    public void Following_changes_no_step(params string[] more)
    {
        var (with, without) = (
            Go("with", [.. Sets, .. more]),
            Go("without", [.. Sets, .. more, "curvature.follow=false"])
        );
        Assert.Equal(File.ReadAllBytes(without.Folder.Steps), File.ReadAllBytes(with.Folder.Steps));
        Assert.Contains(with.ReadCurvature(), record => record.Follow is not null);
        Assert.DoesNotContain(without.ReadCurvature(), record => record.Follow is not null);
        // Regular measurements lie where they always do.
        Assert.Equal(
            without.ReadCurvature().Select(record => (record.Step, record.Burst)),
            with.ReadCurvature().Where(record => record.Follow is null).Select(record => (record.Step, record.Burst))
        );
        Assert.Equal(
            without.ReadCurvature().Where(record => record.StartsBurst()).Select(record => record.Drift?.Lag),
            with.ReadCurvature().Where(record => record.StartsBurst()).Select(record => record.Drift?.Lag)
        );
    }

    [Theory]
    [InlineData]
    [InlineData("curvature.at=midpoint")]
    [InlineData("curvature.every_time=9")]
    public void A_run_stopped_again_and_again_follows_as_one_left_alone(params string[] more)
    {
        var whole = Go("whole", [.. Sets, .. more]);
        Assert.Contains(whole.ReadCurvature(), record => record.Across is not null);
        var spec = SpecReader.Read("quick", [.. Sets, .. more]);
        var sessions = 0;
        for (var end = RunEnd.Interrupted; end == RunEnd.Interrupted && sessions < 60; sessions++)
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
        Assert.InRange(sessions, 8, 59);
        RunBytes.AssertSame(whole.Folder, new RunFolder(_folder["stopped"]));
    }

    [Fact]
    public void Rotations_are_given_wherever_the_step_to_compare_with_was_measured()
    {
        var run = Go("run", Sets);
        var steps = run.ReadCurvature().Select(record => record.Step).ToHashSet();
        Assert.All(
            run.ReadCurvature(),
            record =>
                Assert.Equal(
                    (steps.Contains(record.Step - 1), steps.Contains(record.Step - 2)),
                    (record.Flip?.Lag == 1, record.DriftPerBounce?.Lag == 2)
                )
        );
        var summary = run.ReadSummary()!.FollowUps!;
        Assert.Equal(
            (
                run.ReadCurvature().Count(record => record.Follow is not null),
                run.ReadCurvature().Where(record => record.Follow is null).Sum(record => (long)record.Products)
            ),
            (summary.Count, summary.RegularProducts)
        );
        Assert.True(summary.Products <= 2 * summary.RegularProducts);
    }

    /// <summary>
    /// The exact network: the turn of v1 across the instability is that of the closed forms, from the measurement
    /// before the onset (or the onset) to the resolution.
    /// </summary>
    [Theory]
    [InlineData(3.01, 0.299, 0.261, 0)] // above the threshold from the start
    [InlineData(2.5, 0.1, 0.315, 1)] // below it at first
    public void The_turn_across_an_instability_is_that_of_the_closed_form(double x, double y, double eta, long onset)
    {
        var run = Go(
            "exact",
            [
                "threads=1",
                "curvature.angle_tolerance=1e-8",
                FormattableString.Invariant($"model.start=[{x}, {y}]"),
                FormattableString.Invariant($"training.learning_rate={eta}"),
            ],
            "diagonal"
        );
        var exact = ExactDescent.Follow(new DiagonalLinearNetwork(2, [1]), [x, y], eta, 100);
        var points = exact.Points.ToDictionary(point => point.Step);
        Assert.Equal(onset, run.ReadSummary()!.Cycles[0].Onset);
        Assert.NotNull(run.ReadSummary()!.Cycles[0].Across);
        foreach (var cycle in run.ReadSummary()!.Cycles.Where(cycle => cycle.Resolution is not null))
        {
            var (before, after) = (
                points[Math.Max(0, cycle.Onset - 1)].Pairs[0].Vector,
                points[cycle.Resolution!.Value].Pairs[0].Vector
            );
            Assert.Equal((int)(cycle.Resolution.Value - Math.Max(0, cycle.Onset - 1)), cycle.Across!.Lag);
            Assert.Equal(1 - Math.Pow(before.Zip(after, (a, b) => a * b).Sum(), 2), cycle.Across.Rotation, 1e-7);
            Assert.InRange(cycle.Across.Rotation, cycle.Across.Low - 1e-9, cycle.Across.High + 1e-9);
        }
        Assert.Equal(
            run.ReadSummary()!.Cycles.Count(cycle => cycle.Across is not null),
            run.ReadEvents().Count(happened => happened.Detail?.Contains("across it", StringComparison.Ordinal) == true)
        );
    }

    [Fact]
    public void A_rise_where_nothing_was_measured_is_counted()
    {
        var spec = SpecReader.Read("quick", ["training.steps=40"]);
        StepRecord[] steps =
        [
            .. Enumerable.Range(0, 41).Select(step => new StepRecord(step, step is 15 or 32 ? 2 : 1, 1, 1, 0.5)),
        ];
        var measured = Go("some", Sets).ReadCurvature()[0];
        CurvatureRecord[] curvature =
        [
            measured with
            {
                Step = 0,
                Sharpness = 1,
            },
            measured with
            {
                Step = 31,
                Sharpness = 9,
                Threshold = 4,
            },
            measured with
            {
                Step = 33,
                Sharpness = 1,
                Threshold = 4,
            },
        ];
        Assert.Equal(new LossRiseSummary(2, 1, 1), RunSummary.Create(spec, steps, curvature, null, 1, 1).LossRises);
        Assert.Null(
            RunSummary
                .Create(spec, [.. steps.Where(step => step.Step % 2 == 0)], [measured with { Step = 0 }], null, 1, 1)
                .LossRises
        );
    }

    [Fact]
    public void Runs_that_follow_nothing_keep_the_ids_they_had()
    {
        var off = SpecReader.Read("quick", ["threads=2", "curvature.follow=false"]);
        Assert.Equal(
            SpecText.Id(off),
            SpecText.Id(SpecReader.Read("quick", ["threads=2", "curvature.follow=false", "curvature.follow_budget=1"]))
        );
        Assert.NotEqual(SpecText.Id(off), SpecText.Id(SpecReader.Read("quick", ["threads=2"])));
        Assert.NotEqual(
            SpecText.Id(SpecReader.Read("quick", ["threads=2", "curvature.follow_budget=1"])),
            SpecText.Id(SpecReader.Read("quick", ["threads=2"]))
        );
    }

    private RunReader Go(string name, string[] sets, string preset = "quick")
    {
        Assert.Equal(
            RunEnd.Done,
            Run.Execute(
                SpecReader.Read(preset, sets),
                new RunFolder(_folder[name]),
                "test",
                TimeProvider.System,
                CancellationToken.None
            )
        );
        return RunReader.Open(_folder[name]);
    }
}
