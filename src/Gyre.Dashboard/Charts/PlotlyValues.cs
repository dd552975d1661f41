using System.Globalization;

namespace Gyre.Dashboard.Charts;

/// <summary>Converts numbers, texts and colors to the forms that Plotly accepts.</summary>
internal static class PlotlyValues
{
    private const double Largest = 1e150;
    internal const double LargestDecimal = 1e28;
    private const double SmallestDecimal = 1e-20;
    private const double MostWhole = 9e15; // doubles represent all integers up to this

    internal static decimal? Decimal(double? end) =>
        end is { } value && Math.Abs(value) < LargestDecimal ? (decimal)value : null;

    /// <summary>Escapes text, because Plotly interprets tags in it.</summary>
    internal static string Plain(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal)
            .Replace("<", "&lt;", StringComparison.Ordinal)
            .Replace(">", "&gt;", StringComparison.Ordinal);

    internal static object Place(object place) => place is double number ? Boxed(number)! : Plain((string)place);

    internal static List<object> Boxed(double[] values) => [.. values.Select(value => Boxed(value)!)];

    /// <summary>
    /// Returns a number in the form that is sent. Seven digits are more than a screen shows, and take half of the
    /// bytes. Plotly.Blazor converts all numbers to decimals, which end at 7.9e28 (a larger number would crash the
    /// page) and have few digits below 1e-20. Numbers beyond these limits are sent as text, which Plotly reads as
    /// well. A value too large for an axis has no point.
    /// </summary>
    internal static object? Boxed(double value) =>
        Math.Abs(value) switch
        {
            double.NaN or >= Largest => null,
            >= LargestDecimal or > 0 and < SmallestDecimal => value.ToString("G7", CultureInfo.InvariantCulture),
            < MostWhole when value == Math.Truncate(value) => (long)value,
            _ => (float)value,
        };

    internal static string Translucent(string color, double opacity) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"rgba({Part(color, 1)},{Part(color, 3)},{Part(color, 5)},{opacity})"
        );

    private static int Part(string color, int at) => Convert.ToInt32(color[at..(at + 2)], 16);
}
