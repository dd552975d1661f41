namespace Gyre.Lab.Data;

/// <summary>Suggests what a misspelled name may have been.</summary>
internal static class Suggestion
{
    /// <summary>As words after the name: " (did you mean …?)"; nothing where none is near.</summary>
    /// <param name="word">The misspelled name.</param>
    /// <param name="candidates">The names there are.</param>
    public static string For(string word, IEnumerable<string> candidates) =>
        InParentheses(NearestName.Find(word, candidates));

    /// <summary>As words after a name: " (did you mean …?)"; nothing where there is none.</summary>
    public static string InParentheses(string? near) => near is null ? "" : $" (did you mean {near}?)";

    /// <summary>As the end of a sentence: "; did you mean …?"; nothing where there is none.</summary>
    public static string AsClause(string? near) => near is null ? "" : $"; did you mean {near}?";
}
