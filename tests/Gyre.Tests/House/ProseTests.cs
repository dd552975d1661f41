using System.Text.RegularExpressions;
using Gyre.Tests.TestKit;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Gyre.Tests.House;

/// <summary>
/// Plain English in comments, messages, pages and documents. The style is in CONTRIBUTING.md; these are its usual faults.
/// </summary>
public partial class ProseTests
{
    private const int MostReadmeWords = 900;

    /// <summary>What is looked for, and what to write instead.</summary>
    private static readonly (Regex Found, string Instead)[] Faults =
    [
        (NounClause(), "begin with the subject, not with Of, What, Where or Who"),
        (GoesOn(), "\"resume\" or \"continue\""),
        (SoMany(), "\"up to N\" or \"at most N\""),
        (None(), "\"if there is none\""),
        (IsNo(), "\"is not a\" or \"has no\""),
        (CameOf(), "\"result\" or \"outcome\""),
        (APerA(), "\"per\", as in \"one row per run\""),
        (Animate(), "a machine as the subject: reports, contains, is not known"),
        (HeldAgainst(), "\"compared with\""),
        (IsSaid(), "\"reported\""),
        (ItsLike(), "\"similar\""),
        (StepSize(), "\"learning rate\""),
    ];

    public static TheoryData<string> Folders => ["src", "bench", "examples"];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Comments_are_plain(string folder) =>
        Report(
            from file in Files(folder, "*.cs")
            let path = Path.GetRelativePath(Source.Root, file)
            from comment in CSharpSyntaxTree.ParseText(File.ReadAllText(file)).GetRoot().DescendantTrivia()
            where IsComment(comment)
            let line = comment.GetLocation().GetLineSpan().StartLinePosition.Line + 1
            from fault in Find(Joined(comment.ToFullString()))
            select $"{path}:{line}: {fault}"
        );

    [Theory]
    [MemberData(nameof(Folders))]
    public void Messages_are_plain(string folder) =>
        Report(
            from file in Files(folder, "*.cs")
            let path = Path.GetRelativePath(Source.Root, file)
            from token in CSharpSyntaxTree.ParseText(File.ReadAllText(file)).GetRoot().DescendantTokens()
            where IsText(token)
            let line = token.GetLocation().GetLineSpan().StartLinePosition.Line + 1
            from fault in Find(token.ValueText)
            select $"{path}:{line}: {fault}"
        );

    [Fact]
    public void Pages_are_plain() =>
        Report(
            from file in Files("src", "*.razor").Concat(Files("src", "*.liquid"))
            from line in File.ReadLines(file).Index()
            from fault in Find(line.Item.Trim())
            select $"{Path.GetRelativePath(Source.Root, file)}:{line.Index + 1}: {fault}"
        );

    [Fact]
    public void Documents_are_plain() =>
        Report(
            from file in Documents()
            let path = Path.GetRelativePath(Source.Root, file)
            from paragraph in Paragraphs(File.ReadAllText(file))
            from fault in Find(paragraph.Text)
            select $"{path}:{paragraph.Line}: {fault}"
        );

    [Fact]
    public void The_readme_is_short()
    {
        var readme = File.ReadAllText(Path.Combine(Source.Root, "README.md"));
        Assert.InRange(readme.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length, 1, MostReadmeWords);
        Assert.All(readme.Split('\n'), line => Assert.InRange(line.Length, 0, 120));
    }

    [Theory]
    [InlineData("<summary>Of the run.</summary>")]
    [InlineData("The same command goes on.")]
    [InlineData("Waits at most so long.")]
    [InlineData("The last step; −1 of none.")]
    [InlineData("Shows what came of it.")]
    [InlineData("One file, a row a run.")]
    [InlineData("Nobody says how much memory there is.")]
    [InlineData("The update is held against the gradient.")]
    [InlineData("That the file is damaged is said once.")]
    [InlineData("Where it is missing, nothing is drawn.")]
    public void A_fault_is_found(string text) => Assert.NotEmpty(Find(text));

    [Theory]
    [InlineData("The run's spec.")]
    [InlineData("Where do runs go?")]
    [InlineData("There is no such file.")]
    [InlineData("Null if there is none.")]
    [InlineData("It is called so many times that it must not allocate.")]
    [InlineData("One row per run, at a step of the measurement.")]
    public void Plain_English_is_left_alone(string text) => Assert.Empty(Find(text));

    private static IEnumerable<string> Find(string text) =>
        from fault in Faults
        from Match match in fault.Found.Matches(text)
        select $"\"{match.Value.Trim()}\": write {fault.Instead}";

    private static bool IsComment(SyntaxTrivia trivia) =>
        trivia.Kind()
            is SyntaxKind.SingleLineCommentTrivia
                or SyntaxKind.MultiLineCommentTrivia
                or SyntaxKind.SingleLineDocumentationCommentTrivia;

    private static bool IsText(SyntaxToken token) =>
        token.Kind()
            is SyntaxKind.StringLiteralToken
                or SyntaxKind.InterpolatedStringTextToken
                or SyntaxKind.SingleLineRawStringLiteralToken
                or SyntaxKind.MultiLineRawStringLiteralToken
        && token.ValueText.Contains(' ');

    /// <summary>A comment on one line, without the marks at its lines' beginnings.</summary>
    private static string Joined(string comment) => Marks().Replace(comment, " ").Trim();

    private static IEnumerable<string> Files(string folder, string pattern) =>
        Directory
            .EnumerateFiles(Path.Combine(Source.Root, folder), pattern, SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal);

    private static IEnumerable<string> Documents() =>
        [.. Directory.EnumerateFiles(Source.Root, "*.md"), .. Files("docs", "*.md")];

    /// <summary>Paragraphs outside of code blocks.</summary>
    private static IEnumerable<(int Line, string Text)> Paragraphs(string text)
    {
        var (from, fenced, open) = (1, false, new List<string>());
        foreach (var (index, line) in text.Split('\n').Index())
        {
            var fence = line.TrimStart().StartsWith("```", StringComparison.Ordinal);
            fenced ^= fence;
            if (open.Count == 0)
                from = index + 1;
            if (!fence && !fenced && line.Length > 0 && !line.StartsWith("    ", StringComparison.Ordinal))
                open.Add(line.Trim());
            if (line.Length > 0 || open.Count == 0)
                continue;
            yield return (from, string.Join(' ', open));
            open.Clear();
        }
        yield return (from, string.Join(' ', open));
    }

    private static void Report(IEnumerable<string> findings)
    {
        var found = findings.ToList();
        Assert.True(found.Count == 0, $"{found.Count} faults:\n{string.Join('\n', found)}");
    }

    [GeneratedRegex(@"[\r\n]+\s*(?:///?)?\s*|^///?")]
    private static partial Regex Marks();

    [GeneratedRegex(
        @"(?:^|<(?:summary|returns|remarks|para)>|<param name=""\w+"">|(?<=[.:] ))\s*"
            + @"(?:Of|What|Where|Who)\s+[a-z`<](?![^.?]*\?)[^ ]*"
    )]
    private static partial Regex NounClause();

    [GeneratedRegex(@"\b(?:goes|go|going|went|gone) on\b(?! (?:top|to|from|each|for))")]
    private static partial Regex GoesOn();

    [GeneratedRegex(@"\bso (?:many|long|large|much|few|often)\b(?! (?:as|that|\w+ that))")]
    private static partial Regex SoMany();

    [GeneratedRegex(@"(?<![Tt]here )\b(?:of|is|are) none\b")]
    private static partial Regex None();

    [GeneratedRegex(
        @"(?<![Tt]here )\b(?:is|are|was) no (?!longer|such|more|less|better|worse|need|reason|evidence|surprise|one\b)\w+"
    )]
    private static partial Regex IsNo();

    [GeneratedRegex(@"\b(?:came|comes|come|become|became) of\b")]
    private static partial Regex CameOf();

    [GeneratedRegex(
        @"\b(?:products?|samples?|bytes|lines?|rows?|seconds?|cells?|charts?|files?|words?|points?|numbers?|pairs?|vectors?"
            + @"|sentence|color|paragraph) an? (?:run|row|step|cell|line|chunk|sample|second|measurement|checkpoint"
            + @"|file|burst|cycle|seed|rank|process|parameter|table|chart|key|figure|entry|record|node|group|rate)\b"
    )]
    private static partial Regex APerA();

    [GeneratedRegex(@"\b(?:[Nn]obody|[Ss]omebody|[Ww]hoever|wish(?:es|ed)?|heard|hears|anew)\b")]
    private static partial Regex Animate();

    [GeneratedRegex(@"\b(?:held|holds?|holding) (?:\w+ )?against\b")]
    private static partial Regex HeldAgainst();

    [GeneratedRegex(@"\b(?:is|are|was) (?:said|told)\b")]
    private static partial Regex IsSaid();

    [GeneratedRegex(@"\bits like\b|\bof the like\b")]
    private static partial Regex ItsLike();

    [GeneratedRegex(@"\bstep sizes?\b")]
    private static partial Regex StepSize();
}
