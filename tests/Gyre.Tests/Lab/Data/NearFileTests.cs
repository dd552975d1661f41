using Gyre.Lab.Data;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.Data;

/// <summary>Suggestions for paths that do not exist.</summary>
public sealed class NearFileTests
{
    [Theory]
    [InlineData("min.toml", " (did you mean mine.toml?)")]
    [InlineData("mien.toml", " (did you mean mine.toml?)")]
    [InlineData("something-else.pt2", "")]
    public void The_entry_with_the_nearest_name_is_suggested(string name, string suggestion)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(Path.Combine(folder.Path, "mine.toml"), "");

        var said = NearFile.InParentheses(Path.Combine(folder.Path, name));

        Assert.Equal(suggestion, said.Replace(folder.Path + Path.DirectorySeparatorChar, "", StringComparison.Ordinal));
    }

    [Fact]
    public void An_empty_folder_has_no_suggestion()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal("", NearFile.InParentheses(Path.Combine(folder.Path, "mine.toml")));
    }

    [Fact]
    public void A_folder_that_does_not_exist_has_no_suggestion() =>
        Assert.Equal("", NearFile.InParentheses("no/such/folder/mine.toml"));
}
