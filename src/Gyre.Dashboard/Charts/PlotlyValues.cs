using System.Globalization;

namespace Gyre.Dashboard.Charts;

/// <summary>Numbers, texts and colors as Plotly takes them.</summary>
internal static class PlotlyValues
{
    private const double Largest = 1e150;
    internal const double LargestDecimal = 1e28;
    private const double SmallestDecimal = 1e-20;
    private const double MostWhole = 9e15; // whole numbers up to here are themselves as doubles

    internal static decimal? Decimal(double? end) =>
        end is { } value && Math.Abs(value) < LargestDecimal ? (decimal)value : null;

    /// <summary>Text as it is: the charts would take tags in it for markup.</summary>
    internal static string Plain(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal)
            .Replace("<", "&lt;", StringComparison.Ordinal)
            .Replace(">", "&gt;", StringComparison.Ordinal);

    internal static object Place(object place) => place is double number ? Boxed(number)! : Plain((string)place);

    internal static List<object> Boxed(double[] values) => [.. values.Select(value => Boxed(value)!)];

    /// <summary>
    /// Seven digits are more than a screen shows, and half of what is sent. The package makes decimals of all numbers,
    /// which end at 7.9e28 (beyond, the page would end, too) and have few digits below 1e-20:
    /// such numbers go as text, which the charts read as well. What is too large for an axis to be scaled to has no
    /// point.
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
