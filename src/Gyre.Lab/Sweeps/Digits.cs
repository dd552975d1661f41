using System.Globalization;

namespace Gyre.Lab.Sweeps;

/// <summary>Formats numbers that people read and retype.</summary>
internal static class Digits
{
    /// <summary>
    /// Rounds to four significant digits: no accuracy is lost for learning rates derived from a measurement or a
    /// spacing, and their runs' ids do not depend on the last digits.
    /// </summary>
    public static double Round(double value) =>
        double.Parse(value.ToString("G4", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    /// <summary>Formats a derived number to four significant digits.</summary>
    public static string Made(double value) => value.ToString("G4", CultureInfo.InvariantCulture);

    /// <summary>Formats a given number with all its digits, so that different numbers have different names.</summary>
    public static string Given(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
