using System.Globalization;
using CsCheck;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Lab.Sweeps;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.Sweeps;

public class SweepPlannerTests
{
    private static readonly string[] Moments = ["step=3", "step=20", "time=0.5", "time=2"];
    private static readonly string[] NewRates =
    [
        "factor=0.5",
        "factor=0.03",
        "learning_rate=0.001",
        "edge_units=0.002",
    ];

    /// <summary>
    /// Any small sweep: rates absolute or in edge units, another axis, seeds, reductions of every kind.
    /// </summary>
    private static readonly Gen<string[]> AnySweep =
        from edges in Gen.Bool
        from rates in Gen.Int[1, 40].HashSet[1, 4]
        from pairs in Gen.Int[1, 4].HashSet[1, 3]
        from seeds in Gen.Int[0, 50].HashSet[1, 4]
        from moment in Gen.Int[0, 3].Select(at => Moments[at])
        from rate in Gen.Int[0, 3].Select(at => NewRates[at])
        from reduced in Gen.Bool
        select (string[])
            [
                "training.steps=30",
                "curvature.basis=8",
                $"sweep.seeds=[{string.Join(",", seeds)}]",
                $"sweep.axes.curvature.pairs=[{string.Join(",", pairs)}]",
                $"sweep.axes.training.learning_rate={RateAxis(rates, edges ? "edge" : "absolute")}",
                reduced ? $"sweep.reductions=[{{{moment},{rate}}}]" : "sweep.reductions=[]",
            ];

    private static string RateAxis(IEnumerable<int> fortieths, string unit)
    {
        var values = fortieths.Select(rate => (rate / 40.0).ToString(CultureInfo.InvariantCulture));
        return $"{{values=[{string.Join(",", values)}],unit=\"{unit}\"}}";
    }

    [Fact]
    public void Cells_are_unique_parents_come_before_their_forks_and_every_group_has_every_seed() =>
        AnySweep.Sample(
            sets =>
            {
                var sweep = SweepSpecReader.Read("quick", sets);
                if (TryPlan(sweep) is not { } plan)
                    return;
                var folders = plan.Cells.Select(cell => cell.Record.Folder).ToArray();
                Assert.Equal(folders.Length, folders.Distinct().Count());
                for (var i = 0; i < folders.Length; i++)
                {
                    var (record, spec) = (plan.Cells[i].Record, plan.Cells[i].Spec);
                    Assert.Equal(record.Folder, Run.FolderName(spec));
                    Assert.Equal(
                        (record.Seed, record.LearningRate, record.Parent, record.ForkStep),
                        (spec.Seed, spec.Training.LearningRate, spec.Fork?.Parent, spec.Fork?.Step)
                    );
                    if (record.Parent is null)
                        continue;
                    var parent = Array.IndexOf(folders, record.Parent);
                    Assert.InRange(parent, 0, i - 1);
                    Assert.Contains((int)record.ForkStep!, plan.Cells[parent].Spec.Keeping.CheckpointAt);
                    Assert.Equal(
                        new RateChange((int)record.ForkStep, record.ReducedTo!.Value),
                        Assert.Single(spec.Training.Schedule)
                    );
                    Assert.True(record.ReducedTo < record.LearningRate);
                }
                // A moment given as time may lie after the end for one seed and not for another, as may a rate in
                // another unit: those forks alone may miss seeds.
                foreach (
                    var group in plan.Cells.Where(cell => cell.Record.Parent is null).GroupBy(cell => cell.Record.Group)
                )
                    Assert.Equal(sweep.Seeds, group.Select(cell => cell.Record.Seed));
                Assert.Equal(
                    sweep.Axes.Aggregate(1, (count, axis) => count * axis.Values.Count),
                    plan.Cells.Where(cell => cell.Record.Parent is null)
                        .Select(cell => cell.Record.Group)
                        .Distinct()
                        .Count()
                );
            },
            iter: 60
        );

    [Fact]
    public void Adding_a_value_a_seed_or_a_reduction_only_adds_folders()
    {
        string[] plain = ["sweep.seeds=2", "sweep.axes.training.learning_rate={values=[0.1,0.4],unit=\"edge\"}"];
        var before = Folders(plain);
        foreach (
            var more in new[]
            {
                "sweep.seeds=3",
                "sweep.axes.training.learning_rate=[0.1,0.2,0.4]",
                "sweep.reductions=[{step=7,factor=0.5}]",
                "sweep.retries=4",
                "run.keep_checkpoints=9",
            }
        )
            Assert.Subset(Folders([.. plain, more]).ToHashSet(), before.ToHashSet());
        Assert.Equal(6, Folders([.. plain, "sweep.seeds=3"]).Count);
        Assert.Equal(8, Folders([.. plain, "sweep.reductions=[{step=7,factor=0.5}]"]).Count);
    }

    [Fact]
    public void Edge_units_are_of_each_seeds_own_sharpness_to_four_digits_and_name_the_group()
    {
        var sweep = SweepSpecReader.Read(
            "quick",
            [
                "sweep.seeds=2",
                "sweep.axes.training.learning_rate={values=[0.4],unit=\"edge\"}",
                "sweep.reductions=[{step=20,factor=0.1}]",
            ]
        );
        var plan = SweepPlanner.Plan(sweep, 1, Made(sweep, seed => seed == 0 ? 3.7 : 12.9), "");
        // 0.4·2/3.7 and 0.4·2/12.9
        Assert.Equal([0.2162, 0.2162, 0.06202, 0.06202], plan.Cells.Select(cell => cell.Record.LearningRate));
        Assert.Equal(
            [
                "0.4 edge units",
                "0.4 → 0.04 edge units at step 20",
                "0.4 edge units",
                "0.4 → 0.04 edge units at step 20",
            ],
            plan.Cells.Select(cell => cell.Record.Group)
        );
        Assert.Equal([null, 0.02162, null, 0.006202], plan.Cells.Select(cell => cell.Record.ReducedTo));
        Assert.Equal(0.4, plan.Cells[0].Record.EdgeUnits, 3);
        Assert.Equal(0.04, plan.Cells[3].Record.ReducedToEdgeUnits!.Value, 4);
    }

    [Theory]
    [InlineData("{values=[0.5],unit=\"edge\"}", "{time=2,edge_units=0.05}", "0.5 → 0.05 edge units at time 2")]
    [InlineData("{values=[0.5],unit=\"edge\"}", "{step=9,learning_rate=0.01}", "0.5 edge units → eta 0.01 at step 9")]
    [InlineData("[0.123456]", "{step=9,learning_rate=0.0123}", "eta 0.123456 → 0.0123 at step 9")]
    [InlineData("[0.3]", "{step=9,factor=0.3}", "eta 0.3 → 0.09 at step 9")]
    [InlineData("[0.3]", "{time=1.25,edge_units=0.02}", "eta 0.3 → 0.02 edge units at time 1.25")]
    public void A_reduction_is_named_by_what_was_given(string axis, string reduction, string name)
    {
        var sweep = SweepSpecReader.Read(
            "quick",
            [$"sweep.axes.training.learning_rate={axis}", $"sweep.reductions=[{reduction}]"]
        );
        Assert.Equal(name, SweepPlanner.Plan(sweep, 1, Made(sweep, _ => 4), "").Cells[1].Record.Group);
    }

    [Fact]
    public void A_moment_in_training_time_is_the_step_at_which_it_is_reached_warmup_and_all()
    {
        var sweep = SweepSpecReader.Read(
            "quick",
            [
                "training.time=8",
                "training.warmup=10",
                "sweep.axes.training.learning_rate=[0.4]",
                "sweep.reductions=[{time=4,factor=0.5}]",
            ]
        );
        var fork = SweepPlanner.Plan(sweep, 1, Made(sweep, _ => 4), "").Cells[1];
        Assert.Equal(15, fork.Record.ForkStep); // the warmup is worth 0.4·5.5 = 2.2, five more steps make 4.2
        Assert.Equal(15 + 19, fork.Spec.Training.Steps); // 3.8 left at 0.2
    }

    [Fact]
    public void Parents_say_which_cells_branch()
    {
        var plan = SweepPlanner.Plan(
            SweepSpecReader.Read(
                "quick",
                [
                    "sweep.axes.training.learning_rate=[0.1,0.2,0.4]",
                    "sweep.reductions=[{step=9,learning_rate=0.05,parents=[0.4]},{step=5,learning_rate=0.15}]",
                ]
            ),
            1,
            None,
            ""
        );
        Assert.Equal(
            [
                "eta 0.1",
                "eta 0.2",
                "eta 0.2 → 0.15 at step 5",
                "eta 0.4",
                "eta 0.4 → 0.05 at step 9",
                "eta 0.4 → 0.15 at step 5",
            ],
            plan.Cells.Select(cell => cell.Record.Group)
        );
    }

    [Theory]
    // the other of the same moment has
    [InlineData("sweep.reductions=[{step=9,learning_rate=0.5},{step=9,factor=0.5}]", "at step 9 has no cell")]
    [InlineData("sweep.reductions=[{step=60,factor=0.5}]", "after the end")]
    [InlineData("sweep.axes.data.name=[\"fashion-mnist\",\"digits\"]", "sweep.axes.data.name")]
    public void What_cannot_be_laid_out_is_refused(string set, string said) =>
        Assert.Contains(
            said,
            Assert
                .Throws<SpecException>(() => SweepPlanner.Plan(SweepSpecReader.Read("quick", [set]), 1, None, ""))
                .Message,
            StringComparison.Ordinal
        );

    /// <summary>What no sharpness could change is said before any is measured.</summary>
    [Theory]
    [InlineData("training.time=10", "{values=[0.5,1],unit=\"edge\"}", "[{time=20,factor=0.1}]")]
    [InlineData("training.time=10", "{values=[0.5,1],unit=\"edge\"}", "[{time=10,factor=0.1},{time=5,factor=0.1}]")]
    [InlineData("training.steps=30", "{values=[0.5,1],unit=\"edge\"}", "[{step=30,factor=0.1}]")]
    [InlineData("training.steps=30", "{values=[0.5,1],unit=\"edge\"}", "[{step=10,edge_units=1}]")]
    [InlineData("training.steps=30", "{values=[0.5,1],unit=\"edge\"}", "[{step=10,edge_units=0.7,parents=[0.5]}]")]
    [InlineData("training.edge_rate=0.9", "{values=[0.5,1],unit=\"edge\"}", "[{step=10,factor=0.1}]")]
    [InlineData("training.steps=30", "[0.1]", "[{time=3,edge_units=0.1}]")]
    [InlineData("training.steps=30", "[0.1]", "[{step=3,learning_rate=0.1}]")]
    public void A_reduction_that_no_cell_can_take_is_refused_before_anything_is_measured(
        string length,
        string rates,
        string reductions
    )
    {
        var sweep = SweepSpecReader.Read(
            "quick",
            [length, $"sweep.axes.training.learning_rate={rates}", $"sweep.reductions={reductions}"]
        );
        var mistake = Assert.Single(
            Assert.Throws<SpecException>(() => SweepPlanner.SpecsToCalibrate(sweep, 1)).Mistakes
        );
        Assert.Contains("has no cell to branch from", mistake.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reduction_that_some_sharpness_gives_a_cell_is_not_refused_beforehand()
    {
        var any =
            from sets in AnySweep
            from time in Gen.Int[1, 30]
            from timed in Gen.Bool
            select timed ? [.. sets, $"training.time={time}"] : sets;
        any.Sample(
            sets =>
            {
                var sweep = SweepSpecReader.Read("quick", sets);
                var probes = Made(sweep with { Reductions = [] }, seed => 3 + 0.1234567 * seed);
                if (Record.Exception(() => SweepPlanner.SpecsToCalibrate(sweep, 1)) is { } refused)
                    Assert.Equal(
                        refused.Message,
                        Assert.Throws<SpecException>(() => SweepPlanner.Plan(sweep, 1, probes, "")).Message
                    );
            },
            iter: 100
        );
    }

    [Fact]
    public void Without_an_edge_there_is_no_plan_in_edge_units()
    {
        var sweep = SweepSpecReader.Read("quick", ["sweep.axes.training.learning_rate={values=[0.4],unit=\"edge\"}"]);
        Assert.Contains(
            "has no threshold rate",
            Assert.Throws<SpecException>(() => SweepPlanner.Plan(sweep, 1, Made(sweep, _ => -1), "")).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_probe_is_needed_once_for_each_start_whatever_the_rates_and_their_schedule()
    {
        var sweep = SweepSpecReader.Read(
            "quick",
            [
                "sweep.seeds=3",
                "sweep.axes.training.learning_rate={values=[0.1,0.2],unit=\"edge\"}",
                "sweep.axes.model.widths=[[8],[16]]",
                "sweep.axes.curvature.every=[5,10]",
                "training.time=50",
                "training.schedule=[{step=400,learning_rate=0.1}]",
            ]
        );
        var probes = SweepPlanner.SpecsToCalibrate(sweep, 1);
        Assert.Equal(6, probes.Count);
        Assert.Equal(6, probes.Select(Calibration.Id).Distinct().Count());
        Assert.Equal(24, SweepPlanner.Plan(sweep, 1, Made(sweep, _ => 40), "").Cells.Count);
    }

    [Fact]
    public void The_estimate_is_the_sum_of_what_the_probe_measured()
    {
        // 60 updates, bursts of 3 at 0, 10, …, 50, and the last step: 19 measurements; test set at 0, 10, …, 60.
        var sweep = SweepSpecReader.Read(
            "quick",
            ["training.steps=60", "sweep.axes.training.learning_rate=[0.5]", "sweep.reductions=[{step=20,factor=0.5}]"]
        );
        var plan = SweepPlanner.Plan(
            sweep,
            1,
            SweepPlanner.SpecsToCalibrate(sweep, 1).ToDictionary(Calibration.Id, spec => Sample(spec)),
            ""
        );
        Assert.Equal(7 + 60 * 0.01 + 19 + 7 * 0.1, plan.Cells[0].Seconds, 9);
        Assert.Equal(plan.Cells[0].Seconds, plan.Cells[1].SecondsAlone, 9);
        Assert.Equal(7 + 40 * 0.01 + 13 + 5 * 0.1, plan.Cells[1].Seconds, 9);
        Assert.True(double.IsNaN(SweepPlanner.Plan(sweep, 1, None, "").Seconds));
        // a probe of an earlier version does not say
        Assert.All(plan.Cells, cell => Assert.True(double.IsNaN(cell.Bytes)));
    }

    [Fact]
    public void The_most_memory_of_a_probe_is_that_of_its_cells_and_of_their_forks()
    {
        var sweep = SweepSpecReader.Read(
            "quick",
            [
                "training.steps=60",
                "sweep.seeds=2",
                "sweep.axes.training.learning_rate=[0.5]",
                "sweep.reductions=[{step=20,factor=0.5}]",
            ]
        );
        var plan = SweepPlanner.Plan(
            sweep,
            1,
            SweepPlanner
                .SpecsToCalibrate(sweep, 1)
                .ToDictionary(Calibration.Id, spec => Sample(spec) with { PeakBytes = 100 + spec.Seed }),
            ""
        );
        Assert.Equal([100, 100, 101, 101], plan.Cells.Select(cell => cell.Bytes));
    }

    [Fact]
    public void A_ladder_is_a_large_rate_a_small_one_and_what_lies_between()
    {
        string[] time = ["training.time=8", "curvature.every_time=1", "sweep.seeds=2"];
        var sweep = SweepSpecReader.Read(
            "quick",
            [
                .. time,
                "sweep.ladder={large=0.5,small=[0.1,0.05],moments=[0,4,2],unit=\"edge\",until={loss=0.2}}",
                "sweep.axes.training.learning_rate={values=[0.2,0.05],unit=\"edge\"}",
            ]
        );
        var plan = SweepPlanner.Plan(sweep, 1, Made(sweep, _ => 4), "");
        string[] groups =
        [
            "0.05 edge units",
            "0.1 edge units",
            "0.2 edge units",
            "0.5 edge units",
            "0.5 → 0.1 edge units at time 2",
            "0.5 → 0.1 edge units at time 4",
            "0.5 → 0.05 edge units at time 2",
            "0.5 → 0.05 edge units at time 4",
        ];
        Assert.Equal([.. groups, .. groups], plan.Cells.Select(cell => cell.Record.Group));
        // The condition is the branches' alone: the rates throughout are what they are compared with at equal time.
        Assert.All(
            plan.Cells,
            cell => Assert.Equal(cell.Record.Parent is null ? 0 : 0.2, cell.Spec.Training.Until.Loss)
        );
        // With the same rates in another sweep nothing is trained twice.
        var plain = SweepSpecReader.Read(
            "quick",
            [
                .. time,
                "sweep.reductions=[{time=2,edge_units=0.1,parents=[0.5]},{time=4,edge_units=0.1,parents=[0.5]}]",
                "sweep.axes.training.learning_rate={values=[0.1,0.5],unit=\"edge\"}",
            ]
        );
        Assert.Subset(
            plan.Cells.Where(cell => cell.Record.Parent is null).Select(cell => cell.Record.Folder).ToHashSet(),
            SweepPlanner
                .Plan(plain, 1, Made(plain, _ => 4), "")
                .Cells.Where(cell => cell.Record.Parent is null)
                .Select(cell => cell.Record.Folder)
                .ToHashSet()
        );
    }

    [Theory]
    [InlineData(
        "{large=0.9,small=0.6,moments=[2]}",
        "sweep.ladder.small",
        "0.6 is not below the threshold at the start, which is 0.5 at seed 0"
    )] // 2/4
    [InlineData(
        "{large=0.4,small=0.1,moments=[2.1,2.2]}",
        "sweep.ladder.moments",
        "2.1 and 2.2 are one step, 6, at eta = 0.4"
    )]
    public void What_only_the_sharpness_at_the_start_tells_of_a_ladder_is_refused_in_the_plan(
        string ladder,
        string where,
        string said
    )
    {
        var sweep = SweepSpecReader.Read("quick", ["training.time=8", $"sweep.ladder={ladder}"]);
        var error = Assert.Throws<SpecException>(() => SweepPlanner.Plan(sweep, 1, Made(sweep, _ => 4), ""));
        Assert.Contains(
            error.Mistakes,
            mistake => mistake.Where == where && mistake.Problem.StartsWith(said, StringComparison.Ordinal)
        );
    }

    private static IReadOnlyDictionary<string, CalibrationRecord> None { get; } =
        new Dictionary<string, CalibrationRecord>();

    private static Dictionary<string, CalibrationRecord> Made(SweepSpec sweep, Func<int, double> sharpness) =>
        SweepPlanner
            .SpecsToCalibrate(sweep, 1)
            .ToDictionary(
                Calibration.Id,
                spec =>
                    SampleRecords.Calibration(Calibration.Id(spec), sharpness(spec.Seed)) with
                    {
                        SharpnessResidual = 0.001,
                        GradientSeconds = 0.001,
                        MeasurementSeconds = 0.01,
                        EvaluationSeconds = 0.01,
                    }
            );

    private static CalibrationRecord Sample(RunSpec spec) =>
        SampleRecords.Calibration(Calibration.Id(spec)) with
        {
            MeasurementSeconds = 1,
            StartSeconds = 7,
        };

    private static List<string> Folders(string[] sets)
    {
        var sweep = SweepSpecReader.Read("quick", sets);
        return
        [
            .. SweepPlanner
                .Plan(sweep, 1, Made(sweep, seed => 3 + 0.1234567 * seed), "")
                .Cells.Select(cell => cell.Record.Folder),
        ];
    }

    /// <summary>Null where no cell has a rate above the reduced one: that is refused, and is another test's.</summary>
    private static SweepPlan? TryPlan(SweepSpec sweep)
    {
        try
        {
            return SweepPlanner.Plan(sweep, 1, Made(sweep, seed => 3 + 0.1234567 * seed), "");
        }
        catch (SpecException error)
            when (error.Mistakes.All(mistake =>
                    mistake.Problem.Contains("no cell to branch from", StringComparison.Ordinal)
                )
            )
        {
            return null;
        }
    }
}
