using System.Globalization;

namespace Gyre.Lab.Data;

/// <summary>Finds the name that was probably meant by a misspelled one.</summary>
internal static class NearestName
{
    /// <summary>
    /// Returns the nearest candidate by edit distance, ignoring case, with or without the part before its first dot.
    /// Returns null if no candidate is near: the limit is a third of the word's length or 2 edits, whichever is
    /// larger, but always fewer edits than the word has letters.
    /// </summary>
    public static string? Find(string word, IEnumerable<string> candidates)
    {
        ArgumentNullException.ThrowIfNull(word);
        ArgumentNullException.ThrowIfNull(candidates);
        var most = Math.Min(Math.Max(2, word.Length / 3), word.Length - 1);
        var best = candidates
            .Select(candidate => (candidate, Distance: Distance(word, candidate, most)))
            .DefaultIfEmpty()
            .MinBy(pair => pair.Distance);
        return best.candidate is not null && best.Distance <= most ? best.candidate : null;
    }

    private static int Distance(string word, string candidate, int most)
    {
        var afterPoint = candidate[(candidate.IndexOf('.', StringComparison.Ordinal) + 1)..];
        return Math.Min(EditDistance(word, candidate, most), EditDistance(word, afterPoint, most));
    }

    /// <summary>
    /// Counts insertions, deletions and replacements; int.MaxValue if the lengths alone require more than a maximum.
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
