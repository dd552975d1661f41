using Gyre.Lab.Inspection;
using Gyre.Lab.Models;
using Gyre.Lab.Objectives;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Tests.TestKit;
using static TorchSharp.torch;

namespace Gyre.Tests.Lab.Models;

/// <summary>Modules of the user's own: what they share, return and raise.</summary>
public sealed class TorchScriptModelTests : IDisposable
{
    private static readonly float[] Numbers = [0.3f, -0.2f, 0.5f, 0.1f, 0.4f, -0.6f, 0.7f, 0.2f, -0.1f];
    private static readonly SavedTensor Weight = SavedTensor.Matrix(3, 3, Numbers);

    private readonly TemporaryFolder _folder = new();
    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();

    public TorchScriptModelTests() => ExportedNetworks.CopySamples(_folder);

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void A_tensor_with_several_names_is_counted_once_and_stepped_once(int names)
    {
        var attributes = Enumerable.Range(0, names).Select(i => ($"w{i}", (object?)Weight)).ToArray();
        var body = "return torch.linear(x, self.w0)";
        for (var i = 1; i < names; i++)
            body =
                body.Replace("return ", "return torch.linear(torch.tanh(", StringComparison.Ordinal) + $"), self.w{i})";
        var path = ScriptArchive.Save(_folder["tied.pt"], body, "Tensor", attributes);
        var (loss, gradient, stepped) = Truth(names, 0.5);

        var record = Inspector.Inspect(Spec(path), null, "", Quick, _ => { }, CancellationToken.None).Record;
        var folder = new RunFolder(_folder["run"]);
        Run.Execute(
            Spec(path, "training.steps=1", "training.learning_rate=0.5"),
            folder,
            "test",
            TimeProvider.System,
            CancellationToken.None
        );

        Assert.Equal(9, record.Parameters);
        Assert.Equal(string.Join(" = ", attributes.Select(one => one.Item1)), Assert.Single(record.Chosen));
        Assert.Equal(loss, record.Loss, 1e-9);
        Assert.Equal(gradient, record.GradientNorm, 1e-6);
        Assert.Equal(stepped, RunReader.Open(folder.Path).ReadSteps()[1].Loss, 1e-6);
    }

    [Fact]
    public void A_pattern_that_fits_one_of_the_names_chooses_the_tensor()
    {
        var path = ScriptArchive.Save(
            _folder["m.pt"],
            "return torch.linear(torch.linear(x, self.a), torch.add(self.b, self.c))",
            "Tensor",
            ("a", Weight),
            ("b", Weight),
            ("c", SavedTensor.Matrix(3, 3, Numbers))
        );
        Assert.Equal(
            ["a = b"],
            Inspector
                .Inspect(Spec(path), null, "", Quick with { Parameters = ["b"] }, _ => { }, CancellationToken.None)
                .Record.Chosen
        );
    }

    [Theory]
    [InlineData(
        "ops.prim.RaiseException(\"this module refuses\")\nreturn torch.linear(x, self.w)",
        "this module refuses"
    )]
    [InlineData("return torch.linear(x, self.w).detach()", "does not depend on any parameter")]
    [InlineData("return torch.gt(torch.linear(x, self.w), 0.)", "returns Bool of shape [12, 3]")]
    [InlineData("return torch.linear(x, self.w).to(6)", "returns Float32 of shape [12, 3]")]
    [InlineData("return torch.linear(x, self.w)[:, 0]", "returns Float64 of shape [12]")]
    [InlineData("return torch.linear(x, self.w).to_sparse()", "returns sparse Float64")]
    [InlineData("return torch.linear(torch.reshape(x, [12, 4]), self.w)", "fails on samples of shape [3]")]
    [InlineData(
        "return torch.grid_sampler(torch.reshape(torch.linear(x, self.w), [12, 1, 1, 3]), torch.zeros([12, "
            + "1, 3, 2], dtype=7), 0, 0, False)[:, 0, 0]",
        "differentiable twice"
    )]
    public void Whatever_a_module_does_is_one_sentence_that_names_its_file(string body, string words)
    {
        var path = ScriptArchive.Save(_folder["mine.pt"], body, "Tensor", ("w", Weight));
        var error = Assert.Throws<ModelException>(() =>
            Inspector.Inspect(Spec(path), null, "", Quick, _ => { }, CancellationToken.None)
        );
        Assert.Contains("mine.pt", error.Message, StringComparison.Ordinal);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.InRange(error.Message.Length, 1, 700);
    }

    [Fact]
    public void A_module_that_draws_random_numbers_is_refused_however_small_they_are()
    {
        var path = ScriptArchive.Save(
            _folder["m.pt"],
            "y = torch.linear(x, self.w)\nreturn torch.add(y, torch.mul(torch.rand_like(y), 1.0000000000000001e-30))",
            "Tensor",
            ("w", Weight)
        );
        var refused = Assert.Throws<ObjectiveException>(() =>
            Inspector.Inspect(Spec(path), null, "", Quick, _ => { }, CancellationToken.None)
        );
        Assert.Contains("draws random numbers", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_attribute_that_changes_is_refused_when_the_spec_is_read_and_runs_where_its_author_is_trusted()
    {
        var path = ScriptArchive.Save(
            _folder["m.pt"],
            "self.n = torch.add(self.n, 1)\nreturn torch.linear(x, self.w)",
            "Tensor",
            ("w", Weight),
            ("n", 0)
        );
        Assert.Equal("model.file", Assert.Single(Assert.Throws<SpecException>(() => Spec(path)).Mistakes).Where);
        var trusted = Spec(path, "model.trusted=true");
        Assert.Equal(
            9,
            Inspector.Inspect(trusted, null, "", Quick, _ => { }, CancellationToken.None).Record.Parameters
        );
    }

    /// <summary>
    /// Loss, gradient norm and the loss after one step of a tied network, by libtorch's autograd over the one tensor.
    /// </summary>
    private (double Loss, double Gradient, double Stepped) Truth(int layers, double rate)
    {
        var weight = tensor(Numbers).to(ScalarType.Float64).view(3, 3).requires_grad_();
        var (x, y) = (Samples(), Labels());
        Tensor Loss()
        {
            var outputs = x;
            for (var layer = 0; layer < layers; layer++)
                outputs = nn.functional.linear(layer == 0 ? outputs : outputs.tanh(), weight);
            return nn.functional.cross_entropy(outputs, y);
        }
        var loss = Loss();
        loss.backward();
        var gradient = weight.grad!.clone();
        using (no_grad())
            weight.sub_(gradient * rate);
        return (loss.item<double>(), gradient.norm().item<double>(), Loss().item<double>());
    }

    private Tensor Samples() =>
        tensor(Bytes("x.npy", 12 * 3 * 4).Chunk(4).Select(four => BitConverter.ToSingle(four)).ToArray())
            .view(12, 3)
            .to(ScalarType.Float64);

    private Tensor Labels() =>
        tensor(Bytes("y.npy", 12 * 8).Chunk(8).Select(eight => BitConverter.ToInt64(eight)).ToArray());

    private byte[] Bytes(string name, int count) => File.ReadAllBytes(_folder[name])[^count..];

    private static InspectionOptions Quick =>
        new()
        {
            Pairs = 1,
            DensityProbes = 0,
            TraceProbes = 0,
            Layers = false,
        };

    private RunSpec Spec(string path, params string[] sets) =>
        SpecReader.Read(
            "quick",
            [
                "dtype=float64",
                "threads=1",
                "model.name=torchscript",
                $"model.file=\"{path}\"",
                "data.name=arrays",
                $"data.path=\"{_folder.Path}\"",
                "data.samples=0",
                "data.holdout=0",
                "curvature.pairs=1",
                .. sets,
            ]
        );
}
