using System.Globalization;

namespace Gyre.App.Terminal;

/// <summary>Numbers for people.</summary>
internal static class NumberText
{
    /// <summary>Seconds, in the largest units that say enough.</summary>
    public static string Duration(double seconds)
    {
        if (!double.IsFinite(seconds))
            return "an unknown time";
        var span = TimeSpan.FromSeconds(Math.Min(seconds, 1e9));
        return span switch
        {
            { TotalDays: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalDays:0.0} days"),
            { TotalHours: >= 1 } => $"{(int)span.TotalHours} h {span.Minutes} min",
            { TotalMinutes: >= 1 } => $"{span.Minutes} min {span.Seconds} s",
            _ => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0} s"),
        };
    }

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
