using CsCheck;
using Gyre.Lab.Experiments;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.Experiments;

public class SpecTests
{
    [Fact]
    public void Every_mistake_is_reported_at_once_with_its_key_and_what_is_allowed()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["bad.toml"], """
            name = "has space"
            sead = 3
            threads = 0
            dtype = "float16"
            [training]
            learning_rate = "fast"
            steps = 2.5
            schedule = [{ step = 9, learning_rate = 0.1 }, { step = 9, learning_rate = 0.2 }]
            [model]
            widths = [10, 0]
            [curvature]
            burst = 11
            basis = 4
            resolve = 1
            [instability]
            smoothing = 2
            """);
        var error = Assert.Throws<SpecException>(() => SpecReader.Read(folder["bad.toml"], ["data.samples=none", "=3"]));
        string[] expected = ["--set =3", "name", "sead", "threads", "dtype", "training.learning_rate", "training.steps", "training.schedule", "model.widths", "curvature.burst", "curvature.basis", "curvature.resolve", "instability.smoothing", "data.samples"];
        Assert.Equal(expected.Order(), error.Mistakes.Select(mistake => mistake.Where).Order());
        Assert.Contains("did you mean seed?", error.Message, StringComparison.Ordinal);
        Assert.Contains("0 is not a whole number from 1 to 1024", error.Message, StringComparison.Ordinal);
        Assert.Contains("\"float16\" is not \"float32\", \"float64\"", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("learning_rate", "training.learning_rate")]
    [InlineData("training.lerning_rate", "training.learning_rate")]
    [InlineData("curvature.pair", "curvature.pairs")]
    [InlineData("qqqqqqqqqqqqqq", null)]
    public void An_unknown_key_names_the_nearest(string wrong, string? near) =>
        Assert.Equal(near, SpecReader.Nearest(wrong, SpecSchema.Keys.Select(key => key.Path)));

    [Fact]
    public void Every_preset_is_a_spec() => Assert.All(SpecReader.Presets, preset => Assert.Equal(preset, SpecReader.Read(preset).Name));

    [Fact]
    public void The_default_preset_is_the_run_that_is_documented()
    {
        var spec = SpecReader.Read(SpecReader.DefaultPreset);
        Assert.Equal(("fashion-mnist", 1000, "mlp", "relu", "cross-entropy"), (spec.Data.Name, spec.Data.Samples, spec.Model.Name, spec.Model.Activation, spec.Objective.Loss));
        Assert.Equal([200, 200], spec.Model.Widths);
        Assert.Equal((0.2, 500, 4, 10, 3), (spec.Training.LearningRate, spec.Training.Steps, spec.Curvature.Pairs, spec.Curvature.Every, spec.Curvature.Burst));
    }

    [Fact]
    public void A_resolved_spec_reads_back_to_itself_and_to_its_id() =>
        Gen.Select(Gen.Int[0, 1000], Gen.Double[1e-6, 10], Gen.Int[2, 5000], Gen.Int[1, 40].Array[0, 4]).Sample((seed, rate, steps, widths) =>
        {
            var spec = SpecReader.Read("quick", [
                $"seed={seed}", FormattableString.Invariant($"training.learning_rate={rate:R}"), $"training.steps={steps}", $"model.widths=[{string.Join(",", widths)}]",
                FormattableString.Invariant($"training.schedule=[{{step=1,learning_rate={rate / 3:R}}}]")]);
            var text = SpecText.Write(spec);
            var again = SpecReader.ReadText(text);
            Assert.Equal(text, SpecText.Write(again));
            Assert.Equal(SpecText.Id(spec), SpecText.Id(again));
            Assert.Equal(rate, again.Training.LearningRate);
        });

    [Fact]
    public void The_id_follows_what_decides_the_results_and_nothing_else()
    {
        var plain = SpecText.Id(SpecReader.Read("quick"));
        Assert.Equal(plain, SpecText.Id(SpecReader.Read("quick", ["name=other", "run.keep_checkpoints=9", "objective.cache_mb=1"])));
        foreach (var key in SpecSchema.Keys.Where(key => key.Kind is SpecKind.Whole or SpecKind.Number && !key.Path.StartsWith("run.", StringComparison.Ordinal) && key.Path != "objective.cache_mb"))
        {
            var value = key.Path switch { "curvature.burst" => "2", "instability.smoothing" => "3", "instability.resolved_below" => "0.5", "instability.hysteresis" => "0.5", "objective.weight_decay" => "0.5", _ => "7" };
            Assert.NotEqual(plain, SpecText.Id(SpecReader.Read("quick", [$"{key.Path}={value}"])));
        }
    }

    [Fact]
    public void Later_layers_win_and_whole_numbers_serve_as_numbers()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["mine.toml"], "[training]\nlearning_rate = 1\nsteps = 20\n");
        var spec = SpecReader.Read(folder["mine.toml"], ["training.steps=30"]);
        Assert.Equal((1.0, 30, "run"), (spec.Training.LearningRate, spec.Training.Steps, spec.Name));
    }

    [Theory]
    [InlineData("not toml = = 3")]
    [InlineData("[training\nsteps = 3")]
    public void Text_that_is_not_toml_is_a_mistake_not_a_crash(string text) => Assert.Throws<SpecException>(() => SpecReader.ReadText(text));

    [Fact]
    public void A_file_that_is_missing_names_the_presets() =>
        Assert.Contains("fashion-mlp", Assert.Throws<SpecException>(() => SpecReader.Read("fashion-mpl")).Message, StringComparison.Ordinal);
}
