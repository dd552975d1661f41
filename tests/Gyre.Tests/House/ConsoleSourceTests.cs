using Gyre.Tests.TestKit;

namespace Gyre.Tests.House;

/// <summary>What a console shows goes through few outlets, and in each of them nothing steers a terminal.</summary>
public class ConsoleSourceTests
{
    [Theory]
    [InlineData("Markup.Escape", "TableText.cs")]
    [InlineData(".Out.Writer.WriteLine(", "ConsoleLine.cs LiveView.cs")]
    public void An_outlet_is_in_its_file_alone(string words, string files) =>
        Assert.Equal(
            files.Split(' '),
            Directory
                .EnumerateFiles(Path.Combine(Source.Root, "src", "Gyre.App"), "*.cs", SearchOption.AllDirectories)
                .Where(file => File.ReadAllText(file).Contains(words, StringComparison.Ordinal))
                .Select(file => Path.GetFileName(file)!)
                .Order(StringComparer.Ordinal)
        );
}
