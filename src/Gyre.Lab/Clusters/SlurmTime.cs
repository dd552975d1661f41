using System.Globalization;

namespace Gyre.Lab.Clusters;

/// <summary>Parses time limits in sbatch's formats.</summary>
internal static class SlurmTime
{
    private const double Forever = 1e10; // seconds; three hundred years

    /// <summary>
    /// Parses 90 (minutes), 90:00 (minutes, seconds), 1:30:00, 1-12 (days, hours), 1-12:30 or 1-12:30:00. Returns
    /// null for anything else, such as UNLIMITED, and for limits that are effectively unlimited.
    /// </summary>
    /// <param name="text">The value given to --time.</param>
    public static TimeSpan? TryParse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var halves = text.Split('-');
        double[] of = [.. halves[^1].Split(':').Select(Whole)];
        var seconds = (halves.Length, of.Length) switch
        {
            (1, 1) => 60 * of[0],
            (1, 2) => (60 * of[0]) + of[1],
            (1, 3) => (3600 * of[0]) + (60 * of[1]) + of[2],
            (2, <= 3) => (86_400 * Whole(halves[0]))
                + (3600 * of[0])
                + (60 * of.ElementAtOrDefault(1))
                + of.ElementAtOrDefault(2),
            _ => double.NaN,
        };
        return seconds < Forever ? TimeSpan.FromSeconds(seconds) : null;
    }

    /// <summary>Returns NaN if the text is not a whole number.</summary>
    private static double Whole(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : double.NaN;
}
