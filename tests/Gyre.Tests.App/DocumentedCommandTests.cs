using System.Text.RegularExpressions;
using Gyre.App.Commands;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.App;

/// <summary>Every command that README, docs and help show is one that the program understands.</summary>
public partial class DocumentedCommandTests
{
    public static TheoryData<string, string> Documented
    {
        get
        {
            var commands = new TheoryData<string, string>();
            string[] files =
            [
                .. Directory.EnumerateFiles(Source.Root, "*.md"),
                .. Directory.EnumerateFiles(Path.Combine(Source.Root, "docs"), "*.md", SearchOption.AllDirectories),
            ];
            // the examples of the help, which commands.md repeats, have a test of their own
            foreach (var file in files.Where(IsWritten).Order(StringComparer.Ordinal))
            {
                foreach (var command in Shown(File.ReadAllText(file)))
                    commands.Add(Path.GetRelativePath(Source.Root, file), command);
            }
            return commands;
        }
    }

    [Theory]
    [MemberData(nameof(Documented))]
    public void A_documented_command_is_understood(string file, string command)
    {
        Assert.NotEmpty(file);
        Assert.Null(CommandLine.Refusal(Words(command)));
    }

    [Fact]
    public void Examples_of_the_help_are_understood()
    {
        var tried = 0;
        foreach (
            var path in Directory.EnumerateFiles(
                Path.Combine(Source.Root, "tests", "Gyre.Tests.App", "Expectations"),
                "help*.txt"
            )
        )
        {
            // A long example takes several lines.
            var section = File.ReadLines(path)
                .SkipWhile(line => line != "EXAMPLES:")
                .Skip(1)
                .TakeWhile(line => line.Length > 0)
                .Select(line => line.Trim());
            foreach (var example in string.Join(' ', section).Split("gyre ", StringSplitOptions.RemoveEmptyEntries))
            {
                Assert.True(
                    CommandLine.Refusal(Words(example)) is null,
                    $"{Path.GetFileName(path)}: {example}: {CommandLine.Refusal(Words(example))}"
                );
                tried++;
            }
        }
        Assert.True(tried >= 25, $"{tried} examples were found");
    }

    [Fact]
    public void The_README_s_commands_are_found() =>
        Assert.True(Documented.Count >= 50, $"{Documented.Count} commands were found");

    [Theory]
    [InlineData("inspect quick --jsn x", "jsn")]
    [InlineData("inspct quick", "inspct")]
    [InlineData("run --set", "--set needs a value")]
    public void What_is_no_command_is_refused(string command, string words) =>
        Assert.Contains(words, CommandLine.Refusal(Words(command)), StringComparison.Ordinal);

    [Theory]
    [InlineData("inspect quick --json -", "inspect|quick|--json=-")]
    [InlineData("landscape runs/x --at -1 --out y", "landscape|runs/x|--at=-1|--out|y")]
    [InlineData("theory --lr -.5", "theory|--lr=-.5")]
    [InlineData("run --set --verbose", "run|--set|--verbose")]
    public void A_value_that_begins_with_a_dash_is_a_value(string command, string words) =>
        Assert.Equal(words, string.Join('|', CommandLine.WithValues(Words(command))));

    /// <summary>
    /// Lines of code blocks, and code within text that is more than the name of a command or an option; what follows #
    /// or a pipe is not
    /// the command's, and … stands for the reader's own name.
    /// </summary>
    private static IEnumerable<string> Shown(string text)
    {
        var lines = Indented(text.Replace("\\\n", "", StringComparison.Ordinal))
            .Select(line => Line().Match(line))
            .Where(match => match.Success)
            .Select(match => match.Groups[1].Value);
        var within = Within()
            .Matches(text)
            .Select(match => match.Groups[1].Value)
            .Where(command => !Name().IsMatch(command));
        return lines
            .Concat(within)
            .Select(command => Comment().Replace(command, "").Trim())
            .Where(command => command.Length > 0 && !Placeholder().IsMatch(command))
            .Distinct();
    }

    private static bool IsWritten(string file) => Path.GetFileName(file) != "commands.md";

    /// <summary>Lines, those of fenced blocks as if the blocks were indented.</summary>
    private static IEnumerable<string> Indented(string text)
    {
        var fenced = false;
        foreach (var line in text.Split('\n'))
        {
            fenced ^= line.StartsWith("```", StringComparison.Ordinal);
            yield return fenced ? $"    {line}" : line;
        }
    }

    private static string[] Words(string command) =>
        [
            .. Word()
                .Matches(command.StartsWith("gyre ", StringComparison.Ordinal) ? command[5..] : command)
                .Select(word =>
                    word.Value.Replace("'", "", StringComparison.Ordinal).Replace("\"", "", StringComparison.Ordinal)
                ),
        ];

    [GeneratedRegex(@"^ {4}(?:\$ )?gyre (.+)$")]
    private static partial Regex Line();

    [GeneratedRegex("`gyre ([^`\n]+)`")]
    private static partial Regex Within();

    [GeneratedRegex(@"^[a-z]+( --[a-z-]+)?$")]
    private static partial Regex Name();

    [GeneratedRegex(@"(\s#|\s[|>]\s).*$")]
    private static partial Regex Comment();

    /// <summary>A form, not a command: [DIR], or words in capitals.</summary>
    [GeneratedRegex(@"\[[A-Z]+\]|(^|[ /=])[A-Z][A-Z_]+\b")]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"(?:[^\s'""]|'[^']*'|""[^""]*"")+")]
    private static partial Regex Word();
}
