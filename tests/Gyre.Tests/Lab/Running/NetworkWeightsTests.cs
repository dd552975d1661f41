using Gyre.Lab.Models;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Lab.Sweeps;
using Gyre.Tests.Lab.Models;
using Gyre.Tests.TestKit;
using Gyre.Tests.TestKit.Exported;
using Gyre.Torch;
using Gyre.Torch.Weights;
using static TorchSharp.torch;

namespace Gyre.Tests.Lab.Running;

/// <summary>Weights fit a network whole, or by the user's word in part; whatever does not fit is told at once.</summary>
public sealed class NetworkWeightsTests : IDisposable
{
    private const StringComparison Ordinal = StringComparison.Ordinal;

    private static readonly string[] Small =
    [
        "data.name=two-moons",
        "data.samples=40",
        "model.widths=[8]",
        "training.steps=6",
        "training.learning_rate=0.3",
        "curvature.pairs=1",
        "threads=1",
        "dtype=float64",
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    public static TheoryData<string> Networks =>
        [.. ModelCatalog.Kinds.Where(kind => !kind.IsFile).Select(kind => kind.Name)];

    [Theory]
    [MemberData(nameof(Networks))]
    public void Every_network_takes_its_own_names(string name)
    {
        ModelRequest Request(int seed)
        {
            var request = NetworkProblem.Request(name, seed: seed);
            return name == "diagonal-linear" ? request with { Outputs = 64 } : request;
        }
        using var model = ModelCatalog.Build(name, Request(5));
        using var other = ModelCatalog.Build(name, Request(6));
        var tensors = model.named_parameters().ToDictionary(one => one.name, one => (Tensor)one.parameter);
        Assert.Empty(NetworkWeights.Load(other, new WeightsContent("w", WeightsForm.Safetensors, tensors)));
        Assert.All(other.named_parameters(), one => Assert.True(one.parameter.Equals(tensors[one.name])));
    }

    [Fact]
    public void All_that_does_not_fit_is_told_in_one_refusal_and_nothing_is_written()
    {
        using var model = Mlp();
        var before = Values(model);
        var tensors = Tensors(model);
        tensors.Remove("layer1.bias");
        tensors["layer0.weight"] = ones(3, 4, dtype: ScalarType.Float64);
        tensors["fc.weight"] = ones(2);
        var refused = Assert.Throws<ModelException>(() => NetworkWeights.Load(model, Content(tensors)));
        Assert.Contains("\n  missing: layer1.bias [2]\n", refused.Message, Ordinal);
        Assert.Contains("\n  unexpected: fc.weight [2]\n", refused.Message, Ordinal);
        Assert.Contains("layer0.weight is [3, 4] in the file and [3, 64] in the network\n", refused.Message, Ordinal);
        Assert.Contains("model.weights_partial = true", refused.Message, Ordinal);
        Assert.Equal(before, Values(model));
        Assert.Equal(2, refused.ExitCode);
    }

    [Fact]
    public void A_part_is_taken_where_the_user_says_so_and_the_rest_is_told()
    {
        using var model = Mlp();
        var before = Host.Numbers(model.named_parameters().Single(one => one.name == "layer1.bias").parameter);
        var tensors = Tensors(model, 7);
        tensors.Remove("layer1.bias");
        tensors["fc.weight"] = ones(2);
        var notes = NetworkWeights.Load(model, Content(tensors), partial: true);
        Assert.Equal(
            [
                "w.pt: not in the file, and left at the initial values: layer1.bias [2].",
                "w.pt: left out, since the network has no such name: fc.weight [2].",
                "w.pt: 5 tensors are loaded (model.weights_partial).",
            ],
            notes
        );
        Assert.Equal(before, Host.Numbers(model.named_parameters().Single(one => one.name == "layer1.bias").parameter));
        Assert.All(Host.Numbers(model.named_parameters().First().parameter), value => Assert.Equal(7, value));
    }

    [Fact]
    public void Nothing_that_fits_is_refused_also_in_part_and_names_are_offered_by_their_order()
    {
        using var model = Mlp();
        var tensors = Tensors(model)
            .ToDictionary(pair => pair.Key.Replace("layer", "net.", Ordinal), pair => pair.Value);
        var refused = Assert.Throws<ModelException>(() => NetworkWeights.Load(model, Content(tensors), partial: true));
        Assert.Contains("has nothing of this network", refused.Message, Ordinal);
        Assert.Contains("\"net.0.weight\": \"layer0.weight\"", refused.Message, Ordinal);
        Assert.DoesNotContain("weights_partial", refused.Message, Ordinal);
    }

    [Fact]
    public void A_tensor_with_two_names_takes_either_or_both_where_they_agree()
    {
        var tied = SavedTensor.Matrix(3, 3, [0.3f, -0.2f, 0.5f, 0.1f, 0.4f, -0.6f, 0.7f, 0.2f, -0.1f]);
        var path = ScriptArchive.Save(
            _folder["m.pt"],
            "return torch.linear(torch.linear(x, self.a), self.b)",
            "Tensor",
            ("a", tied),
            ("b", tied)
        );
        var request = NetworkProblem.Request("torchscript") with { File = path, InputShape = [3], SampleShape = [] };
        using var model = ModelCatalog.Build("torchscript", request);
        void Load(params (string Name, double Value)[] given) =>
            NetworkWeights.Load(
                model,
                Content(given.ToDictionary(one => one.Name, one => full([3, 3], one.Value, dtype: ScalarType.Float64)))
            );
        foreach (var names in new[] { new[] { "a" }, ["b"], ["a", "b"] })
        {
            Load([.. names.Select(name => (name, 2.0 + names.Length))]);
            Assert.All(Values(model), value => Assert.Equal(2.0 + names.Length, value));
        }
        var refused = Assert.Throws<ModelException>(() => Load(("a", 1), ("b", 2)));
        Assert.Contains(
            "a = b is one tensor of the network, but its names have different values",
            refused.Message,
            Ordinal
        );
        Assert.Contains("missing: a = b [3, 3]", Assert.Throws<ModelException>(() => Load(("c", 1))).Message, Ordinal);
    }

    [Fact]
    public void Buffers_that_the_network_saves_are_demanded_and_others_are_none_of_its()
    {
        using var model = new Buffered();
        var (weight, mean) = (ones(2, 2), ones(2));
        NetworkWeights.Load(model, Content(new() { ["weight"] = weight, ["mean"] = mean }));
        Assert.All(Values(model), value => Assert.Equal(1, value));
        var refused = Assert.Throws<ModelException>(() =>
            NetworkWeights.Load(model, Content(new() { ["weight"] = weight }))
        );
        Assert.Contains("missing: mean [2]\n", refused.Message, Ordinal);
        refused = Assert.Throws<ModelException>(() =>
            NetworkWeights.Load(
                model,
                Content(
                    new()
                    {
                        ["weight"] = weight,
                        ["mean"] = mean,
                        ["count"] = ones(1),
                    }
                )
            )
        );
        Assert.Contains("unexpected: count [1]", refused.Message, Ordinal);
    }

    [Fact]
    public void An_exported_program_takes_the_weights_that_its_module_saves()
    {
        using var own = ModelCatalog.Build("mlp", NetworkProblem.Request("mlp"));
        var request = NetworkProblem.Request("mlp");
        var program = NetworkProgram.Build("mlp", request, own, ProgramForm.Training);
        program.Buffer("scale", SavedTensor.Matrix(1, 1, [2]));
        program.Buffer("lost", SavedTensor.Matrix(1, 1, [3]), persistent: false);
        var path = ProgramArchive.Save(_folder["m.pt2"], program);
        using var model = ModelCatalog.Build("exported", request with { File = path, SampleShape = [] });

        var tensors = Tensors(own, 7);
        var refused = Assert.Throws<ModelException>(() => NetworkWeights.Load(model, Content(tensors)));
        Assert.Contains("missing: scale [1, 1]\n", refused.Message, Ordinal);
        tensors["scale"] = full([1, 1], 7);
        NetworkWeights.Load(model, Content(tensors));
        Assert.All(Values(model), value => Assert.Equal(7, value));
        using var problem = new NetworkProblem("mlp");
        NetworkWeights.Load(problem.Model, Content(Tensors(own, 7)));
        Assert.Equal(Host.Numbers(problem.Model.call(problem.Inputs)), Host.Numbers(model.call(problem.Inputs)));
    }

    [Fact]
    public void A_run_goes_on_in_another_from_its_checkpoint()
    {
        var spec = SpecReader.Read("quick", [.. Small, "run.checkpoint_at=[3]"]);
        var folder = new RunFolder(_folder["run"]);
        Run.Execute(spec, folder, "test", TimeProvider.System, CancellationToken.None);
        var path = Checkpoints.PathOf(folder, 3);

        using var setup = new RunSetup(SpecReader.Read("quick", [.. Small, $"model.weights=\"{path}\""]));
        Assert.Equal(RunReader.Open(folder.Path).ReadSteps()[3].Loss, setup.Objective.Evaluate().Loss);
        Assert.Equal(2, setup.Remarks.Count);
        Assert.StartsWith("each feature was standardized", setup.Remarks[0], StringComparison.Ordinal);
        Assert.Equal($"{path}: theta of step 3 of a run of gyre.", setup.Remarks[1]);

        var wider = SpecReader.Read("quick", [.. Small, "model.widths=[9]", $"model.weights=\"{path}\""]);
        Assert.Contains(
            "with 42 parameters, but this one has 47",
            Assert.Throws<ModelException>(() => new RunSetup(wider)).Message,
            Ordinal
        );
    }

    [Fact]
    public void A_run_is_of_one_file_of_weights_wherever_it_lies()
    {
        using (var setup = new RunSetup(SpecReader.Read("quick", Small)))
            Safetensors.Write(_folder["w.safetensors"], Tensors(setup.Model));
        File.Copy(_folder["w.safetensors"], _folder["copy"]);
        var plain = SpecReader.Read("quick", Small);
        var spec = SpecReader.Read("quick", [.. Small, $"model.weights=\"{_folder["w.safetensors"]}\""]);
        var copied = SpecReader.Read("quick", [.. Small, $"model.weights=\"{_folder["copy"]}\""]);
        Assert.Equal(WeightsFile.Sha256(_folder["copy"]), spec.Model.WeightsChecksum);
        Assert.Equal(SpecText.Id(spec), SpecText.Id(copied));
        Assert.NotEqual(SpecText.Id(spec), SpecText.Id(plain));
        Assert.NotEqual(
            SpecText.Id(spec),
            SpecText.Id(
                SpecReader.ReadText(SpecText.Write(spec with { Model = spec.Model with { WeightsPartial = true } }))
            )
        );

        Safetensors.Write(_folder["w.safetensors"], new Dictionary<string, Tensor> { ["layer0.weight"] = ones(8, 2) });
        var refused = Assert.Throws<ModelException>(() => new RunSetup(SpecReader.ReadText(SpecText.Write(spec))));
        Assert.Contains("model.weights_sha256", refused.Message, Ordinal);
        Assert.Contains(spec.Model.WeightsChecksum, refused.Message, Ordinal);
    }

    [Fact]
    public void A_run_from_weights_resumes_with_the_same_bytes()
    {
        using (var setup = new RunSetup(SpecReader.Read("quick", [.. Small, "seed=5"])))
            Safetensors.Write(_folder["w.safetensors"], Tensors(setup.Model));
        var spec = SpecReader.Read("quick", [.. Small, $"model.weights=\"{_folder["w.safetensors"]}\""]);
        Run.Execute(spec, new RunFolder(_folder["whole"]), "test", TimeProvider.System, CancellationToken.None);
        for (var (end, sessions) = (RunEnd.Interrupted, 0); end == RunEnd.Interrupted && sessions < 20; sessions++)
        {
            using var stop = new CancellationTokenSource();
            end = Run.Execute(
                spec,
                new RunFolder(_folder["stopped"]),
                "test",
                new StopsAfterReadings(stop, 12),
                stop.Token
            );
        }
        RunBytes.AssertSame(new RunFolder(_folder["whole"]), new RunFolder(_folder["stopped"]));
    }

    [Fact]
    public void Wrong_keys_are_told_together()
    {
        var refused = Assert.Throws<SpecException>(() =>
            SpecReader.Read("quick", [.. Small, "model.weights=gone.pt", "model.start=[1.0]", "training.steps=0"])
        );
        Assert.Equal(
            ["model.start", "model.weights", "training.steps"],
            refused.Mistakes.Select(one => one.Where).Order(StringComparer.Ordinal)
        );
        refused = Assert.Throws<SpecException>(() =>
            SpecReader.Read("quick", [.. Small, "model.weights_partial=true"])
        );
        Assert.Equal("model.weights_partial", Assert.Single(refused.Mistakes).Where);
    }

    [Fact]
    public void A_path_is_relative_to_its_spec_and_an_axis_has_paths_too()
    {
        foreach (var name in new[] { "one", "two" })
            Safetensors.Write(_folder[$"{name}.safetensors"], new Dictionary<string, Tensor> { [name] = ones(1) });
        File.WriteAllText(_folder["spec.toml"], "[model]\nweights = \"one.safetensors\"\n");
        Assert.Equal(_folder["one.safetensors"], SpecReader.Read(_folder["spec.toml"]).Model.Weights);
        File.WriteAllText(
            _folder["sweep.toml"],
            "[sweep.axes]\n\"model.weights\" = [\"one.safetensors\", \"two.safetensors\"]\n"
        );
        var plan = SweepPlanner.Plan(
            SweepSpecReader.Read(_folder["sweep.toml"], []),
            1,
            new Dictionary<string, CalibrationRecord>(),
            ""
        );
        Assert.Equal(
            [_folder["one.safetensors"], _folder["two.safetensors"]],
            plan.Cells.Select(cell => cell.Spec!.Model.Weights).Distinct()
        );
        Assert.Equal(2, plan.Cells.Select(cell => cell.Spec!.Model.WeightsChecksum).Distinct().Count());
    }

    private static Network Mlp() => ModelCatalog.Build("mlp", NetworkProblem.Request("mlp") with { Outputs = 2 });

    private static WeightsContent Content(Dictionary<string, Tensor> tensors) =>
        new("w.pt", WeightsForm.TorchSave, tensors);

    private static Dictionary<string, Tensor> Tensors(Network model, double? value = null) =>
        model
            .named_parameters()
            .ToDictionary(
                one => one.name,
                one => value is { } all ? full_like(one.parameter, all) : one.parameter.detach().clone()
            );

    private static double[] Values(Network model) =>
        [.. model.parameters().Concat(model.buffers().Where(one => one.is_floating_point())).SelectMany(Host.Numbers)];

    /// <summary>With a buffer that is saved, and one that is not.</summary>
    private sealed class Buffered : Network
    {
        private readonly TorchSharp.Modules.Parameter _weight = new(zeros(2, 2));

        public Buffered()
            : base("buffered")
        {
            register_parameter("weight", _weight);
            register_buffer("mean", zeros(2));
            register_buffer("count", zeros(1, ScalarType.Int64), persistent: false);
        }

        public override Tensor forward(Tensor input) => nn.functional.linear(input, _weight);
    }
}
