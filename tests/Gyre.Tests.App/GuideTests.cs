using System.Text.RegularExpressions;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.App;

/// <summary>The code and the commands of the README and of the tutorial, run as a reader would run them.</summary>
public sealed partial class GuideTests : IDisposable
{
    private static readonly string[] SmallSweep =
    [
        "--set",
        "data.samples=60",
        "--set",
        "model.widths=[8]",
        "--set",
        "training.time=2",
        "--set",
        "curvature.every_time=1",
        "--set",
        "sweep.reductions=[{time=1,edge_units=0.05,parents=[0.4]}]",
        "--jobs",
        "2",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_readmes_lines_export_inspect_and_measure_a_network()
    {
        var readme = Path.Combine(Source.Root, "README.md");
        PyTorchProgram.Run("document.py", readme, _folder.Path);
        var commands = Commands(readme);
        foreach (var command in new[] { "inspect", "measure" })
            Run(Assert.Single(commands, words => words[0] == command));
        Assert.NotEmpty(Directory.GetFiles(_folder["runs"], "summary.json", SearchOption.AllDirectories));
        Run(commands.First(words => words is ["run", "quick"]));
    }

    [Fact]
    public void The_tutorial_can_be_followed_from_its_first_command_to_its_last()
    {
        var tutorial = Path.Combine(Source.Root, "docs", "tutorial.md");
        PyTorchProgram.Run("document.py", tutorial, _folder.Path);
        var commands = Commands(tutorial);
        Assert.Equal(
            ["run", "run", "ls", "serve", "inspect", "sweep", "sweep", "report", "export"],
            commands.Select(words => words[0])
        );
        foreach (var words in commands.Where(words => words[0] != "serve"))
            Run(words[0] == "sweep" ? [.. words, .. SmallSweep] : words);
        Assert.True(File.Exists(_folder["sweeps/rates/report/report.html"]));
        Assert.Contains(
            "test_accuracy",
            File.ReadAllText(_folder["sweeps/rates/export/csv/groups.csv"]),
            StringComparison.Ordinal
        );
    }

    private void Run(string[] words)
    {
        var (code, _, error) = GyreProcess.RunIn(_folder.Path, words);
        Assert.True(code == 0, $"gyre {string.Join(' ', words)}: {error}");
    }

    /// <summary>The commands of a document's code blocks, in its order.</summary>
    private static string[][] Commands(string document) =>
        [
            .. Command()
                .Matches(File.ReadAllText(document))
                .Select(match =>
                    Comment().Replace(match.Groups[1].Value, "").Split(' ', StringSplitOptions.RemoveEmptyEntries)
                ),
        ];

    [GeneratedRegex(@"^(?: {4})?gyre (.+)$", RegexOptions.Multiline)]
    private static partial Regex Command();

    [GeneratedRegex(@"\s#.*$")]
    private static partial Regex Comment();
}
