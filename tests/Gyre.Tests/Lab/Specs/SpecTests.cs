using CsCheck;
using Gyre.Lab.Data;
using Gyre.Lab.Specs;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.Specs;

public class SpecTests
{
    [Fact]
    public void Every_mistake_is_reported_at_once_with_its_key_and_what_is_allowed()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(
            folder["bad.toml"],
            """
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
            """
        );
        var error = Assert.Throws<SpecException>(() =>
            SpecReader.Read(folder["bad.toml"], ["data.samples=none", "=3"])
        );
        string[] expected =
        [
            "--set =3",
            "name",
            "sead",
            "threads",
            "dtype",
            "training.learning_rate",
            "training.steps",
            "training.schedule",
            "model.widths",
            "curvature.burst",
            "curvature.basis",
            "curvature.resolve",
            "instability.smoothing",
            "--set data.samples",
        ];
        Assert.Equal(expected.Order(), error.Mistakes.Select(mistake => mistake.Where).Order());
        Assert.Contains("did you mean seed?", error.Message, StringComparison.Ordinal);
        Assert.Contains("0 is not an integer from 1 to 1024", error.Message, StringComparison.Ordinal);
        Assert.Contains(
            "\"float16\" is not allowed; did you mean \"float32\"? Allowed: \"float32\", \"float64\"",
            error.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_shape_that_the_network_does_not_have_is_listed_with_the_other_mistakes()
    {
        string[] Where(params string[] sets) =>
            [
                .. Assert
                    .Throws<SpecException>(() => SpecReader.Read("quick", sets))
                    .Mistakes.Select(mistake => mistake.Where),
            ];
        Assert.Equal(
            ["model.norm", "model.depth", "instability.smoothing"],
            Where("model.name=vgg", "model.depth=13", "model.norm=btch", "instability.smoothing=2")
        );
        Assert.Equal(["model.norm", "model.heads"], Where("model.name=vit", "model.norm=batch", "model.heads=5"));
        Assert.Equal(["model.norm"], Where("model.norm=batch"));
        Assert.Equal(["model.name"], Where("model.name=vggg", "model.norm=batch", "model.depth=13"));
    }

    [Fact]
    public void Widths_that_a_spec_leaves_out_are_the_networks_own()
    {
        Assert.Equal([32, 32], SpecReader.Read("fashion-mlp", ["model.name=cnn"]).Model.Widths);
        Assert.Equal([7], SpecReader.Read("fashion-mlp", ["model.name=cnn", "model.widths=[7]"]).Model.Widths);
        Assert.Equal([200, 200], SpecReader.Read("fashion-mlp", ["model.name=vgg"]).Model.Widths);
    }

    [Theory]
    [InlineData("learning_rate", "training.learning_rate")]
    [InlineData("training.lerning_rate", "training.learning_rate")]
    [InlineData("curvature.pair", "curvature.pairs")]
    [InlineData("qqqqqqqqqqqqqq", null)]
    public void An_unknown_key_names_the_nearest(string wrong, string? near) =>
        Assert.Equal(near, NearestName.Find(wrong, SpecSchema.Keys.Select(key => key.Path)));

    [Fact]
    public void Every_preset_is_a_spec() =>
        Assert.All(SpecReader.Presets, preset => Assert.Equal(preset, SpecReader.Read(preset).Name));

    [Fact]
    public void The_default_preset_is_the_run_that_is_documented()
    {
        var spec = SpecReader.Read(SpecReader.DefaultPreset);
        Assert.Equal(
            ("fashion-mnist", 1000, "mlp", "relu", "cross-entropy"),
            (spec.Data.Name, spec.Data.Samples, spec.Model.Name, spec.Model.Activation, spec.Objective.Loss)
        );
        Assert.Equal([200, 200], spec.Model.Widths);
        Assert.Equal(
            (0.2, 500, 4, 10, 3),
            (
                spec.Training.LearningRate,
                spec.Training.Steps,
                spec.Curvature.Pairs,
                spec.Curvature.Every,
                spec.Curvature.Burst
            )
        );
    }

    [Fact]
    public void A_resolved_spec_reads_back_to_itself_and_to_its_id() =>
        Gen.Select(Gen.Int[0, 1000], Gen.Double[1e-6, 10], Gen.Int[2, 5000], Gen.Int[1, 40].Array[0, 4])
            .Sample(
                (seed, rate, steps, widths) =>
                {
                    var spec = SpecReader.Read(
                        "quick",
                        [
                            $"seed={seed}",
                            FormattableString.Invariant($"training.learning_rate={rate:R}"),
                            $"training.steps={steps}",
                            $"model.widths=[{string.Join(",", widths)}]",
                            FormattableString.Invariant($"training.schedule=[{{step=1,learning_rate={rate / 3:R}}}]"),
                        ]
                    );
                    var text = SpecText.Write(spec);
                    var again = SpecReader.ReadText(text);
                    Assert.Equal(text, SpecText.Write(again));
                    Assert.Equal(SpecText.Id(spec), SpecText.Id(again));
                    Assert.Equal(rate, again.Training.LearningRate);
                }
            );

    [Fact]
    public void The_id_follows_what_decides_the_results_and_nothing_else()
    {
        var plain = SpecText.Id(SpecReader.Read("quick"));
        Assert.Equal(
            plain,
            SpecText.Id(SpecReader.Read("quick", ["name=other", "run.keep_checkpoints=9", "objective.cache_mb=1"]))
        );
        foreach (
            var key in SpecSchema.Keys.Where(key =>
                key.Kind is SpecKind.Whole or SpecKind.Number
                && !key.Path.StartsWith("run.", StringComparison.Ordinal)
                && !key.Path.StartsWith("fork.", StringComparison.Ordinal)
                && key.Path is not ("objective.cache_mb" or "data.memory_mb")
            )
        )
        {
            var value = key.Path switch
            {
                "curvature.burst" => "2",
                "instability.smoothing" => "3",
                "instability.resolved_below" => "0.5",
                "instability.hysteresis" => "0.5",
                "training.until.accuracy"
                or "training.until.sharpness_fallen"
                or "objective.weight_decay"
                or "training.decay_to"
                or "data.label_noise"
                or "data.holdout"
                or "optimizer.momentum"
                or "optimizer.second_moment"
                or "curvature.bottom" => "0.5",
                _ => "7",
            };
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
    public void Text_that_is_not_toml_is_a_mistake_not_a_crash(string text) =>
        Assert.Throws<SpecException>(() => SpecReader.ReadText(text));

    [Fact]
    public void A_file_that_is_missing_names_the_presets() =>
        Assert.Contains(
            "fashion-mlp",
            Assert.Throws<SpecException>(() => SpecReader.Read("fashion-mpl")).Message,
            StringComparison.Ordinal
        );

    public static TheoryData<string, string> OutOfBounds()
    {
        var cases = new TheoryData<string, string>();
        foreach (var key in SpecSchema.Keys)
        {
            foreach (var value in Wrong(key))
                cases.Add(key.Path, value);
        }
        return cases;
    }

    [Theory]
    [MemberData(nameof(OutOfBounds))]
    public void Every_key_refuses_what_it_cannot_hold_and_says_what_it_can(string path, string value)
    {
        var key = SpecSchema.Keys.Single(known => known.Path == path);
        var mistakes = Assert.Throws<SpecException>(() => SpecReader.Read("quick", [$"{path}={value}"])).Mistakes;
        Assert.Contains(
            mistakes,
            mistake => mistake.Where == path && mistake.Problem.EndsWith(key.Offered, StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Every_key_is_held_read_and_written_by_the_spec()
    {
        foreach (var key in SpecSchema.Keys)
        {
            var value = key switch
            {
                { Path: "data.path" } => $"\"{Path.GetFullPath("other")}\"",
                { Path: "name" or "data.target" or "model.output" or "fork.parent" or "run.tags" } => "\"other\"",
                { Path: "model.file" } => $"\"{ExportedNetworks.File("traced.pt")}\"",
                { Path: "model.weights" } => $"\"{ExportedNetworks.File("state_dict.pt")}\"",
                { Path: "model.sha256" or "model.weights_sha256" or "data.sha256" } => "\"0123\"",
                { Choices: { } choices } => $"\"{choices.Last(choice => choice != RunSpec.Own)}\"",
                { Kind: SpecKind.Flag } => "true",
                { Kind: SpecKind.Wholes } => "[3, 5]",
                { Kind: SpecKind.Numbers } => "[0.5, -3.0]",
                { Path: "measured.checkpoints" } => $"[\"{Path.GetFullPath("other")}\", \"{Path.GetFullPath("two")}\"]",
                { Kind: SpecKind.Texts } => "[\"one\", \"a \\\"word\\\"\"]",
                { Kind: SpecKind.Schedule } => "[{ step = 2, learning_rate = 0.25 }]",
                {
                    Path: "training.until.accuracy"
                        or "training.until.sharpness_fallen"
                        or "instability.resolved_below"
                        or "instability.hysteresis"
                        or "training.decay_to"
                        or "data.label_noise"
                        or "data.holdout"
                        or "optimizer.momentum"
                        or "optimizer.second_moment"
                        or "curvature.bottom"
                } => "0.75",
                { Kind: SpecKind.Number } => "1.75",
                { Path: "curvature.basis" } => "11",
                _ => "3",
            };
            var text = SpecText.Write(SpecReader.Read("quick", [.. Needed(key.Path), $"{key.Path}={value}"]));
            Assert.Contains($"\n{key.Path[(key.Path.IndexOf('.') + 1)..]} = {value}\n", text, StringComparison.Ordinal);
            Assert.Equal(text, SpecText.Write(SpecReader.ReadText(text)));
        }
    }

    [Fact]
    public void What_a_program_of_its_own_trained_can_be_read_and_not_be_run_from_here()
    {
        Assert.Equal(RunSpec.Own, SpecReader.ReadText($"data.name = \"{RunSpec.Own}\"").Data.Name);
        var refused = Assert.Throws<SpecException>(() =>
            SpecReader.Read("quick", [$"data.name={RunSpec.Own}", $"objective.loss={RunSpec.Own}"])
        );
        Assert.Equal(["data.name", "objective.loss"], refused.Mistakes.Select(mistake => mistake.Where));
    }

    private static string[] Needed(string path) =>
        path switch
        {
            "tf32" => ["device=auto"],
            "fork.other_chunk" => ["fork.parent=other", "fork.step=3"],
            "fork.parent" => ["fork.step=1"],
            "model.file" => ["model.name=torchscript"],
            "model.name" => [$"model.file=\"{ExportedNetworks.File("traced.pt")}\""],
            "model.weights_partial" => [$"model.weights=\"{ExportedNetworks.File("state_dict.pt")}\""],
            "fork.step" => ["fork.parent=other"],
            "measured.checkpoints" or "measured.steps" => ["measured.sources=[\"a\"]"],
            "model.norm" => ["model.name=resnet"],
            "data.name" => ["objective.loss=squared-error"],
            _ => [],
        };

    [Fact]
    public void A_training_time_decides_the_steps_and_a_factor_the_rate()
    {
        var spec = SpecReader.Read(
            "quick",
            ["training.learning_rate=0.5", "training.time=10", "training.schedule=[{ step = 10, factor = 0.5 }]"]
        );
        Assert.Equal((30, 0.25), (spec.Training.Steps, spec.Training.Schedule[0].LearningRate));
        Assert.Equal(7, SpecReader.Read("quick", ["training.time=10", "training.steps=7"]).Training.Steps);
        Assert.Throws<SpecException>(() => SpecReader.ReadText("[training]\ntime = 10\nsteps = 7\n"));
        Assert.Throws<SpecException>(() => SpecReader.Read("quick", ["training.time=10", "training.decay=cosine"]));
    }

    [Fact]
    public void Rules_between_keys_are_held()
    {
        string[] Mistaken(params string[] sets) =>
            [
                .. Assert
                    .Throws<SpecException>(() => SpecReader.Read("quick", sets))
                    .Mistakes.Select(mistake => mistake.Where),
            ];
        Assert.Equal(["curvature.burst"], Mistaken("curvature.every=4", "curvature.burst=5"));
        Assert.Equal(["curvature.basis"], Mistaken("curvature.pairs=8", "curvature.basis=9"));
        Assert.Equal(
            ["training.schedule"],
            Mistaken("training.steps=9", "training.schedule=[{step=9,learning_rate=0.1}]")
        );
        Assert.Equal(
            ["training.schedule"],
            Mistaken("training.schedule=[{step=5,learning_rate=0.1},{step=4,learning_rate=0.1}]")
        );
        Assert.Equal(["training.schedule"], Mistaken("training.schedule=[{step=5,learning_rate=0}]"));
        Assert.Equal(["training.schedule"], Mistaken("training.schedule=[{step=5,learning_rate=1,momentum=2}]"));
        Assert.Equal(["name"], Mistaken("name=../elsewhere"));
        Assert.Equal(0, SpecReader.Read("quick", ["curvature.every=0", "curvature.burst=50"]).Curvature.Every);
        Assert.Equal(10, SpecReader.Read("quick", ["curvature.pairs=8", "curvature.basis=10"]).Curvature.Basis);
    }

    [Fact]
    public void A_printed_spec_is_a_spec_again_and_one_of_a_newer_version_is_refused()
    {
        using var folder = new TemporaryFolder();
        var spec = SpecReader.Read("reduced");
        File.WriteAllText(folder["printed.toml"], SpecText.Write(spec));
        Assert.Equal(SpecText.Id(spec), SpecText.Id(SpecReader.Read(folder["printed.toml"])));
        File.WriteAllText(
            folder["newer.toml"],
            SpecText.Write(spec).Replace("format = 1", "format = 2", StringComparison.Ordinal)
        );
        Assert.Equal(
            "format",
            Assert.Single(Assert.Throws<SpecException>(() => SpecReader.Read(folder["newer.toml"])).Mistakes).Where
        );
    }

    [Fact]
    public void Text_of_any_letters_reads_back() =>
        Gen.Char["abc/\\\"'#= \t\n\r\0\u007f[]{}äλ"]
            .Array[0, 12]
            .Select(letters => new string(letters))
            .Sample(path =>
            {
                var plain = SpecReader.Read("quick");
                var spec = plain with { Data = plain.Data with { Path = path } };
                Assert.Equal(path, SpecReader.ReadText(SpecText.Write(spec)).Data.Path);
            });

    [Fact]
    public void Whatever_is_typed_is_a_spec_or_a_list_of_mistakes() =>
        Gen.Select(
                Gen.Char["=.[]{}\"'#,\n ab01-_e+:"].Array[0, 20],
                Gen.Int[0, 5]
                    .Select(start =>
                        new[]
                        {
                            "",
                            "training.steps=",
                            "name=",
                            "training.schedule=",
                            "model.widths=",
                            "[curvature]\n",
                        }[start]
                    )
            )
            .Select((letters, start) => start + new string(letters))
            .Sample(text =>
            {
                Refused(() => SpecReader.ReadText(text));
                Refused(() => SpecReader.Read("quick", [text]));
            });

    [Theory]
    [InlineData("name=2024-11-02", "2024-11-02")]
    [InlineData("name=7", "7")]
    [InlineData("name=true", "true")]
    [InlineData("name=plain", "plain")]
    [InlineData("name=\"quoted\"", "quoted")]
    public void A_bare_word_is_text(string set, string name) =>
        Assert.Equal(name, SpecReader.Read("quick", [set]).Name);

    [Fact]
    public void A_section_can_be_set_at_once()
    {
        var spec = SpecReader.Read("quick", ["training={ steps = 7, learning_rate = 0.125 }"]);
        Assert.Equal((7, 0.125, 200), (spec.Training.Steps, spec.Training.LearningRate, spec.Data.Samples));
    }

    [Fact]
    public void Every_preset_says_why_it_is_there() =>
        Assert.All(
            SpecReader.Presets,
            preset => Assert.StartsWith("# ", SpecReader.PresetText(preset), StringComparison.Ordinal)
        );

    private static IEnumerable<string> Wrong(SpecKey key)
    {
        static string Toml(double number) =>
            number.ToString("0.0###############", System.Globalization.CultureInfo.InvariantCulture);
        static string Whole(double number) => number.ToString("0", System.Globalization.CultureInfo.InvariantCulture);
        return key.Kind switch
        {
            SpecKind.Flag => ["1", "\"true\""],
            SpecKind.Text => key.Choices is null ? ["[1]"] : ["\"nothing-like-it\"", "3"],
            SpecKind.Whole => ["1.5", "many", "[1]", "9223372036854775807", Whole(key.Least - 1), Whole(key.Most + 1)],
            SpecKind.Number =>
            [
                "many",
                "true",
                "nan",
                "inf",
                Toml(key.Exclusive ? key.Least : key.Least - 0.5),
                Toml(key.Most * 2),
            ],
            SpecKind.Texts => ["3", "word", "[1]", "[\"a\", 2]"],
            SpecKind.Numbers => ["3", "[\"a\"]", "[nan]", $"[{Toml(key.Least * 2)}]", $"[{Toml(key.Most * 2)}]"],
            SpecKind.Wholes => ["3", "[1, 2.5]", "[\"a\"]", $"[{Whole(key.Least - 1)}]", $"[{Whole(key.Most + 1)}]"],
            _ =>
            [
                "3",
                "[3]",
                "[{ step = 3 }]",
                "[{ step = -1, learning_rate = 0.1 }]",
                "[{ step = 3, learning_rate = nan }]",
            ],
        };
    }

    private static void Refused(Action act)
    {
        try
        {
            act();
        }
        catch (SpecException mistakes)
        {
            Assert.NotEmpty(mistakes.Mistakes);
        }
    }
}
