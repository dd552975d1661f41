using System.Globalization;

namespace Gyre.Lab.Statistics;

/// <summary>Shares as percentages that do not round to what they are not: 0 stands for 0 alone, and 100 for
/// all.</summary>
internal static class Percent
{
    private const int MostDigits = 6;

    /// <summary>Such as "12.5 %" or "0.05 %": with the decimals given, or as many as tell the share from 0 and from
    /// 1.</summary>
    /// <param name="share">0 to 1; what is not finite is a dash.</param>
    /// <param name="decimals">At least.</param>
    public static string Format(double share, int decimals = 1) =>
        double.IsFinite(share) ? $"{Number(share, decimals)} %" : "—";

    /// <summary>As <see cref="Format"/>, without the sign.</summary>
    public static string Number(double share, int decimals = 1)
    {
        var digits = decimals;
        while (digits < MostDigits && share is > 0 and < 1 && Math.Round(100 * share, digits) is 0 or 100)
            digits++;
        return (100 * share).ToString($"F{digits}", CultureInfo.InvariantCulture);
    }
}
