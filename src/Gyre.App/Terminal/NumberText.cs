using System.Globalization;
using Gyre.Lab.Quantities;

namespace Gyre.App.Terminal;

/// <summary>Numbers for people.</summary>
internal static class NumberText
{
    /// <summary>Seconds, in the largest units that say enough.</summary>
    public static string Duration(double seconds) => DurationText.Format(seconds);

    /// <summary>The smallest and the largest; one number where all are the same.</summary>
    public static string Range(IEnumerable<double> values)
    {
        var (low, high) = (values.Min(), values.Max());
        return low == high ? Text(low) : $"{Text(low)}–{Text(high)}";
    }

    /// <summary>Whole numbers, such as steps, with all their digits.</summary>
    private static string Text(double value) =>
        value.ToString(value == Math.Floor(value) && Math.Abs(value) < 1e9 ? "0" : "G4", CultureInfo.InvariantCulture);
}
