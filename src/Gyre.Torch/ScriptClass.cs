using System.Text.RegularExpressions;

namespace Gyre.Torch;

/// <summary>A line of TorchScript code, including its continuation lines.</summary>
/// <param name="Number">The number of its first line, from 1.</param>
/// <param name="Indent">The number of leading spaces.</param>
/// <param name="Tokens">Names, numbers and signs; strings and comments are left out.</param>
internal sealed record ScriptLine(int Number, int Indent, IReadOnlyList<string> Tokens);

/// <summary>An attribute that a class declares.</summary>
internal sealed record ScriptAttribute(string Name, string Type)
{
    /// <summary>Whether it is a mutable list or dictionary.</summary>
    public bool IsContainer =>
        !Type.StartsWith("Final", StringComparison.Ordinal)
        && (Type.Contains("List[", StringComparison.Ordinal) || Type.Contains("Dict[", StringComparison.Ordinal));
}

/// <summary>A class in the code of a TorchScript file, or the functions of a file outside any class.</summary>
/// <param name="File">The file's name in the archive.</param>
/// <param name="Qualified">The qualified name, such as <c>__torch__.Net</c>.</param>
/// <param name="IsModule">Whether it is a module.</param>
/// <param name="Lines">The lines of its body.</param>
internal sealed partial record ScriptClass(
    string File,
    string Qualified,
    bool IsModule,
    IReadOnlyList<ScriptLine> Lines
)
{
    private const string Code = "code/";

    /// <summary>The attributes it declares: <c>name : type</c> on lines of their own, before its functions.</summary>
    public IReadOnlyList<ScriptAttribute> Attributes { get; } =
    [
        .. Lines
            .Where(line => line.Indent == Lines[0].Indent && line.Tokens is [not "def", ":", ..])
            .Select(line => new ScriptAttribute(
                line.Tokens[0],
                string.Concat(line.Tokens.Skip(2).TakeWhile(token => token != "="))
            )),
    ];

    /// <summary>The declared return type of its forward; null if there is none.</summary>
    public string? ForwardReturns
    {
        get
        {
            var forward = Lines.FirstOrDefault(line => line.Tokens is ["def", "forward", ..]);
            var type = forward?.Tokens.SkipWhile(token => token != "->").Skip(1).SkipLast(1).ToArray();
            return type is { Length: > 0 } ? string.Concat(type).Replace(",", ", ", StringComparison.Ordinal) : null;
        }
    }

    /// <summary>
    /// Returns the variables that alias one of the given attributes, as in <c>h = self.history</c>.
    /// </summary>
    public IReadOnlySet<string> Aliases(IReadOnlySet<string> attributes) =>
        Lines
            .Where(line => line.Tokens is [_, "=", _, ".", var attribute] && attributes.Contains(attribute))
            .Select(line => line.Tokens[0])
            .ToHashSet();

    /// <summary>
    /// Returns the classes of a file. Functions outside any class come last, under the file's own name.
    /// </summary>
    /// <param name="file">The file's name in the archive, such as <c>m/code/__torch__/a.py</c>.</param>
    /// <param name="text">The text of the file.</param>
    public static IReadOnlyList<ScriptClass> In(string file, string text)
    {
        var room = Room(file);
        var classes = new List<ScriptClass>();
        var (open, outside) = (new List<ScriptLine>(), new List<ScriptLine>());
        var (name, module, inside) = (room, false, false);
        foreach (var line in LinesOf(text))
        {
            if (line.Indent > 0 && inside)
            {
                open.Add(line);
                continue;
            }
            if (inside)
                classes.Add(new ScriptClass(file, name, module, open));
            inside = line.Tokens is ["class", _, ..];
            (open, name, module) = inside
                ? ([], $"{room}.{line.Tokens[1]}", line.Tokens.Contains("Module"))
                : (open, room, false);
            if (!inside)
                outside.Add(line);
        }
        if (inside)
            classes.Add(new ScriptClass(file, name, module, open));
        classes.Add(new ScriptClass(file, room, false, outside));
        return classes;
    }

    private static string Room(string file)
    {
        var begin = file.IndexOf(Code, StringComparison.Ordinal) is var at and >= 0 ? at + Code.Length : 0;
        return file[begin..].Replace(".py", "", StringComparison.Ordinal).Replace('/', '.');
    }

    /// <summary>Returns 1 for an opening bracket, −1 for a closing one, and 0 for every other token.</summary>
    internal static int Nesting(string token) =>
        token switch
        {
            "(" or "[" or "{" => 1,
            ")" or "]" or "}" => -1,
            _ => 0,
        };

    /// <summary>Splits text into lines as the compiler does: a line ends at a line break outside brackets.</summary>
    private static IEnumerable<ScriptLine> LinesOf(string text)
    {
        var (number, depth, begun, indent) = (0, 0, 1, 0);
        var tokens = new List<string>();
        foreach (var raw in Texts().Replace(text.ReplaceLineEndings("\n"), Blank).Split('\n'))
        {
            number++;
            if (tokens.Count == 0)
                (begun, indent) = (number, raw.Length - raw.TrimStart(' ', '\t').Length);
            foreach (Match token in Token().Matches(raw))
            {
                depth = Math.Max(0, depth + Nesting(token.Value));
                tokens.Add(token.Value);
            }
            if (depth > 0 || raw.EndsWith('\\') || tokens.Count == 0)
                continue;
            yield return new ScriptLine(begun, indent, [.. tokens]);
            tokens.Clear();
        }
        if (tokens.Count > 0)
            yield return new ScriptLine(begun, indent, tokens);
    }

    /// <summary>
    /// Blanks strings and comments, which do not matter here; their line breaks are kept, to preserve the line
    /// numbers.
    /// </summary>
    private static string Blank(Match match) => new('\n', match.Value.Count(letter => letter == '\n'));

    [GeneratedRegex(
        "\"\"\".*?\"\"\"|'''.*?'''|\"(\\\\.|[^\"\\\\\\n])*\"|'(\\\\.|[^'\\\\\\n])*'|#[^\\n]*",
        RegexOptions.Singleline
    )]
    private static partial Regex Texts();

    [GeneratedRegex(@"[A-Za-z_]\w*|\d[\w.]*|\*\*=|//=|<<=|>>=|->|[-+*/%|&^@=!<>]=|\S")]
    private static partial Regex Token();
}
