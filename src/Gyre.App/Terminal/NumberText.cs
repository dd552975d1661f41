using System.Globalization;
using Gyre.Lab.Quantities;

namespace Gyre.App.Terminal;

/// <summary>Formats numbers for people.</summary>
internal static class NumberText
{
    /// <summary>Formats seconds in the largest units that are precise enough.</summary>
    public static string Duration(double seconds) => DurationText.Format(seconds);

    /// <summary>Formats the smallest and the largest value; one number if they are equal.</summary>
    public static string Range(IEnumerable<double> values)
    {
        var (low, high) = (values.Min(), values.Max());
        return low == high ? Text(low) : $"{Text(low)}–{Text(high)}";
    }

    /// <summary>Formats whole numbers, such as steps, with all their digits.</summary>
    private static string Text(double value) =>
        value.ToString(value == Math.Floor(value) && Math.Abs(value) < 1e9 ? "0" : "G4", CultureInfo.InvariantCulture);
}
