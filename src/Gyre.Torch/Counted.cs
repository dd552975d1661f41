using System.Globalization;

namespace Gyre.Torch;

/// <summary>Formats counts with their nouns.</summary>
internal static class Counted
{
    /// <summary>Formats a count with its noun, such as "1 step", "12,000 steps" or "2 losses".</summary>
    /// <param name="count">The number to format.</param>
    /// <param name="one">The singular noun.</param>
    /// <param name="many">The plural noun, if it is not the singular with an s.</param>
    public static string Format(long count, string one, string? many = null) =>
        $"{count.ToString("N0", CultureInfo.InvariantCulture)} {Noun(count, one, many)}";

    /// <summary>
    /// Returns the noun alone, such as "step" or "steps", for a number that is formatted separately.
    /// </summary>
    /// <param name="count">The number that decides between singular and plural.</param>
    /// <param name="one">The singular noun.</param>
    /// <param name="many">The plural noun, if it is not the singular with an s.</param>
    public static string Noun(long count, string one, string? many = null) => count == 1 ? one : many ?? one + "s";
}
