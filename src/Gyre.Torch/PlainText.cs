using System.Buffers;
using System.Globalization;
using System.Text;

namespace Gyre.Torch;

/// <summary>
/// Text of files, modules and names as it may be shown: characters that steer a terminal, or that no XML may hold, are
/// spelled out.
/// </summary>
internal static class PlainText
{
    private const int MostLetters = 1000; // of a line of a message: longer than any of this program's own
    private const int MostLines = 200;

    /// <summary>
    /// The same text with control characters (line feeds and tabs apart), invisible marks and halves of pairs as
    /// <c>\u001b</c>.
    /// </summary>
    public static string Escape(string text) => Spelled(text, "\n\t");

    /// <summary>As <see cref="Escape"/>, line feeds and tabs included: for what is shown on one line.</summary>
    public static string Line(string text) => Spelled(text, "");

    /// <summary>As <see cref="Line"/>, cut where it is long, with how long it is.</summary>
    /// <param name="text">Anything.</param>
    /// <param name="most">Letters, at most.</param>
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
    /// JSON text with what <see cref="Escape"/> spells out as JSON's own escapes: the same value to whoever reads it.
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
    /// A message of several lines: each is <see cref="Clipped"/>, and too many are cut, with how many are left out.
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
    /// A character, or its number where it cannot be seen, changes how others are shown, or is no character of XML.
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
            plain.Append(whole ? Shown(rune, kept) : Number(rest[0], 4)); // else half of a pair
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
