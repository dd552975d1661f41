using Gyre.Tests.TestKit;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Gyre.Tests.House;

/// <summary>Lines that fit on a screen, methods that fit in a head. The limits are those of CONTRIBUTING.md.</summary>
public class LayoutTests
{
    private const int Wide = 120;
    private const int Widest = 140;
    private const double WideShare = 0.02;
    private const int LongestMethod = 60;
    private const int MostBranches = 15;

    /// <summary>Folders with one limit each for the share of wide lines.</summary>
    public static TheoryData<string> Folders => ["src", "tests", "bench", "examples", "docs"];

    [Theory]
    [MemberData(nameof(Folders))]
    public void No_line_is_longer_than_140_and_at_most_2_percent_are_longer_than_120(string folder)
    {
        var lines = Files(folder, ".cs", ".razor", ".md").SelectMany(Lines).ToList();
        Report(lines.Where(line => line.Width > Widest).Select(line => $"{line.Place} has {line.Width} characters"));
        Assert.InRange(lines.Count(line => line.Width > Wide) / (double)lines.Count, 0, WideShare);
    }

    [Fact]
    public void No_method_is_longer_than_60_lines() =>
        Report(
            from method in Methods()
            where Height(method) > LongestMethod
            select $"{Place(method)} has {Height(method)} lines"
        );

    [Fact]
    public void No_method_has_more_than_15_branches() =>
        Report(
            from method in Methods()
            let branches = OwnNodes(method).Count(IsBranch)
            where branches > MostBranches
            select $"{Place(method)} has {branches} branches"
        );

    [Fact]
    public void No_conditional_is_inside_a_conditional() =>
        Report(
            from tree in Trees()
            from inner in tree.GetRoot().DescendantNodes().OfType<ConditionalExpressionSyntax>()
            where IsInsideConditional(inner)
            select Place(inner)
        );

    /// <summary>A conditional in an argument of a call stands by itself; one that is a branch of another does not.</summary>
    private static bool IsInsideConditional(ConditionalExpressionSyntax inner) =>
        inner
            .Ancestors()
            .TakeWhile(node => node is not (StatementSyntax or LambdaExpressionSyntax or MemberDeclarationSyntax))
            .OfType<ConditionalExpressionSyntax>()
            .Any();

    private static bool IsBranch(SyntaxNode node) =>
        node
            is IfStatementSyntax
                or CommonForEachStatementSyntax
                or ForStatementSyntax
                or WhileStatementSyntax
                or DoStatementSyntax
                or CaseSwitchLabelSyntax
                or CasePatternSwitchLabelSyntax
                or CatchClauseSyntax
                or ConditionalExpressionSyntax;

    /// <summary>Nodes of a method without those of the functions declared in it, which count by themselves.</summary>
    private static IEnumerable<SyntaxNode> OwnNodes(SyntaxNode method) =>
        method.DescendantNodes(node => node == method || node is not LocalFunctionStatementSyntax);

    /// <summary>Code of methods, local functions and properties; what a property or a field starts with is data.</summary>
    private static IEnumerable<SyntaxNode> Methods() =>
        from tree in Trees()
        from node in tree.GetRoot().DescendantNodes()
        where
            node
                is BaseMethodDeclarationSyntax
                    or LocalFunctionStatementSyntax
                    or BasePropertyDeclarationSyntax
                    and not PropertyDeclarationSyntax { Initializer: not null }
        select node;

    /// <summary>Lines of a method without its attributes.</summary>
    private static int Height(SyntaxNode node)
    {
        var first = node.ChildNodesAndTokens().First(child => !child.IsKind(SyntaxKind.AttributeList));
        return node.GetLocation().GetLineSpan().EndLinePosition.Line
            - first.GetLocation()!.GetLineSpan().StartLinePosition.Line
            + 1;
    }

    private static string Place(SyntaxNode node) =>
        $"{node.SyntaxTree.FilePath}:{node.GetLocation().GetLineSpan().StartLinePosition.Line + 1}";

    private static IEnumerable<SyntaxTree> Trees() =>
        from folder in new[] { "src", "tests", "bench", "examples" }
        from file in Files(folder, ".cs")
        select CSharpSyntaxTree.ParseText(File.ReadAllText(file), path: Path.GetRelativePath(Source.Root, file));

    private static IEnumerable<string> Files(string folder, params string[] endings) =>
        from file in Directory.EnumerateFiles(Path.Combine(Source.Root, folder), "*", SearchOption.AllDirectories)
        where endings.Contains(Path.GetExtension(file))
        orderby file
        select file;

    /// <summary>Markdown keeps a row of a table, and a link's target, on one line whatever its length.</summary>
    private static IEnumerable<(string Place, int Width)> Lines(string file) =>
        from line in File.ReadLines(file).Index()
        where !(Path.GetExtension(file) == ".md" && line.Item.StartsWith('|'))
        select ($"{Path.GetRelativePath(Source.Root, file)}:{line.Index + 1}", line.Item.Length);

    private static void Report(IEnumerable<string> findings)
    {
        var found = findings.ToList();
        Assert.True(found.Count == 0, string.Join('\n', found));
    }
}
