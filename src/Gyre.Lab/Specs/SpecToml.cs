using Gyre.Lab.Data;
using Tomlyn;
using Tomlyn.Model;
using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace Gyre.Lab.Specs;

/// <summary>TOML as keys with points. A key is given once, whatever the way in which TOML writes it.</summary>
internal static class SpecToml
{
    /// <summary>Room for a start (model.start) of some 500,000 numbers.</summary>
    private const int MostBytes = 16 << 20;
    private const int MostFaults = 5;

    /// <summary>What the keys of a sweep's axes begin with.</summary>
    internal const string Axes = "sweep.axes.";

    private static readonly string[] Paths = ["data.path", "model.file", "model.weights", "measured.checkpoints"];

    /// <summary>The text of a user's file.</summary>
    /// <exception cref="DataException">It cannot be read, or is no text.</exception>
    public static string TextOf(string path) => UserFile.Text(path, MostBytes);

    /// <summary>Every key of a text.</summary>
    /// <param name="text">TOML.</param>
    /// <param name="name">What it is called in a mistake.</param>
    /// <param name="mistakes">Where it is no TOML, or a key is there twice.</param>
    public static Dictionary<string, object> Keys(string text, string name, List<SpecMistake> mistakes)
    {
        var keys = new Dictionary<string, object>(StringComparer.Ordinal);
        Collect(Parse(text, name, mistakes), "", keys, mistakes);
        return keys;
    }

    /// <summary>Every key of a table, below a prefix.</summary>
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
                mistakes.Add(
                    new(prefix + key, "is there twice, once as a quoted key with a point; leave one of the two out")
                );
        }
    }

    /// <summary>
    /// The value of a key of the command line: as in TOML, and where it is not TOML a bare word, which is text.
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

    /// <summary>Paths, whole: what a key gives is relative to a folder.</summary>
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
            // The first bounds the depth, and takes the last of two keys that are the same; the second tells of them.
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
