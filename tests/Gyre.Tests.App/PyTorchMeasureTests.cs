using System.Text.Json;
using Gyre.Lab.RunFiles;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.App;

/// <summary>
/// The example of a training in PyTorch, done and measured: losses and eigenvalues are PyTorch's own, of dense Hessians in
/// float64.
/// </summary>
public sealed class PyTorchMeasureTests : IDisposable
{
    private static readonly string Script = Path.Combine(Source.Root, "examples", "pytorch", "train.py");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("sgd", "0.5", "gd")]
    [InlineData("adam", "0.01", "adam")]
    public void Eigenvalues_at_checkpoints_are_those_that_PyTorch_finds(string optimizer, string rate, string rule)
    {
        var training = _folder["out"];
        PyTorchProgram.Run(Script, training, "--steps", "45", "--rate", rate, "--optimizer", optimizer);
        PyTorchProgram.Run("spectrum.py", training, "0", "20", "41");
        var (code, output, error) = GyreProcess.Run(
            "measure",
            Directory.GetFiles(training, "model.*")[0],
            Path.Combine(training, "checkpoints"),
            "--data",
            "arrays",
            "--data-path",
            Path.Combine(training, "train.npz"),
            "--learning-rate",
            rate,
            "--set",
            $"optimizer.name={rule}",
            "--set",
            "curvature.pairs=3",
            "--out",
            _folder["runs"]
        );
        Assert.True(code == 0, error);
        Assert.Contains(
            "9 checkpoints, in this order: 0, 1, 2, 20, 21, 22, 40, 41, 42",
            output,
            StringComparison.Ordinal
        );
        var run = RunReader.Open(Directory.GetDirectories(_folder["runs"])[0]);
        var (steps, curvature) = (
            run.ReadSteps().ToDictionary(step => step.Step),
            run.ReadCurvature().ToDictionary(record => record.Step)
        );
        using var truth = JsonDocument.Parse(File.ReadAllText(Path.Combine(training, "truth.json")));
        foreach (var one in truth.RootElement.EnumerateObject())
        {
            var (step, record) = (steps[long.Parse(one.Name)], curvature[long.Parse(one.Name)]);
            Assert.Equal(one.Value.GetProperty("loss").GetDouble(), step.Loss, 1e-6);
            double[] exact =
            [
                .. one.Value.GetProperty("eigenvalues").EnumerateArray().Select(value => value.GetDouble()),
            ];
            foreach (var (value, found) in exact.Zip(record.Eigenvalues))
                Assert.Equal(value, found, 1e-3 * exact[0]); // at step 0 P is |g| in float32
        }
        Assert.Contains(
            run.ReadSummary()!.LeftOut!,
            sentence => sentence.StartsWith("instabilities between checkpoints (up to 18", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Adam_without_its_state_is_refused_in_a_sentence()
    {
        var training = _folder["out"];
        PyTorchProgram.Run(Script, training, "--steps", "25");
        var (code, _, error) = GyreProcess.Run(
            "measure",
            Directory.GetFiles(training, "model.*")[0],
            Path.Combine(training, "checkpoints"),
            "--data",
            "arrays",
            "--data-path",
            Path.Combine(training, "train.npz"),
            "--learning-rate",
            "0.01",
            "--set",
            "optimizer.name=adam",
            "--out",
            _folder["runs"]
        );
        Assert.Equal(2, code);
        Assert.Contains("step-000000.pt has the optimizer state of another rule", error, StringComparison.Ordinal);
        Assert.Contains("optimizer.state_dict()", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["runs"]));
    }
}
