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

    private static IEnumerable<string> Hashes(RunFolder run) =>
        ((string[])[run.Spec, .. run.Replayed, run.Summary]).Select(file =>
            $"{Path.GetFileName(run.Path)} {Path.GetFileName(file)} {PortableHash.Compute(file)}"
        );
}
