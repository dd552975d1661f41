using Gyre.Lab.Specs;
using Gyre.Lab.Sweeps;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.Sweeps;

/// <summary>Where the seed changes nothing, a plan has one seed.</summary>
public class SeedEffectTests
{
    private static readonly string[] Module =
    [
        "model.name=torchscript",
        $"model.file=\"{ExportedNetworks.File("traced.pt")}\"",
        "data.name=arrays",
        $"data.path=\"{ExportedNetworks.File("")}\"",
        "data.standardise=false",
    ];

    private static readonly string[] Moons = ["data.name=two-moons", "data.samples=10"];
    private static readonly string[] Start =
    [
        "data.name=chebyshev",
        "objective.loss=squared-error",
        "model.start=[0.1, 0.2]",
    ];

    private static readonly string Weights = $"model.weights=\"{ExportedNetworks.File("state_dict.pt")}\"";

    public static TheoryData<string, string[], bool> Settings =>
        new()
        {
            { "the start is drawn", ["data.name=fashion-mnist", "data.samples=20", "data.subset=first"], true },
            { "a module with all samples", [.. Module, "data.samples=0"], false },
            { "a module with the first samples", [.. Module, "data.samples=4", "data.subset=first"], false },
            { "a module with samples drawn by class", [.. Module, "data.samples=4"], true },
            { "a module with noisy labels", [.. Module, "data.samples=0", "data.label_noise=0.1"], true },
            { "a module in batches", [.. Module, "data.samples=0", "optimizer.name=sgd", "optimizer.batch=2"], true },
            { "a given start", Start, false },
            { "a file of weights", [.. Start[..2], Weights], false },
            { "a part of the weights", [.. Start[..2], Weights, "model.weights_partial=true"], true },
            { "a given start with data that is drawn", [.. Moons, "model.start=[0.1, 0.2]"], true },
        };

    [Theory]
    [MemberData(nameof(Settings))]
    public void It_is_told_by_what_is_drawn(string what, string[] sets, bool has)
    {
        var spec = SpecReader.Read("quick", sets);
        Assert.True(SeedEffect.Has(spec) == has, what);
    }

    [Theory]
    [MemberData(nameof(Settings))]
    public void A_plan_runs_the_first_seed_alone_where_seeds_change_nothing(string what, string[] sets, bool has)
    {
        var sweep = SweepSpecReader.Read(
            "quick",
            [.. sets, "sweep.axes.training.learning_rate=[0.1, 0.2]", "sweep.seeds=[3, 4, 5]"]
        );
        var plan = SweepPlanner.Plan(sweep, 1, new Dictionary<string, Gyre.Lab.RunFiles.CalibrationRecord>(), "");

        Assert.True(plan.Cells.Count == (has ? 6 : 2), what);
        Assert.All(plan.Cells, cell => Assert.Equal(!has, cell.Record.Seedless));
        Assert.Equal(has ? [3, 4, 5] : [3], plan.Cells.Select(cell => cell.Record.Seed).Distinct());
        Assert.Equal(has ? 3 : 1, SweepPlanner.SpecsToCalibrate(sweep, 1).Count);
    }
}
