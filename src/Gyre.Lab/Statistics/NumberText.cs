using System.Globalization;

namespace Gyre.Lab.Statistics;

/// <summary>
/// Formats numbers for people, in one style everywhere: "−" for minus, also in exponents, no zeros before the
/// exponent's digits, and a dash for a number that is not finite. Text that people retype, such as commands and specs,
/// has ASCII numbers instead.
/// </summary>
internal static class NumberText
{
    private const string Missing = "—";
    private const int DefaultDigits = 4;
    private const double LargestPlain = 1e5;

    /// <summary>
    /// Formats to the given number of significant digits, such as "0.0123", "12346" or "1.2e−5". Sizes below 1e5 keep
    /// all digits before the point.
    /// </summary>
    public static string Format(double? value, int digits = DefaultDigits)
    {
        if (value is not { } number || !double.IsFinite(number))
            return Missing;
        var isLong = Math.Abs(number) is < LargestPlain and var size && Math.Round(size) >= Math.Pow(10, digits);
        number += 0.0; // 0 instead of −0
        return Minus(number.ToString(isLong ? "F0" : $"G{digits}", CultureInfo.InvariantCulture));
    }

    /// <summary>Formats with a fixed number of decimals.</summary>
    public static string Fixed(double value, int decimals) =>
        double.IsFinite(value)
            ? Minus((Math.Round(value, decimals) + 0.0).ToString($"F{decimals}", CultureInfo.InvariantCulture))
            : Missing;

    /// <summary>Formats a p-value to two significant digits.</summary>
    public static string PValue(double value) => Format(value, 2);

    /// <summary>Formats a value with the ends of its interval: "0.31 [0.28, 0.34]".</summary>
    public static string Format(Interval interval, int digits = DefaultDigits) =>
        Interval(interval.Value, interval.Low, interval.High, digits);

    /// <inheritdoc cref="Format(Statistics.Interval, int)"/>
    public static string Interval(double value, double low, double high, int digits = DefaultDigits) =>
        $"{Format(value, digits)} [{Format(low, digits)}, {Format(high, digits)}]";

    /// <summary>
    /// Formats a difference between percentages with its interval, each with its sign: "+0.31 points [−0.10, +0.72]".
    /// </summary>
    /// <param name="difference">In percentage points.</param>
    public static string Points(Interval difference) =>
        $"{Signed(difference.Value)} points [{Signed(difference.Low)}, {Signed(difference.High)}]";

    /// <summary>Formats a difference in percentage points with its sign.</summary>
    public static string Signed(double points) => points > 0 ? $"+{Fixed(points, 2)}" : Fixed(points, 2);

    /// <summary>Formats the smallest and the largest value; one number if they are equal.</summary>
    public static string Range(IEnumerable<double> values)
    {
        var (low, high) = (values.Min(), values.Max());
        return low == high ? Whole(low) : $"{Whole(low)}–{Whole(high)}";
    }

    /// <summary>
    /// Replaces the minus signs of a number in .NET's invariant form, and the plus sign and zeros of its exponent.
    /// </summary>
    public static string Minus(string number)
    {
        var at = number.IndexOf('E', StringComparison.OrdinalIgnoreCase);
        if (at < 0)
            return number.Replace('-', '−');
        var exponent = int.Parse(number.AsSpan(at + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var text = exponent.ToString(CultureInfo.InvariantCulture);
        return $"{number[..at]}e{text}".Replace('-', '−');
    }

    /// <summary>Formats whole numbers, such as steps, with all their digits.</summary>
    private static string Whole(double value) =>
        value == Math.Floor(value) && Math.Abs(value) < 1e9 ? Fixed(value, 0) : Format(value);
}
