using System.Security.Cryptography;
using Gyre.Lab.RunFiles;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.App;

/// <summary>
/// What no change of structure may move, as the program's users see it; what one process alone makes is pinned in
/// Gyre.Tests.
/// </summary>
public class PinnedTests
{
    private const string Pins = "tests/Gyre.Tests.App/Expectations/";

    private static readonly string[] Quick =
    [
        "--set",
        "threads=1",
        "--set",
        "data.samples=100",
        "--set",
        "training.steps=40",
    ];

    /// <summary>Two rates and a reduction of one, in float64, whose bytes are those of every machine.</summary>
    private static readonly string[] Sweep =
    [
        "sweep",
        "diagonal",
        "--jobs",
        "2",
        "--set",
        "threads=1",
        "--set",
        "training.steps=60",
        "--set",
        "sweep.axes.training.learning_rate=[0.1,0.261]",
        "--set",
        "sweep.reductions=[{step=30,factor=0.25,parents=[0.261]}]",
        "--set",
        "sweep.seeds=2",
        "--set",
        "run.checkpoint_at=[30]",
    ];

    public static TheoryData<string> Presets =>
        [
            .. Directory
                .GetFiles(Path.Combine(Source.Root, "experiments"), "*.toml")
                .Select(file => Path.GetFileNameWithoutExtension(file)!)
                .Order(StringComparer.Ordinal),
        ];

    [Theory]
    [MemberData(nameof(Presets))]
    public void A_presets_spec_keeps_its_text(string preset)
    {
        var (exitCode, output, error) = GyreProcess.Run("spec", preset);
        Assert.Equal((0, ""), (exitCode, error));
        Pin.Check(
            $"{Pins}spec-{preset}.toml",
            System.Text.RegularExpressions.Regex.Replace(output, @"(?m)^threads = \d+$", "threads = 1")
        );
    }

    [Fact]
    public void A_sweep_with_reductions_keeps_its_bytes()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(0, GyreProcess.RunIn(folder.Path, Sweep).ExitCode);
        var cells = Directory
            .GetDirectories(folder["sweeps/diagonal/cells"])
            .Order(StringComparer.Ordinal)
            .Select(path => new RunFolder(path));
        Pin.Check(Pins + "sweep-bytes.txt", string.Concat(cells.SelectMany(Hashes).Select(line => line + "\n")));
    }

    /// <summary>
    /// Numbers that depend on the machine are compared with those of another build, such as that of the commit before a
    /// change of structure:
    /// GYRE_BASELINE=…/gyre.dll dotnet run -c Release --project tests/Gyre.Tests.App -- -explicit only -method
    /// '*Bytes_are_those_of_the_baseline'.
    /// </summary>
    [Theory(Explicit = true)]
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
            ?? throw new InvalidOperationException("GYRE_BASELINE names no other build's gyre.dll.");
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
