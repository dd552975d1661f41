using System.Globalization;

namespace Gyre.Lab.Data;

/// <summary>The name that a misspelt one is nearest to.</summary>
internal static class NearestName
{
    /// <summary>
    /// The nearest of the candidates by edit distance, with or without what stands before their first point; null where
    /// none is near
    /// (more than a third of the letters differ, or all of them).
    /// </summary>
    public static string? Find(string word, IEnumerable<string> candidates)
    {
        ArgumentNullException.ThrowIfNull(word);
        ArgumentNullException.ThrowIfNull(candidates);
        var most = Math.Min(Math.Max(2, word.Length / 3), word.Length - 1);
        var best = candidates
            .Select(candidate => (candidate, Distance: Distance(word, candidate, most)))
            .MinBy(pair => pair.Distance);
        return best.candidate is not null && best.Distance <= most ? best.candidate : null;
    }

    private static int Distance(string word, string candidate, int most)
    {
        var afterPoint = candidate[(candidate.IndexOf('.', StringComparison.Ordinal) + 1)..];
        return Math.Min(EditDistance(word, candidate, most), EditDistance(word, afterPoint, most));
    }

    /// <summary>
    /// Insertions, deletions and replacements; int.MaxValue where the lengths alone make them more than a number.
    /// </summary>
    private static int EditDistance(string a, string b, int most)
    {
        if (Math.Abs(a.Length - b.Length) > most)
            return int.MaxValue;
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var corner = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var same =
                    char.ToLower(a[i - 1], CultureInfo.InvariantCulture)
                    == char.ToLower(b[j - 1], CultureInfo.InvariantCulture);
                var substituted = corner + (same ? 0 : 1);
                corner = row[j];
                row[j] = Math.Min(substituted, 1 + Math.Min(row[j], row[j - 1]));
            }
        }
        return row[^1];
    }
}
