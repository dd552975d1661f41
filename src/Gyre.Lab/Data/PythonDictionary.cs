namespace Gyre.Lab.Data;

/// <summary>
/// Parses a Python dictionary literal: quoted names in any order and spacing, each with the text of its value.
/// </summary>
internal static class PythonDictionary
{
    /// <summary>Returns the entries; null if the text is not such a dictionary, or contains a name twice.</summary>
    public static IReadOnlyDictionary<string, string>? TryParse(string text)
    {
        var trimmed = text.Trim();
        if (trimmed is not ['{', .., '}'])
            return null;
        var entries = new Dictionary<string, string>(StringComparer.Ordinal);
        var parts = Split(trimmed[1..^1], ',');
        foreach (var part in parts is [.. var most, ""] ? most : parts)
        {
            var isEntry =
                Split(part, ':') is [var name, { Length: > 0 } value]
                && Text(name) is { } key
                && entries.TryAdd(key, value);
            if (!isEntry)
                return null;
        }
        return entries;
    }

    /// <summary>
    /// Returns the text between quotation marks, with or without Python 2's u prefix; null if the value is not a
    /// string.
    /// </summary>
    public static string? Text(string value)
    {
        var text = value is ['u' or 'U', .. var after] ? after : value;
        return
            text is [('\'' or '"') and var mark, .. var inside, var end]
            && end == mark
            && !inside.Contains(mark, StringComparison.Ordinal)
            ? inside
            : null;
    }

    /// <summary>Splits at separators outside of all brackets and quotation marks, and trims the parts.</summary>
    private static string[] Split(string text, char separator)
    {
        var (parts, start, depth, quote) = (new List<string>(), 0, 0, '\0');
        for (var i = 0; i < text.Length; i++)
        {
            if (quote != '\0')
            {
                if (text[i] == quote)
                    quote = '\0';
            }
            else if (text[i] is '\'' or '"')
                quote = text[i];
            else if (text[i] == separator && depth == 0)
            {
                parts.Add(text[start..i].Trim());
                start = i + 1;
            }
            else
                depth += Nesting(text[i]);
        }
        return [.. parts, text[start..].Trim()];
    }

    private static int Nesting(char letter) =>
        letter switch
        {
            '(' or '[' or '{' => 1,
            ')' or ']' or '}' => -1,
            _ => 0,
        };
}
