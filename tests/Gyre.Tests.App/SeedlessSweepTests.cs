using Gyre.Lab.RunFiles;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.App;

/// <summary>Seeds that change nothing are one cell, in a plan beforehand and in what is read afterwards.</summary>
public sealed class SeedlessSweepTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_plan_says_that_the_seed_changes_nothing_and_runs_one()
    {
        var (exitCode, output, _) = GyreProcess.Run(Sweep("data.samples=0"));

        Assert.Equal(0, exitCode);
        Assert.Contains("the seed makes no difference for any cell", Joined(output), StringComparison.Ordinal);
        Assert.Contains("The seed makes no difference here", Joined(output), StringComparison.Ordinal);
        Assert.Equal(3, SweepReader.Open(_folder["sweeps/quick"]).Plan.Cells.Length);
        Assert.DoesNotContain("±", output, StringComparison.Ordinal);
        var said = Joined(output).Replace("not supported", "", StringComparison.Ordinal);
        Assert.DoesNotContain(" supported", said, StringComparison.Ordinal);
    }

    /// <summary>All samples by their number are drawn by class, and are the same whatever the seed: nobody can know
    /// before the files are read.</summary>
    [Fact]
    public void Cells_that_trained_the_same_are_found_by_their_steps()
    {
        var (exitCode, output, _) = GyreProcess.Run(Sweep("data.samples=12", "data.subset=balanced"));
        Assert.Equal(0, exitCode);
        Assert.Contains("6 cells are copies of another seed's", Joined(output), StringComparison.Ordinal);
        Assert.DoesNotContain("±", output, StringComparison.Ordinal);

        Assert.Equal(0, GyreProcess.Run(["export", _folder["sweeps/quick"], "--format", "csv"]).ExitCode);
        var exported = Directory
            .GetFiles(_folder["sweeps/quick"], "*.csv", SearchOption.AllDirectories)
            .ToDictionary(path => Path.GetFileName(path), File.ReadAllLines);
        Assert.Equal(10, exported["cells.csv"].Length);
        Assert.All(Column(exported["groups.csv"], "t_low"), value => Assert.Equal("", value));
        Assert.Equal(6, Column(exported["cells.csv"], "copy_of").Count(value => value.Length > 0));
        Assert.Contains(
            "6 cells are copies",
            File.ReadAllText(_folder["sweeps/quick/report/report.html"]),
            StringComparison.Ordinal
        );
    }

    private string[] Sweep(params string[] data)
    {
        var module = Path.Combine(Source.Root, "tests", "Gyre.Tests.TestKit", "TorchScript");
        File.Copy(Path.Combine(module, "x.npy"), _folder["x.npy"]);
        // Four of each of three classes, after the header of twelve whole numbers.
        var header = File.ReadAllBytes(Path.Combine(module, "y.npy"))[..128];
        File.WriteAllBytes(
            _folder["y.npy"],
            [.. header, .. Enumerable.Range(0, 12).SelectMany(i => BitConverter.GetBytes((long)(i % 3)))]
        );
        string[] sets =
        [
            "model.name=torchscript",
            $"model.file=\"{Path.Combine(module, "traced.pt")}\"",
            "data.name=arrays",
            $"data.path=\"{_folder.Path}\"",
            "data.standardise=false",
            "training.steps=12",
            "curvature.pairs=1",
            "sweep.axes.training.learning_rate=[0.05, 0.1, 0.2]",
            "sweep.seeds=3",
            .. data,
        ];
        return ["sweep", "quick", "--out", _folder["sweeps"], .. sets.SelectMany(set => (string[])["--set", set])];
    }

    /// <summary>Words that a table broke into lines are found again.</summary>
    private static string Joined(string output) =>
        string.Join(' ', output.Split((char[])[' ', '\n', '│'], StringSplitOptions.RemoveEmptyEntries));

    private static IEnumerable<string> Column(string[] lines, string name)
    {
        var at = Array.IndexOf(lines[0].Split(','), name);
        Assert.True(at >= 0, name);
        return lines.Skip(1).Select(line => line.Split(',')[at]);
    }
}
