using Gyre.Lab.Specs;
using Gyre.Lab.Sweeps;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.Sweeps;

public class SweepSpecReaderTests
{
    private const string FullOfMistakes = """
        [trainig]
        steps = 3
        [objective]
        chunk = 0
        [fork]
        parent = "other"
        [sweep]
        sead = 4
        seeds = [1, 1]
        retries = 1000
        reductions = [{ time = 3, step = 4, factor = 0.5 }, { time = 3, factor = 0.5, parents = [0.7] }]
        [sweep.axes]
        training.learning_rate = { from = 0.1, to = 0.4, cuont = 3 }
        model.activation = ["relu", "tahn"]
        model.widths = { from = 1, to = 2, count = 2 }
        data.samples = [100, 100]
        curvature.pair = [2]
        seed = [1, 2]
        objective.weight_decay = { values = [0.1], unit = "edge" }
        """;

    private static readonly double[] Tenfold = [0.01, 0.1, 1];

    [Fact]
    public void Every_mistake_is_reported_at_once_those_of_the_runs_and_of_the_axes_too()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["bad.toml"], FullOfMistakes);
        var error = Assert.Throws<SpecException>(() =>
            SweepSpecReader.Read(folder["bad.toml"], ["sweep.axes.objective.loss=squared-error"])
        );
        string[] expected =
        [
            "trainig.steps",
            "objective.chunk",
            "fork.parent",
            "fork.step",
            "sweep.sead",
            "sweep.seeds",
            "sweep.retries",
            "sweep.reductions",
            "sweep.axes.training.learning_rate.cuont",
            "sweep.axes.training.learning_rate.count",
            "sweep.axes.model.activation",
            "sweep.axes.model.widths",
            "sweep.axes.data.samples",
            "sweep.axes.curvature.pair",
            "sweep.axes.seed",
            "sweep.axes.objective.weight_decay",
            "--set sweep.axes.objective.loss",
        ];
        Assert.Empty(expected.Except(error.Mistakes.Select(mistake => mistake.Where)));
        Assert.Empty(error.Mistakes.Select(mistake => mistake.Where).Except([.. expected]));
        foreach (
            var said in new[]
            {
                "did you mean training.steps?",
                "did you mean sweep.seeds?",
                "did you mean curvature.pairs?",
                "has the value 100 twice",
                "is set by sweep.seeds",
                "\"tahn\" is not allowed; did you mean \"tanh\"?",
                "number 1, { time = 3, step = 4, factor = 0.5 }",
            }
        )
            Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ranges_are_spaced_as_said_between_ends_as_given()
    {
        Assert.Equal(Tenfold, Rates("{from=0.01,to=1,count=3}"));
        Assert.Equal([0.1, 0.4, 0.7, 1], Rates("{from=0.1,to=1,count=4,spacing=\"linear\"}"));
        // 10^(1/4) = 1.77828
        Assert.Equal([0.1, 0.1778, 0.3162, 0.5623, 1], Rates("{from=0.1,to=1,count=5,spacing=\"log\"}"));
        Assert.Equal([0.123456789, 0.06173, 0.0308641], Rates("{from=0.123456789,to=0.0308641,count=3}"));
    }

    [Fact]
    public void A_range_of_a_whole_number_is_of_whole_numbers() =>
        Assert.Equal(
            [100L, 316L, 1000L],
            Read("sweep.axes.data.samples={from=100,to=1000,count=3}").Axes.Single().Values
        );

    [Fact]
    public void Any_key_but_those_of_the_sweep_itself_can_vary()
    {
        foreach (var key in SpecSchema.Keys)
        {
            var own =
                key.Path is "name" or "seed" or "threads" or "fork.parent" or "fork.step"
                || key.Path.StartsWith("measured.", StringComparison.Ordinal);
            var value = key.Default switch
            {
                string word => $"\"{word}\"",
                bool flag => flag ? "true" : "false",
                IReadOnlyList<int> or IReadOnlyList<double> or IReadOnlyList<RateChange> => "[]",
                IFormattable number => number.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
                _ => "",
            };
            if (own)
                Assert.Throws<SpecException>(() => Read($"sweep.axes.{key.Path}=[{value}]"));
            else
                Assert.Equal(key.Path, Read($"sweep.axes.{key.Path}=[{value}]").Axes.Single().Key);
        }
    }

    [Theory]
    // a list takes the place of the range, the unit stays
    [InlineData("sweep.axes.training.learning_rate=[0.1,0.3]", new[] { 0.1, 0.3 }, true)]
    // a table takes the place of all
    [InlineData("sweep.axes.training.learning_rate={values=[0.1,0.3]}", new[] { 0.1, 0.3 }, false)]
    // a part takes the place of that part
    [InlineData("sweep.axes.training.learning_rate.count=2", new[] { 0.05, 0.8 }, true)]
    [InlineData("sweep.axes.training.learning_rate.unit=absolute", new[] { 0.05, 0.1, 0.2, 0.4, 0.8 }, false)]
    public void What_is_set_takes_the_place_of_what_the_preset_has(string set, double[] rates, bool edges)
    {
        var axis = SweepSpecReader.Read("rates", [set, "sweep.reductions=[]"]).Axes.Single();
        Assert.Equal(
            rates,
            axis.Values.Select(value => Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture))
        );
        Assert.Equal(edges, axis.InEdgeUnits);
    }

    [Fact]
    public void Seeds_are_a_number_from_the_specs_own_seed_on_or_a_list()
    {
        Assert.Equal([0], SweepSpecReader.Read("quick", []).Seeds);
        Assert.Equal([0, 1, 2], Read("sweep.seeds=3").Seeds);
        Assert.Equal([7, 8], SweepSpecReader.Read("quick", ["seed=7", "sweep.seeds=2"]).Seeds);
        Assert.Equal([5, 3], Read("sweep.seeds=[5,3]").Seeds);
    }

    [Theory]
    [InlineData("{step=5,factor=0.5}", true)]
    [InlineData("{step=5,learning_rate=0.05}", true)]
    [InlineData("{time=5,edge_units=0.5,parents=[0.5]}", true)]
    [InlineData("{time=5.5,factor=0.1}", true)]
    [InlineData("{step=5.5,factor=0.1}", false)]
    [InlineData("{step=0,factor=0.1}", false)]
    [InlineData("{step=5,factor=1}", false)]
    [InlineData("{step=5,factor=0.5,learning_rate=0.1}", false)]
    [InlineData("{step=5}", false)]
    [InlineData("{factor=0.5}", false)]
    [InlineData("{step=5,factor=0.5,parents=0.5}", false)]
    [InlineData("{step=5,factor=0.5,parnets=[0.5]}", false)]
    [InlineData("3", false)]
    public void A_reduction_is_one_moment_and_one_new_rate(string reduction, bool sound)
    {
        if (sound)
            Assert.Single(Read($"sweep.reductions=[{reduction}]").Reductions);
        else
            Assert.Equal(
                "sweep.reductions",
                Assert.Throws<SpecException>(() => Read($"sweep.reductions=[{reduction}]")).Mistakes.Single().Where
            );
    }

    [Fact]
    public void The_text_for_the_folder_is_a_sweep_again_and_says_what_was_set()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["mine.toml"], "name = \"mine\"\n[sweep]\nseeds = 2"); // without an end of line
        var text = SweepSpecReader.Read(folder["mine.toml"], ["data.samples=9"]).Text;
        File.WriteAllText(folder["again.toml"], text);
        Assert.Equal([0, 1], SweepSpecReader.Read(folder["again.toml"], []).Seeds);
        Assert.EndsWith("seeds = 2\n# --set data.samples=9\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_preset_that_is_a_sweep_is_one() =>
        Assert.All(SweepSpecReader.Presets, preset => Assert.NotEmpty(SweepSpecReader.Read(preset, []).Axes));

    private static SweepSpec Read(string set) => SweepSpecReader.Read("quick", [set]);

    private static IEnumerable<double> Rates(string axis) =>
        Read($"sweep.axes.training.learning_rate={axis}").Axes.Single().Values.Cast<double>();

    [Theory]
    [InlineData("{small=0.1,moments=[2]}", "sweep.ladder.large", "is missing")]
    [InlineData("{large=0.4,small=0.5,moments=[2]}", "sweep.ladder.small", "0.5 is not below large = 0.4")]
    [InlineData(
        "{large=3,small=1,moments=[2],unit=\"edge\"}",
        "sweep.ladder.small",
        "1 edge units is not below the threshold at the start"
    )]
    [InlineData(
        "{large=0.4,small=0.1,moments=[2,8]}",
        "sweep.ladder.moments",
        "8 is not before the end of the run, training.time = 8"
    )]
    [InlineData(
        "{large=0.4,small=0.1,moments=[0]}",
        "sweep.ladder.moments",
        "[0] is not a list of distinct training times, at least one of them above 0"
    )]
    [InlineData("{large=0.4,small=0.1,moments=[2,2]}", "sweep.ladder.moments", "[2, 2] is not a list of distinct")]
    [InlineData(
        "{large=0.4,small=0.1,moments={from=1,to=4}}",
        "sweep.ladder.moments.count",
        "0 is not an integer from 2"
    )]
    [InlineData("{large=0.4,small=0.1}", "sweep.ladder.moments", "are missing")]
    [InlineData("{large=[0.4,0.5],small=0.1,moments=[2]}", "sweep.ladder.large", "is one learning rate")]
    [InlineData(
        "{large=0.4,small=0.1,moments=[2],unit=\"edges\"}",
        "sweep.ladder.unit",
        "\"edges\" is not absolute or edge"
    )]
    [InlineData("{large=0.4,small=0.1,moments=[2],until={los=1}}", "sweep.ladder.until.los", "is not known")]
    [InlineData(
        "{large=0.4,small=0.1,moments=[2],until={accuracy=2}}",
        "sweep.ladder.until.accuracy",
        "2 is not a number from 0 to 1"
    )]
    [InlineData("[0.4,0.1]", "sweep.ladder", "[0.4, 0.1] is not one")]
    public void A_ladder_that_is_none_is_refused_where_it_is_wrong(string ladder, string where, string said) =>
        Refused(where, said, $"sweep.ladder={ladder}");

    [Fact]
    public void A_ladder_goes_together_with_rates_of_its_unit_and_with_no_other_schedule()
    {
        const string Ladder = "sweep.ladder={large=0.4,small=0.1,moments=[2]}";
        Refused(
            "sweep.ladder.unit",
            "is \"absolute\", and that of sweep.axes.training.learning_rate \"edge\"",
            Ladder,
            "sweep.ladder.unit=\"absolute\"",
            "sweep.axes.training.learning_rate={values=[0.3],unit=\"edge\"}"
        );
        Refused("sweep.ladder", "and training.decay exclude each other", Ladder, "training.decay=step");
        Refused("training.until.loss", "could end a run before its branches fork", Ladder, "training.until.loss=0.1");
    }

    [Fact]
    public void What_is_set_of_a_ladder_takes_the_place_of_what_was_there()
    {
        SweepSpec Read(params string[] sets) =>
            SweepSpecReader.Read(
                "quick",
                ["training.time=8", "sweep.ladder={large=0.4,small=0.1,moments=[2,4]}", .. sets]
            );
        Assert.Equal([2, 4], Read().Reductions.Select(one => one.Time!.Value));
        Assert.Equal(
            [1, 2, 4],
            Read("sweep.ladder.moments={from=1,to=4,count=3}").Reductions.Select(one => one.Time!.Value)
        );
        Assert.Equal([0.05, 0.05], Read("sweep.ladder.small=0.05").Reductions.Select(one => one.LearningRate!.Value));
        Assert.Empty(Read("sweep.ladder={}").Reductions);
        Assert.Equal(0.3, Assert.Single(Read("sweep.ladder={large=0.3,small=0.1,moments=[1]}").Reductions).Parents[0]);
    }

    private static void Refused(string where, string said, params string[] sets)
    {
        var error = Assert.Throws<SpecException>(() => SweepSpecReader.Read("quick", ["training.time=8", .. sets]));
        Assert.True(
            error.Mistakes.Any(mistake =>
                mistake.Where == where && mistake.Problem.StartsWith(said, StringComparison.Ordinal)
            ),
            error.Message
        );
    }
}
