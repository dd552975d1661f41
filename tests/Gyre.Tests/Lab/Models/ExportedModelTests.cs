using Gyre.Lab.Inspection;
using Gyre.Lab.Models;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Tests.TestKit;
using Gyre.Tests.TestKit.Exported;
using static TorchSharp.torch;

namespace Gyre.Tests.Lab.Models;

/// <summary>Exported programs as networks of a spec: what their files decide, and what is refused.</summary>
public sealed class ExportedModelTests : IDisposable
{
    private static readonly float[] Numbers = [0.3f, -0.2f, 0.5f, 0.1f, 0.4f, -0.6f, 0.7f, 0.2f, -0.1f];

    private readonly TemporaryFolder _folder = new();
    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();

    public ExportedModelTests() => ExportedNetworks.CopySamples(_folder);

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_run_of_an_exported_network_is_the_run_of_the_network()
    {
        string[] sets = ["model.widths=[5]", "model.activation=tanh", "training.steps=6", "curvature.every=3"];
        var own = Spec([.. sets, "model.name=mlp", "data.standardise=false"]);
        using var setup = new RunSetup(own);
        var request = new ModelRequest(own.Model)
        {
            InputShape = [3],
            Outputs = 3,
            Seed = 0,
            Dtype = ScalarType.Float64,
            Device = CPU,
        };
        var program = NetworkProgram.Build("mlp", request, setup.Model, ProgramForm.Training);
        var exported = Spec([.. sets, $"model.file=\"{ProgramArchive.Save(_folder["m.pt2"], program)}\""]);

        var (mine, theirs) = (Result(own, "own"), Result(exported, "exported"));

        Assert.Equal(ModelNames.Exported, exported.Model.Name);
        Assert.Equal(mine.Steps.Select(step => step.Loss), theirs.Steps.Select(step => step.Loss));
        Assert.Equal(
            mine.Curvature.Select(one => one.Eigenvalues[0]),
            theirs.Curvature.Select(one => one.Eigenvalues[0])
        );
    }

    [Theory]
    [InlineData("model.name=torchscript")]
    [InlineData("seed=3")]
    public void The_content_of_the_file_decides_which_network_it_is(string set) =>
        Assert.Equal(ModelNames.Exported, Spec([File(Linear()), set]).Model.Name);

    [Fact]
    public void A_file_that_is_set_takes_the_place_of_a_presets_network_and_no_key_of_it_is_called_unused()
    {
        string[] sets = [File(Linear()), "model.output=0", "data.name=arrays", $"data.path=\"{_folder.Path}\""];
        Assert.Equal(ModelNames.Exported, SpecReader.Read("quick", sets).Model.Name);
        Assert.Empty(UnusedKeys.Find("quick", sets));
        Assert.Contains(
            "model.trusted = true has no effect",
            Assert.Single(UnusedKeys.Find("quick", [.. sets, "model.trusted=true"])),
            StringComparison.Ordinal
        );
    }

    /// <summary>The network was trained on data after its own preprocessing.</summary>
    [Fact]
    public void The_data_of_a_file_are_used_as_stored_unless_standardization_is_requested()
    {
        Assert.False(Spec([File(Linear())]).Data.Standardise);
        Assert.True(Spec([File(Linear()), "data.standardise=true"]).Data.Standardise);
        Assert.True(SpecReader.Read("quick").Data.Standardise);
    }

    [Fact]
    public void A_network_of_ours_and_a_file_are_two_networks()
    {
        var mistake = Mistake([File(Linear()), "model.name=mlp"]);
        Assert.Equal("--set model.file", mistake.Where);
        Assert.Contains("remove one of the two", mistake.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_batch_that_was_fixed_becomes_the_chunk()
    {
        var spec = Spec([File(Linear(batch: 4))]);
        Assert.Equal(4, spec.Objective.Chunk);
        using var setup = new RunSetup(spec);
        Assert.Equal(3, setup.Objective.Chunks);
    }

    [Fact]
    public void Another_chunk_than_the_fixed_batch_is_refused_with_the_export_that_takes_any()
    {
        var mistake = Mistake([File(Linear(batch: 4)), "objective.chunk=6"]);
        Assert.Equal("--set objective.chunk", mistake.Where);
        Assert.Contains("exported for 4 at a time", mistake.Problem, StringComparison.Ordinal);
        Assert.Contains(
            "dynamic_shapes=({0: torch.export.Dim(\"batch\")},)",
            mistake.Problem,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_number_of_samples_that_is_no_multiple_is_refused_and_so_is_another_minibatch()
    {
        var spec = Spec([File(Linear(batch: 5)), "optimizer.name=sgd", "optimizer.batch=4"]);
        var mistakes = Assert.Throws<SpecException>(() => new RunSetup(spec)).Mistakes;
        Assert.Equal(["data.samples", "optimizer.batch"], mistakes.Select(one => one.Where));
        Assert.Contains("12 training samples are not a multiple of 5", mistakes[0].Problem, StringComparison.Ordinal);
        Assert.Contains("dynamic_shapes=", mistakes[0].Problem, StringComparison.Ordinal);
        Assert.Contains("set it to 10", mistakes[0].Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_greatest_batch_bounds_the_chunk()
    {
        var program = Linear();
        program.Range = (2, 6);
        Assert.Equal(6, Spec([File(program)]).Objective.Chunk);
        Assert.Equal(3, Spec([File(program), "objective.chunk=3"]).Objective.Chunk);
        Assert.Equal("--set objective.chunk", Mistake([File(program), "objective.chunk=7"]).Where);
    }

    [Fact]
    public void One_of_several_outputs_is_chosen_by_position_or_name()
    {
        var program = new ProgramBuilder();
        var weight = program.Parameter("weight", SavedTensor.Matrix(3, 3, Numbers));
        var x = program.Input("x", ScalarType.Float32, null, 3);
        var first = program.Call("linear", ("input", x), ("weight", weight));
        var second = program.Call("mul.Tensor", ("self", first), ("other", 2.0));
        program.Output(first);
        program.Output(second);
        var file = File(program);
        var losses = new[] { "0", "1", second.Text }.Select(which => Loss([file, $"model.output={which}"])).ToArray();
        Assert.NotEqual(losses[0], losses[1]);
        Assert.Equal(losses[1], losses[2]);
        Assert.Contains("to the one that the loss is computed from", Mistake([file]).Problem, StringComparison.Ordinal);
        Assert.Contains("not one of its outputs", Mistake([file, "model.output=5"]).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Samples_take_the_shape_that_the_program_was_exported_for_and_that_is_reported()
    {
        var spec = Spec([File(Linear(shape: [3, 1]))]);
        using var setup = new RunSetup(spec);
        Assert.Contains(setup.Remarks, remark => remark.Contains("[3] are given as [3, 1]", StringComparison.Ordinal));
        Assert.True(double.IsFinite(setup.Objective.Loss()));
        var wrong = Spec([File(Linear(shape: [5]))]);
        Assert.Contains(
            "has 3",
            Assert.Throws<ModelException>(() => new RunSetup(wrong)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_batch_norm_in_training_mode_keeps_its_statistics_and_says_so()
    {
        var program = new ProgramBuilder();
        var weight = program.Parameter("weight", SavedTensor.Matrix(3, 3, Numbers));
        var mean = program.Buffer("norm.running_mean", SavedTensor.From(zeros(3)));
        var variance = program.Buffer("norm.running_var", SavedTensor.From(ones(3)));
        var x = program.Input("x", ScalarType.Float32, null, 3);
        var hidden = program.Call("linear", ("input", x), ("weight", weight));
        program.Output(
            program.Call(
                "batch_norm",
                ("input", hidden),
                ("weight", ProgramValue.None),
                ("bias", ProgramValue.None),
                ("running_mean", mean),
                ("running_var", variance),
                ("training", true),
                ("momentum", 0.1),
                ("eps", 1e-5),
                ("cudnn_enabled", true)
            )
        );
        using var setup = new RunSetup(Spec([File(program)]));
        var first = setup.Objective.Loss();
        Assert.Equal(first, setup.Objective.Loss());
        Assert.All(
            setup.Model.named_buffers(),
            one => Assert.True(one.buffer.Equals(one.name.EndsWith("mean") ? zeros(3, float64) : ones(3, float64)))
        );
        Assert.Contains(
            setup.Remarks,
            remark =>
                remark.Contains("norm.running_mean, norm.running_var", StringComparison.Ordinal)
                && remark.Contains("not carried over", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void A_run_is_of_one_file()
    {
        var spec = Spec([File(Linear())]);
        File(Linear(numbers: [.. Numbers.Reverse()]));
        Assert.Contains(
            "is not the file that this run started with",
            Assert.Throws<ModelException>(() => new RunSetup(spec)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void An_operator_without_a_second_derivative_is_named_with_its_module()
    {
        var program = new ProgramBuilder();
        var weight = program.Parameter("weight", SavedTensor.Matrix(3, 3, Numbers));
        var x = program.Input("x", ScalarType.Float32, null, 3);
        var hidden = program.Call("linear", ("input", x), ("weight", weight));
        var image = program.Call("view", ("self", hidden), ("size", new long[] { -1, 1, 1, 3 }));
        program.Module = "sampler.grid";
        var sampled = program.Call(
            "grid_sampler",
            ("input", image),
            ("grid", program.Call("zeros", ("size", new long[] { 12, 1, 3, 2 }))),
            ("interpolation_mode", 0),
            ("padding_mode", 0),
            ("align_corners", false)
        );
        program.Output(program.Call("view", ("self", sampled), ("size", new long[] { -1, 3 })));
        var error = Assert.Throws<ModelException>(() =>
            Inspector.Inspect(Spec([File(program)]), null, "", Quick, _ => { }, CancellationToken.None)
        );
        Assert.Contains(
            "aten.grid_sampler (in sampler.grid) is not twice differentiable",
            error.Message,
            StringComparison.Ordinal
        );
    }

    private static InspectionOptions Quick =>
        new()
        {
            Pairs = 1,
            DensityProbes = 0,
            TraceProbes = 0,
            Layers = false,
        };

    private static ProgramBuilder Linear(long? batch = null, long[]? shape = null, float[]? numbers = null)
    {
        var program = new ProgramBuilder();
        var weight = program.Parameter("weight", SavedTensor.Matrix(3, 3, numbers ?? Numbers));
        var x = program.Input("x", ScalarType.Float32, [batch, .. (shape ?? [3]).Select(size => (long?)size)]);
        var flat = program.Call("flatten.using_ints", ("self", x), ("start_dim", 1));
        program.Output(program.Call("linear", ("input", flat), ("weight", weight)));
        return program;
    }

    private string File(ProgramBuilder program)
    {
        System.IO.File.Delete(_folder["m.pt2"]);
        return $"model.file=\"{ProgramArchive.Save(_folder["m.pt2"], program)}\"";
    }

    private double Loss(string[] sets)
    {
        using var setup = new RunSetup(Spec(sets));
        return setup.Objective.Loss();
    }

    private SpecMistake Mistake(string[] sets) =>
        Assert.Single(Assert.Throws<SpecException>(() => Spec(sets)).Mistakes);

    private (IReadOnlyList<StepRecord> Steps, IReadOnlyList<CurvatureRecord> Curvature) Result(
        RunSpec spec,
        string name
    )
    {
        var folder = new RunFolder(_folder[name]);
        Run.Execute(spec, folder, "test", TimeProvider.System, CancellationToken.None);
        var run = RunReader.Open(folder.Path);
        return (run.ReadSteps(), run.ReadCurvature());
    }

    private RunSpec Spec(string[] sets)
    {
        System.IO.File.WriteAllText(_folder["spec.toml"], "name = \"mine\"\n");
        return SpecReader.Read(
            _folder["spec.toml"],
            [
                "dtype=float64",
                "threads=1",
                "data.name=arrays",
                $"data.path=\"{_folder.Path}\"",
                "data.samples=0",
                "data.holdout=0",
                "curvature.pairs=1",
                .. sets,
            ]
        );
    }
}
