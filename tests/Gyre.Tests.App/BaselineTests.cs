using System.Security.Cryptography;
using Gyre.Lab.RunFiles;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.App;

/// <summary>
/// Compares bytes that depend on the machine with those of another build, such as the commit before a change of
/// structure. These tests are compiled only when GYRE_BASELINE names that build:
/// GYRE_BASELINE=…/gyre.dll dotnet run -c Release --project tests/Gyre.Tests.App -- -class '*BaselineTests'.
/// </summary>
public class BaselineTests
{
    private static readonly string[] Quick =
    [
        "--set",
        "threads=1",
        "--set",
        "data.samples=100",
        "--set",
        "training.steps=40",
    ];

    [Theory]
    [InlineData("run", "quick")]
    [InlineData(
        "run",
        "quick",
        "--set",
        "optimizer.name=adam",
        "--set",
        "training.learning_rate=0.01",
        "--set",
        "curvature.resolve=true",
        "--set",
        "curvature.trace_probes=2"
    )]
    [InlineData(
        "run",
        "quick",
        "--set",
        "optimizer.name=sgd",
        "--set",
        "optimizer.batch=50",
        "--set",
        "curvature.batch_probes=2"
    )]
    [InlineData("run", "quick", "--probe", "self-stabilisation", "--set", "model.activation=tanh")]
    [InlineData("run", "quick", "--set", "intervention.name=freeze-rotation", "--set", "intervention.pairs=2")]
    [InlineData(
        "sweep",
        "quick",
        "--set",
        "sweep.axes.training.learning_rate=[0.3,0.6]",
        "--set",
        "sweep.reductions=[{step=20,factor=0.2}]"
    )]
    public void Bytes_are_those_of_the_baseline(params string[] command)
    {
        var baseline =
            Environment.GetEnvironmentVariable("GYRE_BASELINE")
            ?? throw new InvalidOperationException("GYRE_BASELINE must name the other build's gyre.dll.");
        using var folder = new TemporaryFolder();
        string[] whole = [.. command, .. Quick, "--quiet"];
        Assert.Equal(0, GyreProcess.RunIn(folder.Path, [.. whole, "--out", folder["ours"]]).ExitCode);
        Assert.Equal(0, GyreProcess.RunOther(baseline, folder.Path, [.. whole, "--out", folder["theirs"]]).ExitCode);
        var (ours, theirs) = (Lines(folder["ours"]), Lines(folder["theirs"]));
        Assert.NotEmpty(ours);
        Assert.Equal(theirs, ours);
    }

    private static string[] Lines(string folder) =>
        [
            .. Directory
                .GetFiles(folder, "summary.json", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
                .SelectMany(file => Hashes(new RunFolder(Path.GetDirectoryName(file)!))),
        ];

    private static IEnumerable<string> Hashes(RunFolder run) =>
        ((string[])[run.Spec, .. run.Replayed, run.Summary]).Select(file =>
            $"{Path.GetFileName(run.Path)} {Path.GetFileName(file)} "
            + $"{Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)))}"
        );
}
