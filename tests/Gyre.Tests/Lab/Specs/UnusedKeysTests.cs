using Gyre.Lab.Models;
using Gyre.Lab.Specs;
using Gyre.Lab.Sweeps;

namespace Gyre.Tests.Lab.Specs;

/// <summary>A key that changes nothing is no mistake, and is told.</summary>
public class UnusedKeysTests
{
    [Theory]
    [InlineData(
        "optimizer.momentum=0.5",
        "optimizer.momentum = 0.5 has no effect if optimizer.name = \"gd\"; it needs polyak or nesterov "
            + "or adam or adamw or clipped-adam."
    )]
    [InlineData(
        "optimizer.momentum=0.9",
        "optimizer.momentum = 0.9 has no effect if optimizer.name = \"gd\"; it needs polyak or nesterov "
            + "or adam or adamw or clipped-adam."
    )]
    [InlineData(
        "optimizer.batch=64",
        "optimizer.batch = 64 has no effect if optimizer.name = \"gd\"; it needs sgd, or "
            + "curvature.batch_probes = a number above 0."
    )]
    [InlineData(
        "model.depth=3",
        "model.depth = 3 has no effect if model.name = \"mlp\"; it needs diagonal-linear or vgg or resnet "
            + "or vit or sequence-transformer."
    )]
    [InlineData(
        "training.edge_reduced=0.3",
        "training.edge_reduced = 0.3 has no effect if training.edge_rate = 0.0; it needs a number above 0."
    )]
    [InlineData(
        "curvature.resolve_every=2",
        "curvature.resolve_every = 2 has no effect if curvature.resolve = false; it needs true."
    )]
    [InlineData("data.context=3", "data.context = 3 has no effect if data.name = \"fashion-mnist\"; it needs text.")]
    [InlineData(
        "training.decay_to=0.5",
        "training.decay_to = 0.5 has no effect if training.decay = \"none\"; it needs cosine or step."
    )]
    [InlineData(
        "intervention.bound=0.5",
        "intervention.bound = 0.5 has no effect if intervention.name = \"none\"; it needs clip-sharpest."
    )]
    public void A_key_that_nothing_uses_is_told_with_what_uses_it(string set, string sentence) =>
        Assert.Equal([sentence], UnusedKeys.Find("quick", [set]));

    [Theory]
    [InlineData("optimizer.momentum=0.5", "optimizer.name=polyak")]
    [InlineData("optimizer.batch=64", "curvature.batch_probes=4")]
    [InlineData("training.edge_reduced=0.3", "training.edge_rate=1")]
    [InlineData("curvature.resolve_every=2", "curvature.resolve=true")]
    [InlineData("model.heads=2", "model.name=vit")]
    [InlineData("data.samples=100", "seed=3")]
    public void A_key_that_is_used_is_not(string set, string use) => Assert.Empty(UnusedKeys.Find("quick", [set, use]));

    /// <summary>A spec that is written whole has every key.</summary>
    [Fact]
    public void Defaults_of_a_file_are_not_told_and_other_values_are()
    {
        using var folder = new TestKit.TemporaryFolder();
        var file = folder["whole.toml"];
        File.WriteAllText(file, SpecText.Write(SpecReader.Read("quick")));
        Assert.Empty(UnusedKeys.Find(file, []));
        File.WriteAllText(file, SpecText.Write(SpecReader.Read("quick", ["optimizer.radius=0.2"])));
        Assert.StartsWith(
            "optimizer.radius = 0.2 has no effect",
            Assert.Single(UnusedKeys.Find(file, [])),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Of_a_sweep_a_key_is_used_where_one_of_its_runs_uses_it()
    {
        string[] axis = ["sweep.axes.optimizer.momentum=[0.5,0.9]"];
        Assert.StartsWith(
            "optimizer.momentum = 0.5, 0.9 has no effect",
            Assert.Single(Unused(axis)),
            StringComparison.Ordinal
        );
        Assert.Empty(Unused([.. axis, "sweep.axes.optimizer.name=[\"gd\",\"polyak\"]"]));

        static IReadOnlyList<string> Unused(string[] sets) =>
            UnusedSweepKeys.Find(SweepSpecReader.Read("quick", sets), "quick", sets);
    }

    [Fact]
    public void No_preset_has_a_key_that_nothing_uses()
    {
        Assert.All(SpecReader.Presets, preset => Assert.Empty(UnusedKeys.Find(preset, [])));
        Assert.All(
            SweepSpecReader.Presets,
            preset => Assert.Empty(UnusedSweepKeys.Find(SweepSpecReader.Read(preset, []), "as a file", []))
        );
    }

    /// <summary>What a key needs must be there: a value that no key takes would make the key useless.</summary>
    [Fact]
    public void Every_use_names_a_key_and_values_that_it_takes()
    {
        var keys = SpecSchema.Keys.ToDictionary(key => key.Path);
        foreach (var use in SpecSchema.Keys.Select(key => key.Use).OfType<SpecUse>())
            Assert.All(
                use.Values,
                value => Assert.True(keys[use.Key].Choices?.Contains(value) ?? value == "true", $"{use.Key} = {value}")
            );
        Assert.NotEmpty(ModelCatalog.Kinds);
    }
}
