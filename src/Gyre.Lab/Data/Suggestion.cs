namespace Gyre.Lab.Data;

/// <summary>Suggests what a misspelled name may have been.</summary>
internal static class Suggestion
{
    /// <summary>As words after the name: " (did you mean …?)"; nothing where none is near.</summary>
    /// <param name="word">The misspelled name.</param>
    /// <param name="candidates">The names there are.</param>
    public static string For(string word, IEnumerable<string> candidates) =>
        NearestName.Find(word, candidates) is { } near ? $" (did you mean {near}?)" : "";
}
