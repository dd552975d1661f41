using System.Text.RegularExpressions;
using Gyre.Tests.TestKit;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Gyre.Tests.House;

/// <summary>Numbers for people have one style (CONTRIBUTING.md, Style): NumberText formats them.</summary>
public partial class NumberStyleTests
{
    /// <summary>
    /// Files that format numbers for machines: specs, code, addresses and JSON, or that round by way of text. FigureScale
    /// and NumberText are the style itself.
    /// </summary>
    private static readonly string[] Machines =
    [
        "Digits.cs",
        "ExactStudy.cs",
        "FigureScale.cs",
        "NumberText.cs",
        "ParquetTable.cs",
        "PlotlyValues.cs",
        "ScriptValues.cs",
        "SpecText.cs",
        "TheoryPage.razor.cs",
        "ViewAddress.cs",
    ];

    [Fact]
    public void No_message_formats_a_number_in_a_style_of_its_own()
    {
        var found =
            from file in Directory.EnumerateFiles(Path.Combine(Source.Root, "src"), "*.cs", SearchOption.AllDirectories)
            where !Machines.Contains(Path.GetFileName(file))
            from format in Formats(File.ReadAllText(file))
            where HasOwnStyle(format)
            select $"{Path.GetRelativePath(Source.Root, file)}: \"{format}\"";
        Assert.Equal([], found.Order());
    }

    [Theory]
    [InlineData("""FormattableString.Invariant($"{x:G3}")""")]
    [InlineData("""x.ToString("E2", CultureInfo.InvariantCulture)""")]
    [InlineData("""$"{x:0.0e0}" """)]
    [InlineData("""x.ToString("+0.0;-0.0", CultureInfo.InvariantCulture)""")]
    public void Such_a_format_is_found(string code) => Assert.Contains(Formats(code), HasOwnStyle);

    [Theory]
    [InlineData("""$"{bytes / 1e9:0.0} GB" """)]
    [InlineData("""count.ToString("N0", CultureInfo.InvariantCulture)""")]
    public void Fixed_decimals_of_a_size_are_left_alone(string code) =>
        Assert.DoesNotContain(Formats(code), HasOwnStyle);

    /// <summary>Returns the formats of interpolated values and of calls of ToString.</summary>
    private static IEnumerable<string> Formats(string code)
    {
        var nodes = CSharpSyntaxTree.ParseText(code).GetRoot().DescendantNodes().ToList();
        return
        [
            .. nodes.OfType<InterpolationFormatClauseSyntax>().Select(clause => clause.FormatStringToken.ValueText),
            .. nodes
                .OfType<InvocationExpressionSyntax>()
                .Where(call => call.Expression.ToString().EndsWith("ToString", StringComparison.Ordinal))
                .Select(call => call.ArgumentList.Arguments.FirstOrDefault()?.Expression)
                .OfType<LiteralExpressionSyntax>()
                .Select(literal => literal.Token.ValueText),
        ];
    }

    private static bool HasOwnStyle(string format) => OwnStyle().IsMatch(format);

    /// <summary>Formats with an exponent or with a sign of their own.</summary>
    [GeneratedRegex(@"^[EeGgRr]\d*$|[0#][Ee][+-]?0|;")]
    private static partial Regex OwnStyle();
}
