using System.Text.Json;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Tests.TestKit;
using Gyre.Torch;
using Gyre.Torch.Weights;
using static TorchSharp.torch;

namespace Gyre.Tests.Lab.Running;

/// <summary>Networks at weights that PyTorch saved: loss and gradient are PyTorch's own, in float64.</summary>
public sealed class PyTorchWeightsTests(PyTorchFiles files) : IClassFixture<PyTorchFiles>
{
    private const double Rounding = 1e-12;

    [Theory]
    [InlineData("mlp", "mlp.pt")]
    [InlineData("mlp", "mlp-parallel.pt")]
    [InlineData("mlp", "mlp-checkpoint.pt")]
    [InlineData("mlp", "mlp.ckpt")]
    [InlineData("cnn", "cnn.pt")]
    [InlineData("cnn", "cnn-parallel.pt")]
    [InlineData("cnn", "cnn.ckpt")]
    public void A_network_of_ours_is_pytorchs(string network, string file) => Compare(network, Own(network, file));

    [Theory]
    [InlineData("mlp", "mlp.pt")]
    [InlineData("mlp", "mlp.ckpt")]
    [InlineData("cnn", "cnn.pt")]
    public void A_module_of_torchscript_takes_weights_too(string network, string file) =>
        Compare(network, [$"model.file=\"{PathOf($"{network}-script.pt")}\"", Weights(file)]);

    [Fact]
    public void Taken_off_left_out_and_converted_are_reported()
    {
        using var half = Setup(Own("cnn", "cnn-half.pt"));
        Assert.Contains(half.Remarks, one => one.Contains("6 tensors of Float16 are converted to Float64", Ordinal));
        Assert.Contains(
            half.Remarks,
            one =>
                one.Contains(
                    "3 tensors of BatchNorm (running_mean, running_var, num_batches_tracked) are left out",
                    Ordinal
                )
        );
        using var lightning = Setup(Own("mlp", "mlp.ckpt"));
        Assert.Contains(lightning.Remarks, one => one.Contains("model. was removed from all 6 names", Ordinal));
        Assert.Contains(lightning.Remarks, one => one.Contains("\"hyper_parameters\"", Ordinal));
    }

    [Fact]
    public void Adams_state_is_read_by_the_index_of_its_parameter()
    {
        foreach (var file in new[] { "mlp-checkpoint.pt", "mlp.ckpt" })
        {
            using var scope = NewDisposeScope();
            var optimizer = WeightsFile.Read(PathOf(file), withOptimizer: true).Optimizer!;
            var group = Assert.Single(optimizer.Groups);
            Assert.Equal([0, 1, 2, 3, 4, 5], group.Parameters);
            Assert.Equal(
                (0.01, 0.8, 0.99, 0.1),
                (group.Numbers["lr"], group.Numbers["beta1"], group.Numbers["beta2"], group.Numbers["weight_decay"])
            );
            foreach (var (second, i) in Truth("mlp", "second").EnumerateObject().Select((one, i) => (one.Value, i)))
            {
                Assert.Equal(3, optimizer.Parameters[i].Step);
                Assert.Equal(Doubles(second), Host.Numbers(optimizer.Parameters[i].Tensors["exp_avg_sq"]));
            }
            Assert.Null(WeightsFile.Read(PathOf(file)).Optimizer);
        }
    }

    [Fact]
    public void The_momentum_of_sgd_is_read()
    {
        using var scope = NewDisposeScope();
        var optimizer = WeightsFile.Read(PathOf("mlp-sgd.pt"), withOptimizer: true).Optimizer!;
        Assert.Equal(0.9, Assert.Single(optimizer.Groups).Numbers["momentum"]);
        Assert.Equal([7, 12], optimizer.Parameters[0].Tensors["momentum_buffer"].shape);
        Assert.Null(optimizer.Parameters[0].Step);
    }

    private const StringComparison Ordinal = StringComparison.Ordinal;

    private void Compare(string network, string[] sets)
    {
        using var scope = NewDisposeScope();
        using var setup = Setup(sets);
        var found = setup.Objective.Evaluate();
        var gradients = Truth(network, "gradient").EnumerateObject().ToArray();
        Assert.Equal(gradients.Select(one => one.Name), setup.Objective.Layout.Names);
        Assert.Equal(Truth(network, "loss").GetDouble(), found.Loss, Rounding);
        Near(gradients.SelectMany(one => Doubles(one.Value)), Host.Numbers(found.Gradient));
        Near(Doubles(Truth(network, "outputs")), Host.Numbers(setup.Model.call(setup.Train.Chunk(0).Inputs)));
    }

    private static void Near(IEnumerable<double> wanted, double[] found)
    {
        double[] truth = [.. wanted];
        Assert.Equal(truth.Length, found.Length);
        Assert.All(truth.Zip(found), pair => Assert.Equal(pair.First, pair.Second, Rounding));
    }

    private string[] Own(string network, string file) =>
        network == "mlp"
            ? ["model.name=mlp", "model.widths=[7, 5]", "model.activation=tanh", Weights(file)]
            : ["model.name=cnn", "model.widths=[4]", "model.norm=batch", "model.activation=tanh", Weights(file)];

    private string Weights(string file) => $"model.weights=\"{PathOf(file)}\"";

    private RunSetup Setup(string[] sets) =>
        new(
            SpecReader.Read(
                "quick",
                [
                    "dtype=float64",
                    "threads=1",
                    "data.name=arrays",
                    $"data.path=\"{PathOf("data")}\"",
                    "data.samples=0",
                    "data.standardise=false",
                    "data.holdout=0",
                    .. sets,
                ]
            )
        );

    private string PathOf(string file) => Path.Combine(files.Folder("networks.py"), file);

    private JsonElement Truth(string network, string what) =>
        JsonDocument.Parse(File.ReadAllText(PathOf("truth.json"))).RootElement.GetProperty(network).GetProperty(what);

    private static IEnumerable<double> Doubles(JsonElement list) =>
        list.EnumerateArray().Select(one => one.GetDouble());
}
