using System.Globalization;
using System.Text;

namespace Gyre.Torch;

/// <summary>Text of files, modules and names as it may be shown: characters that steer a terminal, or that no XML may hold, are spelled out.</summary>
public static class PlainText
{
    /// <summary>The same text with control characters (line feeds and tabs apart), marks of direction and halves of pairs as <c>\u001b</c>.</summary>
    public static string Of(string text) => Spelled(text, "\n\t");

    /// <summary>As <see cref="Of"/>, line feeds and tabs included: for what is shown on one line.</summary>
    public static string Line(string text) => Spelled(text, "");

    private static string Spelled(string text, string kept)
    {
        ArgumentNullException.ThrowIfNull(text);
        var plain = new StringBuilder(text.Length + 16);
        for (var i = 0; i < text.Length; i++)
        {
            var pair = i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]);
            if (pair)
                plain.Append(text[i++]).Append(text[i]);
            else if (IsPlain(text[i], kept))
                plain.Append(text[i]);
            else
                plain.Append(CultureInfo.InvariantCulture, $"\\u{(int)text[i]:x4}");
        }
        return plain.ToString();
    }

    private static bool IsPlain(char letter, string kept) => kept.Contains(letter, StringComparison.Ordinal)
        || !(char.IsControl(letter) || char.IsSurrogate(letter) || Steers(letter));

    /// <summary>Marks that turn the direction of what follows, line and paragraph separators, and what is no character of XML.</summary>
    private static bool Steers(char letter) =>
        letter is '\u061c' or '\u200e' or '\u200f' or (>= '\u2028' and <= '\u202e') or (>= '\u2066' and <= '\u2069') or '\ufeff' or '\ufffe' or '\uffff';
}
