using System.Globalization;

namespace Gyre.Lab.Quantities;

/// <summary>Formats durations for people.</summary>
internal static class DurationText
{
    private const double Longest = 1e9;

    /// <summary>Formats seconds in the largest units that are precise enough.</summary>
    public static string Format(double seconds)
    {
        if (!double.IsFinite(seconds))
            return "an unknown time";
        var span = TimeSpan.FromSeconds(Math.Min(seconds, Longest));
        return span switch
        {
            { TotalDays: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalDays:0.0} days"),
            { TotalHours: >= 1 } => $"{(int)span.TotalHours} h {span.Minutes} min",
            { TotalMinutes: >= 1 } => $"{span.Minutes} min {span.Seconds} s",
            _ => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0} s"),
        };
    }
}
