using System.Buffers;
using System.Globalization;
using System.Text;

namespace Gyre.Torch;

/// <summary>
/// Makes text of files, modules and names safe to display: characters that control a terminal, or that XML does not
/// allow, are escaped.
/// </summary>
internal static class PlainText
{
    private const int MostLetters = 1000; // per line of a message: longer than any of Gyre's own
    private const int MostLines = 200;

    /// <summary>
    /// Returns the text with control characters (except line feeds and tabs), invisible marks and unpaired surrogates
    /// escaped as in <c>\u001b</c>.
    /// </summary>
    public static string Escape(string text) => Spelled(text, "\n\t");

    /// <summary>
    /// Escapes as <see cref="Escape"/> does, line feeds and tabs included, for text that is shown on one line.
    /// </summary>
    public static string Line(string text) => Spelled(text, "");

    /// <summary>Escapes as <see cref="Line"/> does. Long text is cut and its length appended.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="most">The maximum number of characters shown.</param>
    public static string Clipped(string text, int most)
    {
        ArgumentNullException.ThrowIfNull(text);
        var (shown, left) = (new StringBuilder(), most);
        foreach (var rune in text.EnumerateRunes())
        {
            if (left-- == 0)
                return shown
                    .Append(CultureInfo.InvariantCulture, $"… ({text.EnumerateRunes().Count()} letters)")
                    .ToString();
            shown.Append(Visible(rune));
        }
        return shown.ToString();
    }

    /// <summary>
    /// Returns JSON text in which the characters that <see cref="Escape"/> escapes are written as JSON's own escapes.
    /// Parsers read the same value.
    /// </summary>
    public static string Json(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var plain = new StringBuilder(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
            plain.Append(rune.Value == '\n' || Visible(rune) == rune.ToString() ? rune.ToString() : Escaped(rune));
        return plain.ToString();
    }

    /// <summary>
    /// Formats a message of several lines. Each line is <see cref="Clipped"/>; lines beyond the limit are cut and
    /// their number is appended.
    /// </summary>
    public static string Message(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var lines = text.Split('\n');
        var shown = lines.Take(MostLines).Select(line => Clipped(line, MostLetters));
        return string.Join(
            '\n',
            lines.Length > MostLines ? shown.Append($"… and {lines.Length - MostLines} more lines") : shown
        );
    }

    /// <summary>
    /// Returns a character, or its number if it cannot be seen, changes how others are shown, or is not allowed in
    /// XML.
    /// </summary>
    public static string Visible(Rune rune) =>
        IsHidden(Rune.GetUnicodeCategory(rune)) || rune.Value is 0xfffe or 0xffff
            ? Number(rune.Value, DigitsOf(rune))
            : rune.ToString();

    private static int DigitsOf(Rune rune) => rune.IsBmp ? 4 : 8;

    private static string Spelled(string text, string kept)
    {
        ArgumentNullException.ThrowIfNull(text);
        var plain = new StringBuilder(text.Length + 16);
        for (var rest = text.AsSpan(); rest.Length > 0; )
        {
            var whole = Rune.DecodeFromUtf16(rest, out var rune, out var length) == OperationStatus.Done;
            plain.Append(whole ? Shown(rune, kept) : Number(rest[0], 4)); // otherwise an unpaired surrogate
            rest = rest[length..];
        }
        return plain.ToString();
    }

    private static string Shown(Rune rune, string kept) =>
        rune.IsBmp && kept.Contains((char)rune.Value, StringComparison.Ordinal) ? rune.ToString() : Visible(rune);

    private static string Escaped(Rune rune) => string.Concat(rune.ToString().Select(half => Number(half, 4)));

    private static string Number(int value, int digits) =>
        $"\\{(digits == 4 ? 'u' : 'U')}{value.ToString($"x{digits}", CultureInfo.InvariantCulture)}";

    private static bool IsHidden(UnicodeCategory category) =>
        category
            is UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator;
}
