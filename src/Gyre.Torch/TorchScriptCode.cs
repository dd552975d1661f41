using System.Text.RegularExpressions;

namespace Gyre.Torch;

/// <summary>
/// Scans the code of a TorchScript file, before it runs, for features that a network does not need: files, output,
/// unbounded loops, and state outside of parameters and buffers. It finds them by name. It is not a sandbox:
/// SECURITY.md lists what it cannot detect.
/// </summary>
internal sealed partial class TorchScriptCode
{
    /// <summary>
    /// The number of iterations above which a loop with a fixed count is treated as one that does not end in
    /// practice.
    /// </summary>
    private const double MostRounds = 1e6;

    private static readonly Dictionary<string, string> Operators = new()
    {
        ["save"] = "writes files",
        ["from_file"] = "reads and writes files",
        ["print"] = "prints",
        ["_print"] = "prints",
        ["warn"] = "prints",
        ["manual_seed"] = "sets libtorch's random state",
        ["seed"] = "sets libtorch's random state",
        ["TimePoint"] = "reads the clock",
        ["AddStatValue"] = "writes to libtorch's statistics",
        ["rpc_async"] = "calls other machines",
        ["rpc_sync"] = "calls other machines",
        ["rpc_remote"] = "calls other machines",
    };

    private static readonly HashSet<string> Misderived = ["_weight_norm", "_weight_norm_interface"];

    private static readonly HashSet<string> Mutators =
    [
        "append",
        "extend",
        "insert",
        "pop",
        "popitem",
        "remove",
        "clear",
        "reverse",
        "sort",
        "update",
        "setdefault",
        "_set_item",
        "Delete",
        "add_",
        "del",
    ];

    private static readonly string[] Assignments =
    [
        "=",
        "+=",
        "-=",
        "*=",
        "/=",
        "%=",
        "|=",
        "&=",
        "^=",
        "@=",
        "<<=",
        ">>=",
        "**=",
        "//=",
    ];

    private readonly IReadOnlyList<ScriptClass> _classes;
    private readonly HashSet<string> _containers;

    private TorchScriptCode(IReadOnlyList<ScriptClass> classes)
    {
        _classes = classes;
        _containers =
        [
            .. classes
                .Where(one => one.IsModule)
                .SelectMany(one => one.Attributes)
                .Where(attribute => attribute.IsContainer)
                .Select(attribute => attribute.Name),
        ];
    }

    /// <summary>
    /// Returns the side effect of an operator, such as "writes files"; null for an operator that only computes.
    /// </summary>
    public static string? FindEffect(string name) => Operators.GetValueOrDefault(name);

    /// <summary>
    /// Returns the side effects of the code, one phrase each with its place; empty if it has no side effects.
    /// </summary>
    /// <param name="files">The names within the archive, and the texts, of all its code files.</param>
    public static IReadOnlyList<string> Findings(IReadOnlyList<(string Name, string Text)> files)
    {
        var code = new TorchScriptCode([.. files.SelectMany(file => ScriptClass.In(file.Name, file.Text))]);
        return [.. code._classes.SelectMany(code.In).Distinct()];
    }

    /// <summary>
    /// Returns the first call, with its place, of an operator whose second derivative libtorch computes wrongly; null
    /// if there is no such call.
    /// </summary>
    /// <param name="files">The names within the archive, and the texts, of all its code files.</param>
    public static string? FindMisderived(IReadOnlyList<(string Name, string Text)> files) =>
        files
            .SelectMany(file => ScriptClass.In(file.Name, file.Text))
            .SelectMany(one => one.Lines.Select(line => (one.File, Line: line)))
            .Where(one => one.Line.Tokens.Any(Misderived.Contains))
            .Select(one => $"torch.{one.Line.Tokens.First(Misderived.Contains)} ({one.File}, line {one.Line.Number})")
            .FirstOrDefault();

    /// <summary>
    /// Returns the declared return type of a class's forward, such as <c>Tuple[Tensor, Tensor]</c>; null if it is not
    /// found.
    /// </summary>
    /// <param name="files">The names within the archive, and the texts, of all its code files.</param>
    /// <param name="qualified">The name of the class, such as <c>__torch__.Net</c>.</param>
    public static string? ReturnType(IReadOnlyList<(string Name, string Text)> files, string qualified) =>
        files
            .SelectMany(file => ScriptClass.In(file.Name, file.Text))
            .FirstOrDefault(one => one.Qualified == qualified)
            ?.ForwardReturns;

    private IEnumerable<string> In(ScriptClass one)
    {
        foreach (var line in one.Lines)
        {
            var found = Called(line.Tokens).Concat(Loops(line.Tokens)).Concat(Changes(one, line.Tokens));
            foreach (var phrase in found)
                yield return $"{phrase} (line {line.Number} of {one.File})";
        }
    }

    private static IEnumerable<string> Called(IReadOnlyList<string> tokens)
    {
        for (var i = 0; i < tokens.Count; i++)
        {
            if (Operators.TryGetValue(tokens[i], out var does) && After(tokens, i) is "(")
                yield return $"{tokens[i]} {does}";
            if (
                tokens[i] == "ops"
                && After(tokens, i) is "."
                && i + 2 < tokens.Count
                && tokens[i + 2] is not ("aten" or "prim")
            )
                yield return $"ops.{tokens[i + 2]} is an operator outside torch";
            if (tokens[i] == "classes" && i > 1 && tokens[i - 1] == "." && tokens[i - 2] == "torch")
                yield return "torch.classes names native code";
        }
    }

    private static IEnumerable<string> Loops(IReadOnlyList<string> tokens)
    {
        if (tokens.Contains("while"))
            yield return "while is a loop without a bound";
        var range = tokens.ToList().IndexOf("range");
        if (!tokens.Contains("for") || range < 0)
            yield break;
        if (
            tokens
                .Skip(range)
                .Any(token =>
                    double.TryParse(token.Replace("_", "", StringComparison.Ordinal), out var rounds)
                    && rounds > MostRounds
                )
        )
            yield return "for … in range is a loop of more than a million iterations";
    }

    /// <summary>
    /// Finds attributes that are set, and lists and dictionaries in attributes that are changed: no checkpoint
    /// contains this state.
    /// </summary>
    private IEnumerable<string> Changes(ScriptClass one, IReadOnlyList<string> tokens)
    {
        var held =
            one.IsModule
            || _classes.Any(other =>
                other.IsModule
                && other.Attributes.Any(attribute => attribute.Type.Contains(one.Qualified, StringComparison.Ordinal))
            );
        if (held && Target(tokens) is { } target)
            yield return $"{target} = … changes an attribute, which is not in checkpoints";
        for (var i = 0; i < tokens.Count; i++)
        {
            if (Mutators.Contains(tokens[i]) && Changed(one, tokens, i) is { } container)
                yield return $"{tokens[i]} changes the attribute {container}, which is not in checkpoints";
        }
    }

    /// <summary>
    /// Returns the attribute that a statement sets; null if it sets none. The types of declared variables are removed
    /// first, because they contain dots of their own.
    /// </summary>
    private static string? Target(IReadOnlyList<string> tokens)
    {
        var depth = 0;
        var at = -1;
        for (var i = 0; i < tokens.Count && at < 0; i++)
        {
            depth += ScriptClass.Nesting(tokens[i]);
            at = depth == 0 && Assignments.Contains(tokens[i]) ? i : -1;
        }
        var before = string.Concat(tokens.Take(Math.Max(0, at)));
        return Attribute().Match(Declared().Replace(before, "")) is { Success: true } match ? match.Value : null;
    }

    /// <summary>
    /// Returns the container attribute that the call at a token changes, either as its owner or as its first
    /// argument.
    /// </summary>
    private string? Changed(ScriptClass one, IReadOnlyList<string> tokens, int at)
    {
        var owner = at > 1 && tokens[at - 1] == "." ? tokens[at - 2] : "";
        var first =
            tokens
                .Skip(at + 1)
                .SkipWhile(token => token == "(")
                .TakeWhile(token => token is not ("," or ")" or "["))
                .LastOrDefault()
            ?? "";
        return new[] { owner, first }.FirstOrDefault(name =>
            _containers.Contains(name) || one.Aliases(_containers).Contains(name)
        );
    }

    private static string? After(IReadOnlyList<string> tokens, int at) => at + 1 < tokens.Count ? tokens[at + 1] : null;

    [GeneratedRegex(@"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")]
    private static partial Regex Attribute();

    [GeneratedRegex(@"__torch__(\.\w+)*")]
    private static partial Regex Declared();
}
