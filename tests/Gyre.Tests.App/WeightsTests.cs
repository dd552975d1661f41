using System.Text.Json;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.App;

/// <summary>Weights that PyTorch saved, from the command line.</summary>
public sealed class WeightsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public WeightsTests()
    {
        Directory.CreateDirectory(_folder["data"]);
        foreach (
            var (name, into) in new[] { ("x.npy", "data"), ("y.npy", "data"), ("traced.pt", ""), ("state_dict.pt", "") }
        )
            File.Copy(ExportedNetworks.File(name), Path.Combine(_folder.Path, into, name));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_module_inspected_at_its_own_weights_is_the_same_and_says_whose_theta_it_is()
    {
        var (alone, with) = (Inspected(), Inspected("--set", "model.weights=state_dict.pt"));
        Assert.Equal(alone.GetProperty("loss").GetDouble(), with.GetProperty("loss").GetDouble());
        Assert.Contains("theta of state_dict.pt", with.GetProperty("remarks").ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("run")]
    [InlineData("inspect")]
    [InlineData("sweep")]
    [InlineData("advise")]
    public void Weights_of_another_network_are_one_refusal_and_nothing_is_left_behind(string command)
    {
        string[] sweep = ["--set", "sweep.axes.training.learning_rate=[0.1,0.2]"];
        var (code, _, error) = Go([
            command,
            "quick",
            .. Mlp,
            "--set",
            "model.weights=state_dict.pt",
            .. command == "sweep" ? sweep : [],
        ]);
        Assert.True(code == 2, $"{code}: {error}");
        Assert.Contains("missing: layer0.weight [4, 3], layer0.bias [4], ", error, StringComparison.Ordinal);
        Assert.Contains("unexpected: a.weight [4, 3], a.bias [4], ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        Assert.Empty(
            Directory.Exists(_folder["runs"]) ? Directory.EnumerateDirectories(_folder["runs"], "quick-*") : []
        );
    }

    [Fact]
    public void A_run_at_weights_says_what_was_left_out_and_is_found_again()
    {
        string[] run =
        [
            "run",
            "traced.pt",
            "--data",
            "arrays",
            "--data-path",
            "data",
            "--set",
            "threads=1",
            "--set",
            "training.steps=2",
            "--set",
            "model.weights=weights",
        ];
        File.WriteAllBytes(
            _folder["weights"],
            SavedFile.Bytes(
                new PickledPairs(
                    ("epoch", 3),
                    (
                        "state_dict",
                        new PickledPairs(
                            ("module.a.bias", PickledTensor.Vector("0", 4)),
                            ("module.c", PickledTensor.Vector("0", 4))
                        )
                    )
                ),
                ("0", [1, 2, 3, 4])
            )
        );
        Assert.Contains("missing: a.weight [4, 3], b.weight [3, 4]", Go(run).Error, StringComparison.Ordinal);
        string[] part = [.. run, "--set", "model.weights_partial=true"];
        var (code, output, error) = Go(part);
        Assert.True(code == 0, error);
        foreach (
            var words in new[]
            {
                "torchscript traced.pt, weights weights",
                "weights are read from \"state_dict\"; the file also has \"epoch\"",
                "module. was removed from all 2 names",
                "left out, since the network has no such name: c [4]",
                "1 tensor is loaded (model.weights_partial)",
            }
        )
            Assert.Contains(words, (output + error).ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.Contains("nothing to do", Go(part).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_that_are_not_finite_are_named_and_leave_no_folder()
    {
        var saved = new PickledPairs(("a.bias", PickledTensor.Vector("0", 4)));
        File.WriteAllBytes(_folder["nan.pt"], SavedFile.Bytes(saved, ("0", [1, float.NaN, 3, 4])));
        string[] weights = ["--set", "model.weights=nan.pt", "--set", "model.weights_partial=true"];
        var (code, _, error) = Go(["run", "traced.pt", "--data", "arrays", "--data-path", "data", .. weights]);
        Assert.Equal(2, code);
        Assert.Contains("values that are not finite in \"a.bias\"", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["runs"]));
    }

    private static string[] Mlp =>
        [
            "--set",
            "data.name=arrays",
            "--set",
            "data.path=data",
            "--set",
            "data.samples=0",
            "--set",
            "model.widths=[4]",
            "--set",
            "threads=1",
        ];

    private JsonElement Inspected(params string[] more)
    {
        var (code, output, error) = Go([
            "inspect",
            "traced.pt",
            "--data",
            "arrays",
            "--data-path",
            "data",
            "--probes",
            "0",
            "--no-layers",
            "--pairs",
            "1",
            "--json",
            "-",
            "--out",
            $"inspect-{more.Length}",
            .. more,
        ]);
        Assert.True(code == 0, error);
        return JsonDocument.Parse(output).RootElement;
    }

    private (int ExitCode, string Output, string Error) Go(string[] arguments) =>
        GyreProcess.RunIn(_folder.Path, arguments);
}
