using Gyre.App.Terminal;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.App;

/// <summary>What the program says of itself, word for word: a change of it is to be seen in a review.</summary>
public class HelpTests
{
    public static TheoryData<string, string> Commands =>
        new()
        {
            { "help", "" },
            { "help", "--help" },
            { "help-run", "run --help" },
            { "help-sweep", "sweep --help" },
            { "help-reproduce", "reproduce --help" },
            { "help-theory", "theory --help" },
            { "help-report", "report --help" },
            { "help-ls", "ls --help" },
            { "help-compare", "compare --help" },
            { "help-clean", "clean --help" },
            { "help-completion", "completion --help" },
            { "help-serve", "serve --help" },
            { "help-export", "export --help" },
            { "help-spec", "spec --help" },
            { "help-data", "data" },
            { "help-data", "data --help" },
            { "help-data-check", "data check --help" },
            { "help-data-get", "data get --help" },
            { "help-data-show", "data show --help" },
            { "help-inspect", "inspect --help" },
            { "help-measure", "measure --help" },
            { "help-landscape", "landscape --help" },
            { "help-advise", "advise --help" },
            { "help-doctor", "doctor --help" },
            { "presets", "spec" },
            { "data-list", "data list" },
        };

    [Theory]
    [MemberData(nameof(Commands))]
    public void Help_and_lists_are_as_written_down(string expectation, string arguments)
    {
        var (exitCode, output, error) = GyreProcess.Run(Words(arguments));
        Assert.Equal(0, exitCode);
        Assert.Empty(error);
        Assert.Equal(
            File.ReadAllText(
                Path.Combine(Source.Root, "tests", "Gyre.Tests.App", "Expectations", expectation + ".txt")
            ),
            Trimmed(output)
        );
    }

    /// <summary>
    /// The commands shown in the help, as a reader would type them one after the other in an empty folder; what needs
    /// the user's own names is left out.
    /// </summary>
    [Fact]
    public void The_examples_of_the_help_work_as_they_stand()
    {
        using var folder = new TemporaryFolder();
        var small = new[]
        {
            "--set",
            "training.steps=3",
            "--set",
            "data.samples=40",
            "--set",
            "model.widths=[8]",
            "--set",
            "threads=1",
        };
        var tried = 0;
        foreach (var command in new[] { "run", "theory", "report", "spec", "data list", "data check", "doctor" })
        {
            var help = GyreProcess.Run([.. Words(command), "--help"]).Output;
            var examples = Section(help, "EXAMPLES:")
                .Where(example =>
                    !example.Contains("runs/quick-", StringComparison.Ordinal)
                    && !example.Contains("sweeps/", StringComparison.Ordinal)
                    && !example.Contains("my-files", StringComparison.Ordinal)
                )
                .ToArray();
            Assert.NotEmpty(examples);
            foreach (var example in examples)
            {
                Assert.StartsWith("gyre ", example, StringComparison.Ordinal);
                var words = Words(example[5..]);
                var (exitCode, _, error) = GyreProcess.RunIn(
                    folder.Path,
                    words[0] == "run" ? [.. words, .. small] : words
                );
                Assert.True(exitCode == 0, $"{example}: {exitCode}\n{error}");
                tried++;
            }
        }
        Assert.True(tried >= 9, $"{tried} examples were found");
    }

    [Theory]
    [InlineData("some words about it", 18, new[] { "name    some words", "        about it" })]
    [InlineData("some words about it", 40, new[] { "name    some words about it" })]
    [InlineData("in /a/very/long/path it is", 18, new[] { "name    in", "        /a/very/long/path", "        it is" })]
    public void Lists_are_folded_between_words_and_words_stay_whole(string text, int width, string[] lines) =>
        Assert.Equal(lines, Listing.Lines("name", text, 8, width));

    [Fact]
    public void The_version_is_a_version()
    {
        var (exitCode, output, _) = GyreProcess.Run("--version");
        Assert.Equal(0, exitCode);
        Assert.Matches(@"^\d+\.\d+\.\d+", output);
    }

    private static string[] Words(string arguments) => arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static string Trimmed(string output) =>
        string.Join('\n', output.Split('\n').Select(line => line.TrimEnd()));

    private static IEnumerable<string> Section(string help, string title) =>
        help.Split('\n')
            .Select(line => line.Trim())
            .SkipWhile(line => line != title)
            .Skip(1)
            .TakeWhile(line => line.Length > 0);
}
