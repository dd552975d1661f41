using Gyre.App.Terminal;
using Gyre.Lab.Specs;

namespace Gyre.Tests.App;

/// <summary>All mistakes of a command line become one exception.</summary>
public class MistakesTests
{
    private readonly Mistakes _mistakes = new();

    [Fact]
    public void Nothing_is_thrown_where_there_is_no_mistake()
    {
        _mistakes.RequireRange("--pairs", 4, 1, 64);
        Assert.Equal("spec", _mistakes.Collect(() => "spec"));
        _mistakes.ThrowIfAny("quick", help: "inspect");
    }

    [Fact]
    public void Sentences_stand_by_themselves_with_the_help_that_is_recommended()
    {
        _mistakes.Add("One.");
        _mistakes.Add("Two.");
        Assert.Equal("One.\nTwo.\nSee `gyre serve --help`.", Message(help: "serve"));
    }

    [Fact]
    public void Options_and_keys_of_a_spec_are_listed_under_one_heading()
    {
        _mistakes.RequireRange("--pairs", 0, 1, 64);
        Assert.Null(_mistakes.Collect(Unreadable));
        Assert.Equal(
            "The spec mine.toml has 2 mistakes:\n  --pairs: 0 is not an integer from 1 to 64\n  seed: is missing",
            Message("mine.toml")
        );
    }

    [Theory]
    [InlineData("quick", "seed=1", "The preset quick with its --set options has a mistake:")]
    [InlineData("quick", "model.file=a.pt2", "The command line has a mistake:")]
    [InlineData("mine.toml", "model.file=a.pt2", "The spec mine.toml has a mistake:")]
    public void The_heading_names_what_the_user_named(string source, string set, string heading)
    {
        Assert.Null(_mistakes.Collect(Unreadable));
        var error = Assert.Throws<CommandLineException>(() => _mistakes.ThrowIfAny(source, [set]));
        Assert.StartsWith(heading, error.Message, StringComparison.Ordinal);
    }

    private static string Unreadable() => throw new SpecException([new("seed", "is missing")], "other.toml");

    private string Message(string? spec = null, string? help = null)
    {
        var error = Assert.Throws<CommandLineException>(() => _mistakes.ThrowIfAny(spec, help));
        Assert.Equal(Exit.WrongInput, error.ExitCode);
        return error.Message;
    }
}
