using Gyre.Lab.Monitoring;
using Gyre.Lab.Specs;
using Gyre.Tests.TestKit;
using static TorchSharp.torch;

namespace Gyre.Tests.Lab.Monitoring;

public class MonitorSpecTests
{
    [Fact]
    public void It_is_the_spec_of_a_file_that_gives_the_same_keys()
    {
        using var problem = new TinyProblem();
        var options = new MonitorOptions
        {
            Seed = 3,
            Pairs = 30,
            Every = 7,
            Burst = 2,
            Follow = false,
            WeightDecay = 0.01,
            AngleToleranceDegrees = 0.5,
            MaxProducts = 90,
            Chunk = 6,
            CacheMegabytes = 11,
        };
        var file = $$"""
            name = "monitor"
            seed = 3
            threads = {{get_num_threads()}}
            dtype = "float64"
            data = { name = "own", samples = {{problem.Objective.Samples}} }
            model.name = "own"
            objective = { loss = "own", weight_decay = 0.01, chunk = 6, cache_mb = 11 }
            training.steps = 1000000000
            curvature.pairs = 30
            curvature.every = 7
            curvature.burst = 2
            curvature.follow = false
            curvature.angle_tolerance = 0.5
            curvature.max_products = 90
            curvature.basis = 38
            """;
        Assert.Equal(
            SpecText.Write(SpecReader.ReadText(file)),
            SpecText.Write(MonitorSpec.FromOptions(options, problem.Objective))
        );
    }

    [Fact]
    public void Every_option_out_of_range_is_named_as_its_key()
    {
        using var problem = new TinyProblem();
        var wrong = Assert.Throws<SpecException>(() =>
            MonitorSpec.FromOptions(
                new()
                {
                    Pairs = 0,
                    WeightDecay = double.NaN,
                    Chunk = -1,
                },
                problem.Objective
            )
        );
        Assert.Equal(
            [
                "objective.weight_decay: nan is not a number from 0 to 1000000",
                "objective.chunk: -1 is not an integer from 1 to 1000000000",
                "curvature.pairs: 0 is not an integer from 1 to 64",
            ],
            wrong.Mistakes.Select(mistake => mistake.ToString())
        );
        Assert.Equal("MonitorOptions", wrong.Spec);
    }
}
