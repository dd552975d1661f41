using System.Globalization;

namespace Gyre.Lab.Clusters;

/// <summary>Time limits as sbatch takes them.</summary>
internal static class SlurmTime
{
    private const double Forever = 1e10; // seconds; three hundred years

    /// <summary>
    /// Of 90 (minutes), 90:00 (minutes, seconds), 1:30:00, 1-12 (days, hours), 1-12:30 or 1-12:30:00; null of anything
    /// else, such as UNLIMITED, and of what is as good as that.
    /// </summary>
    /// <param name="text">As given to --time.</param>
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

    /// <summary>NaN of what is no whole number.</summary>
    private static double Whole(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : double.NaN;
}
