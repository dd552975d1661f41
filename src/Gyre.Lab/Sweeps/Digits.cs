using System.Globalization;

namespace Gyre.Lab.Sweeps;

/// <summary>Numbers that people read and type again.</summary>
internal static class Digits
{
    /// <summary>
    /// Four significant digits: rates made from a measurement or a spacing are as good, and their runs' ids do not hang
    /// on its last digits.
    /// </summary>
    public static double Round(double value) =>
        double.Parse(value.ToString("G4", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    /// <summary>What was made, in four digits.</summary>
    public static string Made(double value) => value.ToString("G4", CultureInfo.InvariantCulture);

    /// <summary>What was given, in all its digits: what differs has different names.</summary>
    public static string Given(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
