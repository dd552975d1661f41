using System.Text.Json;
using Gyre.Lab.Experiments;
using Gyre.Lab.Inspection;
using Gyre.Lab.Models;
using Gyre.Lab.Objectives;
using Gyre.Lab.Runs;
using Gyre.Tests.TestKit;
using Gyre.Tests.Torch;
using static TorchSharp.torch;

namespace Gyre.Tests.Lab.Inspection;

/// <summary>Against PyTorch and numpy: TestKit/TorchScript/make.py exported the network and computed its dense matrices.</summary>
public sealed class InspectorTests : IDisposable
{
    private static readonly JsonElement Truth = JsonDocument.Parse(File.ReadAllText(TorchScriptFileTests.Exported("truth.json"))).RootElement;

    private readonly TemporaryFolder _folder = new();
    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();

    public InspectorTests()
    {
        foreach (var name in new[] { "x.npy", "y.npy" })
            File.Copy(TorchScriptFileTests.Exported(name), _folder[name]);
    }

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("hessian", "hessian")]
    [InlineData("gauss-newton", "gauss_newton")]
    [InlineData("fisher", "fisher")]
    public void Eigenvalues_of_a_module_that_PyTorch_exported_are_numpys(string name, string truth)
    {
        var record = Inspect(new InspectionOptions { Operator = name, Pairs = 3, DensityProbes = 0 });
        var exact = Values(truth);

        Assert.Equal(Truth.GetProperty("loss").GetDouble(), record.Loss, 1e-6); // the file's weights are float32 and so is the data
        Assert.Equal(37, record.Parameters);
        foreach (var (pair, value) in record.Top.Zip(exact.Reverse()))
            Assert.Equal(value, pair.Value, 1e-6);
        if (name == "hessian")
        {
            foreach (var (pair, value) in record.Bottom.Reverse().Zip(exact))
                Assert.Equal(value, pair.Value, 1e-6);
        }
        Assert.InRange(Math.Abs(record.Trace!.Value - exact.Sum()), 0, 4 * record.Trace.Error + 1e-9);
    }

    [Fact]
    public void Blocks_are_numpys_and_parameters_that_the_loss_ignores_are_named()
    {
        var record = Inspect(new InspectionOptions { DensityProbes = 0, TraceProbes = 0 });

        foreach (var layer in record.Layers!)
        {
            var exact = Truth.GetProperty("blocks").GetProperty(layer.Name).EnumerateArray().Max(value => value.GetDouble());
            Assert.Equal(exact, layer.Sharpness, 1e-3 * Math.Abs(exact) + 1e-12);
        }
        Assert.Contains("the loss ignores unused.weight, unused.bias: their blocks are zero", record.Remarks);
        Assert.Null(record.Density);
    }

    [Fact]
    public void Chosen_parameters_alone_make_the_matrix()
    {
        var record = Inspect(new InspectionOptions { Parameters = ["a.wei*"], Pairs = 1, DensityProbes = 0, TraceProbes = 0 });

        Assert.Equal(["a.weight"], record.Chosen);
        Assert.Equal(Truth.GetProperty("blocks").GetProperty("a.weight").EnumerateArray().Max(value => value.GetDouble()), record.Top[0].Value, 1e-6);
        var refused = Assert.Throws<InspectionException>(() => Inspect(new InspectionOptions { Parameters = ["c.*"] }));
        Assert.Contains("matches no parameter; there are a.weight, a.bias", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_density_counts_every_eigenvalue()
    {
        var record = Inspect(new InspectionOptions { Pairs = 2, DensityProbes = 4, DensitySteps = 30 });
        var density = record.Density!;
        var step = density.Places[1] - density.Places[0];

        Assert.Equal(1, density.Values.Sum() * step, 0.02);
        var exact = Values("hessian").Count(value => value < -1e-3 * Values("hessian").Max(Math.Abs)) / 37.0;
        Assert.InRange(exact, density.NegativeLow, density.NegativeHigh);
    }

    [Fact]
    public void A_checkpoint_of_a_run_has_the_sharpness_that_the_run_measured_there()
    {
        var spec = SpecReader.Read("quick", ["training.steps=12", "run.checkpoint_every=12", "threads=1", "data.samples=60", "model.widths=[8]"]);
        var folder = new RunFolder(_folder["run"]);
        Run.Execute(spec, folder, "test", TimeProvider.System, CancellationToken.None);
        var record = Inspector.Of(spec, Checkpoints.PathOf(folder, 12), "there", new InspectionOptions { DensityProbes = 0, TraceProbes = 0, Layers = false }, _ => { }, CancellationToken.None).Record;

        var measured = RunReader.Open(folder.Path).Curvature[^1];
        Assert.Equal(12, measured.Step);
        Assert.Equal(measured.Sharpness, record.Top[0].Value, 1e-4 * measured.Sharpness);
        Assert.Contains("a subset: 60 of the 5000 training samples; every number is of these alone", record.Remarks);
        var other = SpecReader.Read("quick", ["model.widths=[9]", "data.samples=60"]);
        Assert.Contains("this one has", Assert.Throws<InspectionException>(() => Inspector.Of(other, Checkpoints.PathOf(folder, 12), "", new InspectionOptions(), _ => { }, CancellationToken.None)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Dropout_is_refused_with_the_cure_and_shapes_that_do_not_fit_are_named()
    {
        Assert.Contains("model.eval() before it is exported", Assert.Throws<ObjectiveException>(() => Inspect(new InspectionOptions(), "dropout.pt")).Message, StringComparison.Ordinal);
        var spec = SpecReader.Read("quick", ["model.name=torchscript", $"model.file=\"{TorchScriptFileTests.Exported("traced.pt")}\""]);
        Assert.Contains("does not take samples of shape [28, 28]", Assert.Throws<ModelException>(() => Inspector.Of(spec, null, "", new InspectionOptions(), _ => { }, CancellationToken.None)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_classes_than_outputs_are_refused()
    {
        File.WriteAllBytes(_folder["y.npy"], [.. File.ReadAllBytes(_folder["y.npy"])[..^8], 7, 0, 0, 0, 0, 0, 0, 0]);
        Assert.Contains("this data needs [12, 8]", Assert.Throws<ModelException>(() => Inspect(new InspectionOptions())).Message, StringComparison.Ordinal);
    }

    private InspectionRecord Inspect(InspectionOptions options, string file = "traced.pt")
    {
        // float64, and features as they are: standardised data would be other data than numpy's.
        var spec = SpecReader.Read("quick", [
            "dtype=float64", "threads=1", "model.name=torchscript", $"model.file=\"{TorchScriptFileTests.Exported(file)}\"", "data.name=arrays", $"data.path=\"{_folder.Path}\"", "data.samples=0", "data.standardise=false"]);
        return Inspector.Of(spec, null, "theta of the file", options, _ => { }, CancellationToken.None).Record;
    }

    private static double[] Values(string name) => [.. Truth.GetProperty(name).EnumerateArray().Select(value => value.GetDouble())];
}
