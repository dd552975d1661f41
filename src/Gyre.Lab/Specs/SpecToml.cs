using Gyre.Lab.Data;
using Tomlyn;
using Tomlyn.Model;
using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace Gyre.Lab.Specs;

/// <summary>Reads TOML as dotted keys. Each key may be given once, in any notation of TOML.</summary>
internal static class SpecToml
{
    /// <summary>Room for initial parameters (model.start) of about 500,000 numbers.</summary>
    private const int MostBytes = 16 << 20;
    private const int MostFaults = 5;

    /// <summary>The prefix of the keys of a sweep's axes.</summary>
    internal const string Axes = "sweep.axes.";

    private static readonly string[] Paths = ["data.path", "model.file", "model.weights", "measured.checkpoints"];

    /// <summary>Returns the text of a user's file.</summary>
    /// <exception cref="DataException">The file cannot be read, or is not text.</exception>
    public static string TextOf(string path) => UserFile.Text(path, MostBytes);

    /// <summary>Returns every key of a text.</summary>
    /// <param name="text">TOML.</param>
    /// <param name="name">Name of the text in mistakes.</param>
    /// <param name="mistakes">Receives a mistake if the text is not TOML, or has a key twice.</param>
    public static Dictionary<string, object> Keys(string text, string name, List<SpecMistake> mistakes)
    {
        var keys = new Dictionary<string, object>(StringComparer.Ordinal);
        Collect(Parse(text, name, mistakes), "", keys, mistakes);
        return keys;
    }

    /// <summary>Returns every key of a table, below a prefix.</summary>
    public static void Collect(
        TomlTable table,
        string prefix,
        Dictionary<string, object> into,
        List<SpecMistake> mistakes
    )
    {
        foreach (var (key, value) in table)
        {
            if (value is TomlTable inner)
                Collect(inner, prefix + key + ".", into, mistakes);
            else if (!into.TryAdd(prefix + key, value))
                mistakes.Add(new(prefix + key, "occurs twice, once as a quoted key with a dot; remove one of the two"));
        }
    }

    /// <summary>
    /// Returns the value of a key on the command line, as in TOML; text that is not TOML is a string.
    /// </summary>
    public static object ValueOf(string value)
    {
        try
        {
            return TomlSerializer.Deserialize<TomlTable>($"value = {value}") is { Count: 1 } table
                ? table["value"]
                : value;
        }
        catch (TomlException)
        {
            return value;
        }
    }

    /// <summary>Makes paths absolute, relative to a folder.</summary>
    public static void Root(Dictionary<string, object> keys, string folder)
    {
        foreach (var (key, value) in keys.Where(pair => IsPath(pair.Key)).ToArray())
            keys[key] = value is TomlArray list ? Rooted(list, folder) : Rooted(value, folder);
    }

    private static bool IsPath(string key) =>
        Paths.Any(path => key == path || key.StartsWith($"{Axes}{path}", StringComparison.Ordinal));

    private static TomlArray Rooted(TomlArray list, string folder)
    {
        var rooted = new TomlArray();
        foreach (var item in list)
            rooted.Add(Rooted(item!, folder));
        return rooted;
    }

    private static object Rooted(object value, string folder) =>
        value is string { Length: > 0 } path && !path.Contains('\0', StringComparison.Ordinal)
            ? Path.GetFullPath(path, folder)
            : value;

    private static TomlTable Parse(string text, string name, List<SpecMistake> mistakes)
    {
        try
        {
            // The first parser limits the depth, and takes the last of two equal keys; the second one reports them.
            var table = TomlSerializer.Deserialize<TomlTable>(text) ?? [];
            var faults = SyntaxParser.Parse(text).Diagnostics.Where(one => one.Kind == DiagnosticMessageKind.Error);
            foreach (var fault in faults.Take(MostFaults))
                mistakes.Add(
                    new(
                        name,
                        $"line {fault.Span.Start.Line + 1}: {UserFile.Shown(fault.Message, UserFile.PathLetters)}"
                    )
                );
            return table;
        }
        catch (TomlException error)
        {
            mistakes.Add(new(name, $"is not TOML: {UserFile.Shown(error.Message.Trim(), UserFile.PathLetters)}"));
            return [];
        }
    }
}
