using System.Globalization;

namespace Gyre.Lab.Clusters;

/// <summary>Time limits as sbatch takes them.</summary>
public static class SlurmTime
{
    /// <summary>Of 90 (minutes), 90:00 (minutes, seconds), 1:30:00, 1-12 (days, hours), 1-12:30 or 1-12:30:00; null of anything else, such as UNLIMITED.</summary>
    /// <param name="text">As given to --time.</param>
    public static TimeSpan? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var halves = text.Split('-');
        var numbers = halves[^1].Split(':').Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : (int?)null).ToArray();
        if (numbers.Contains(null))
            return null;
        int[] of = [.. numbers.Select(number => number!.Value)];
        if (halves.Length == 2)
            return int.TryParse(halves[0], NumberStyles.None, CultureInfo.InvariantCulture, out var days) && of.Length <= 3 ? new TimeSpan(days, of[0], of.ElementAtOrDefault(1), of.ElementAtOrDefault(2)) : null;
        return (halves.Length, of.Length) switch
        {
            (1, 1) => TimeSpan.FromMinutes(of[0]),
            (1, 2) => new TimeSpan(0, of[0], of[1]),
            (1, 3) => new TimeSpan(of[0], of[1], of[2]),
            _ => null,
        };
    }
}
