using System.Globalization;

namespace Gyre.Lab.Statistics;

/// <summary>
/// Formats shares as percentages. Rounding never shows a share other than 0 as 0, nor a share other than 1 as 100,
/// within six decimals.
/// </summary>
internal static class Percent
{
    private const int MostDigits = 6;

    /// <summary>
    /// Formats a percentage such as "12.5 %" or "0.05 %", with more decimals than given if the share would otherwise
    /// read as 0 or 100.
    /// </summary>
    /// <param name="share">0 to 1; a share that is not finite is shown as a dash.</param>
    /// <param name="decimals">The minimum number of decimals.</param>
    public static string Format(double share, int decimals = 1) =>
        double.IsFinite(share) ? $"{Number(share, decimals)} %" : "—";

    /// <summary>Formats like <see cref="Format"/>, without the percent sign.</summary>
    public static string Number(double share, int decimals = 1)
    {
        var digits = decimals;
        while (digits < MostDigits && share is > 0 and < 1 && Math.Round(100 * share, digits) is 0 or 100)
            digits++;
        return (100 * share).ToString($"F{digits}", CultureInfo.InvariantCulture);
    }
}
