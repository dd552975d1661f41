using System.Diagnostics;
using System.Text;
using Gyre.Lab.Specs;
using Gyre.Lab.Sweeps;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.Specs;

/// <summary>
/// Specs as people write them: floats that are whole, keys that are there twice, other programs' words.
/// </summary>
public sealed class SpecTomlTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Whole_numbers_may_be_written_as_floats_wherever_a_whole_number_is_due()
    {
        var spec = SpecReader.Read(
            Write(
                """
                seed = 42.0
                [training]
                steps = 1e4
                schedule = [{ step = 1e2, learning_rate = 0.1 }]
                [data]
                samples = 5e3
                [model]
                widths = [1e1, 20.0]
                """
            ),
            ["curvature.pairs=3.0"]
        );
        Assert.Equal((42, 10_000, 5000), (spec.Seed, spec.Training.Steps, spec.Data.Samples));
        Assert.Equal((3, 100), (spec.Curvature.Pairs, spec.Training.Schedule[0].Step));
        Assert.Equal([10, 20], spec.Model.Widths);
        string[] sets =
        [
            "sweep.seeds=[0.0,1e1]",
            "sweep.retries=2.0",
            "sweep.axes.data.samples=[1e2,2e2]",
            "sweep.reductions=[{step=1e1,factor=0.5}]",
        ];
        var sweep = SweepSpecReader.Read("rates", sets);
        Assert.Equal([0, 10], sweep.Seeds);
        Assert.Equal([100L, 200L], sweep.Axes.Single(axis => axis.Key == "data.samples").Values);
        Assert.Equal((2, 10L), (sweep.Retries, sweep.Reductions[0].Step));
        Assert.Equal([5, 6, 7], SweepSpecReader.Read("rates", ["seed=5.0", "sweep.seeds=3e0"]).Seeds);
        Says(
            "has the value 100 twice",
            Refused(() => SweepSpecReader.Read("rates", ["sweep.axes.data.samples=[1e2,100]"]))
        );
    }

    [Theory]
    [InlineData("training.steps=1e12", "1000000000000.0 is not an integer from 1 to 1000000000")]
    [InlineData("training.steps=10000.5", "10000.5 is not an integer")]
    [InlineData("seed=-1e0", "-1.0 is not an integer")]
    [InlineData("training.steps=nan", "nan is not an integer")]
    [InlineData("training.learning_rate=-inf", "-inf is not a number above 0")]
    [InlineData("training.learning_rate=0.0", "0.0 is not a number above 0")]
    public void A_value_in_a_message_is_the_value_that_was_written(string set, string said) =>
        Says(said, Refused(() => SpecReader.Read("quick", [set])));

    [Theory]
    [InlineData("[training]\nsteps = 30\nsteps = 40\n", "training.steps", "line 3")]
    [InlineData("[training]\nsteps = 30\n[training]\nlearning_rate = 1\n", "training", "line 3")]
    [InlineData("training.steps = 30\n[training]\nsteps = 40\n", "training", "line 2")]
    [InlineData("training = { steps = 30, steps = 40 }\n", "training.steps", "line 1")]
    [InlineData("seed = 1\n\"seed\" = 2\n", "seed", "line 2")]
    [InlineData("'seed' = 1\n\"\\u0073eed\" = 2\n", "seed", "line 2")]
    [InlineData("[training]\nsteps = 3\n[\"training\"]\nsteps = 4\n", "training", "line 3")]
    [InlineData("[data]\nname = \"two-moons\"\n[[data]]\n", "data", "line 3")]
    [InlineData("\"training.steps\" = 3\n[training]\nsteps = 4\n", "training.steps", "twice")]
    [InlineData("\"training.steps\" = 3\ntraining.steps = 4\n", "training.steps", "twice")]
    [InlineData("format = 1\nformat = 1\n", "format", "line 2")]
    public void A_key_that_is_there_twice_is_refused_whichever_way_it_is_written(string text, string key, string place)
    {
        Action[] ways =
        [
            () => SpecReader.ReadText(text),
            () => SpecReader.Read(Write(text)),
            () => SweepSpecReader.Read(Write(text), []),
        ];
        foreach (var read in ways)
        {
            var refused = Refused(read);
            Says(key, refused);
            Says(place, refused);
        }
    }

    [Fact]
    public void What_is_no_text_in_UTF_8_or_no_file_is_said_to_be_so()
    {
        File.WriteAllBytes(_folder["latin1.toml"], [.. "# caf"u8, 0xe9, .. "\nseed = 3\n"u8]);
        Says("not UTF-8 text: byte 5 (line 1) is 0xe9", Refused(() => SpecReader.Read(_folder["latin1.toml"])));
        File.WriteAllBytes(_folder["utf16.toml"], [0xff, 0xfe, .. Encoding.Unicode.GetBytes("seed = 3\n")]);
        Says("text in UTF-16", Refused(() => SpecReader.Read(_folder["utf16.toml"])));
        File.WriteAllBytes(_folder["marked.toml"], [.. Encoding.UTF8.Preamble, .. "seed = 3\n"u8]);
        Assert.Equal(3, SpecReader.Read(_folder["marked.toml"]).Seed);
        Says("is a folder", Refused(() => SpecReader.Read(_folder.Path)));
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs pipes and devices with paths");
        using (var made = Process.Start("mkfifo", _folder["pipe"]))
            made.WaitForExit();
        Says("is a named pipe", Refused(() => SpecReader.Read(_folder["pipe"])));
        Says("is a device", Refused(() => SweepSpecReader.Read("/dev/zero", [])));
    }

    public static TheoryData<string> WrongTypes() => [.. SpecSchema.Keys.Select(key => key.Path)];

    /// <summary>One such file made pages and reports fail by exceptions of other kinds.</summary>
    [Theory]
    [MemberData(nameof(WrongTypes))]
    public void Values_of_a_wrong_type_are_mistakes_with_file_and_key(string key)
    {
        string[] values =
        [
            "\"abc\"",
            "2024-01-01",
            "2024-01-01T00:00:00Z",
            "07:32:00",
            "[]",
            "[[1]]",
            "[{}]",
            "{}",
            "{ a = 1 }",
            "true",
            "nan",
            "1e400",
            "[2024-01-01]",
            "[nan, \"x\", []]",
            "''",
        ];
        foreach (var value in values)
        {
            try
            {
                SpecReader.ReadText($"{key} = {value}", "runs/x/spec.toml");
            }
            catch (SpecException error)
            {
                Says(key, error.Message);
                Says("runs/x/spec.toml", error.Message);
            }
        }
    }

    [Theory]
    [InlineData("lr", "training.learning_rate")]
    [InlineData("training.lr", "training.learning_rate")]
    [InlineData("optimizer.lr", "training.learning_rate")]
    [InlineData("epochs", "training.steps")]
    [InlineData("training.num_epochs", "training.steps")]
    [InlineData("batch_size", "optimizer.batch")]
    [InlineData("training.batch-size", "optimizer.batch")]
    [InlineData("wd", "objective.weight_decay")]
    [InlineData("optimizer.weight_decay", "objective.weight_decay")]
    [InlineData("momentum", "optimizer.momentum")]
    [InlineData("training.momentum", "optimizer.momentum")]
    [InlineData("optimizer", "optimizer.name")]
    [InlineData("dataset", "data.name")]
    [InlineData("model", "model.name")]
    [InlineData("loss", "objective.loss")]
    [InlineData("hidden_sizes", "model.widths")]
    [InlineData("data.normalize", "data.standardise")]
    [InlineData("random_seed", "seed")]
    [InlineData("precision", "dtype")]
    [InlineData("Training.Steps", "training.steps")]
    public void Other_programs_words_for_keys_lead_to_ours(string theirs, string ours) =>
        Says($"is not a key of a spec; did you mean {ours}?", Refused(() => SpecReader.Read("quick", [$"{theirs}=1"])));

    [Theory]
    [InlineData("data.name", "cifar10", "cifar-10")]
    [InlineData("data.name", "CIFAR-100", "cifar-100")]
    [InlineData("data.name", "FashionMNIST", "fashion-mnist")]
    [InlineData("optimizer.name", "AdamW", "adamw")]
    [InlineData("optimizer.name", "SGD", "sgd")]
    [InlineData("optimizer.name", "momentum", "polyak")]
    [InlineData("objective.loss", "mse", "squared-error")]
    [InlineData("objective.loss", "CrossEntropyLoss", "cross-entropy")]
    [InlineData("model.name", "resnet18", "resnet")]
    [InlineData("model.name", "VGG11_bn", "vgg")]
    [InlineData("model.activation", "ReLU", "relu")]
    [InlineData("dtype", "fp64", "float64")]
    [InlineData("device", "gpu", "cuda")]
    public void Other_programs_words_for_values_lead_to_ours(string key, string theirs, string ours) =>
        Says(
            $"\"{theirs}\" is not allowed; did you mean \"{ours}\"?",
            Refused(() => SpecReader.Read("quick", [$"{key}={theirs}"]))
        );

    [Fact]
    public void A_misspelt_preset_is_offered_what_the_command_runs()
    {
        Assert.DoesNotContain("rates", Refused(() => SpecReader.Read("rats")), StringComparison.Ordinal);
        Says("did you mean rates?", Refused(() => SweepSpecReader.Read("rats", [])));
        Assert.DoesNotContain("fashion-mlp", Refused(() => SweepSpecReader.Read("rats", [])), StringComparison.Ordinal);
    }

    [Fact]
    public void Paths_of_a_file_are_relative_to_it_and_those_set_to_the_current_folder()
    {
        Directory.CreateDirectory(_folder["sub"]);
        File.WriteAllText(
            _folder["sub/mine.toml"],
            "[data]\nname = \"text\"\n[sweep.axes]\ndata.path = [\"a.txt\", \"/b.txt\"]\n"
        );
        Assert.Equal(
            [_folder["sub/a.txt"], "/b.txt"],
            SweepSpecReader.Read(_folder["sub/mine.toml"], []).Axes.Single().Values
        );
        File.WriteAllText(_folder["sub/mine.toml"], "[data]\nname = \"text\"\npath = \"../here.txt\"\n");
        Assert.Equal(_folder["here.txt"], SpecReader.Read(_folder["sub/mine.toml"]).Data.Path);
        Assert.Equal(
            Path.GetFullPath("there.txt"),
            SpecReader.Read(_folder["sub/mine.toml"], ["data.path=there.txt"]).Data.Path
        );
        Assert.Equal("", SpecReader.Read("quick").Data.Path);
    }

    [Fact]
    public void Messages_stay_short_and_steer_no_terminal()
    {
        var many = Refused(() =>
            SpecReader.ReadText(string.Concat(Enumerable.Range(0, 1000).Select(i => $"key{i} = 1\n")))
        );
        Says("and 970 more", many);
        Assert.InRange(
            Refused(() => SpecReader.Read("quick", [$"name={new string('x', 1_000_000)}"])).Length,
            50,
            2000
        );
        Assert.InRange(
            Refused(() =>
                SpecReader.Read("quick", [$"training.steps=[{string.Join(",", Enumerable.Repeat(1, 100_000))}]"])
            ).Length,
            50,
            2000
        );
        Assert.InRange(Refused(() => SpecReader.ReadText($"seed = {new string('[', 100_000)}")).Length, 50, 2000);
        Assert.DoesNotContain(
            '\u001b',
            Refused(() => SpecReader.ReadText("\"\\u001b[2J\" = 1\ndtype = \"\\u001b]0;x\\u0007\"\n"))
        );
    }

    private string Write(string text)
    {
        File.WriteAllText(_folder["mine.toml"], text);
        return _folder["mine.toml"];
    }

    private static void Says(string said, string text) => Assert.Contains(said, text, StringComparison.Ordinal);

    private static string Refused(Action read) => Assert.Throws<SpecException>(read).Message;
}
