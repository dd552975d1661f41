using System.Globalization;

namespace Gyre.Torch;

/// <summary>Counts with their nouns.</summary>
internal static class Counted
{
    /// <summary>"1 step", "12,000 steps", "2 losses".</summary>
    /// <param name="count">How many.</param>
    /// <param name="one">The noun for one of them.</param>
    /// <param name="many">For several, where an s does not make it.</param>
    public static string Format(long count, string one, string? many = null) =>
        $"{count.ToString("N0", CultureInfo.InvariantCulture)} {Noun(count, one, many)}";

    /// <summary>"step" or "steps": the noun alone, after a number that is written otherwise.</summary>
    /// <param name="count">How many.</param>
    /// <param name="one">The noun for one of them.</param>
    /// <param name="many">For several, where an s does not make it.</param>
    public static string Noun(long count, string one, string? many = null) => count == 1 ? one : many ?? one + "s";
}
