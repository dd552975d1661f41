namespace Gyre.Lab.Data;

/// <summary>Suggests what a misspelled name may have been.</summary>
internal static class Suggestion
{
    /// <summary>
    /// Formats a suggestion to put after a name: " (did you mean …?)"; empty if no candidate is near.
    /// </summary>
    /// <param name="word">The misspelled name.</param>
    /// <param name="candidates">The valid names.</param>
    public static string For(string word, IEnumerable<string> candidates) =>
        InParentheses(NearestName.Find(word, candidates));

    /// <summary>Formats a suggestion to put after a name: " (did you mean …?)"; empty if there is none.</summary>
    public static string InParentheses(string? near) => near is null ? "" : $" (did you mean {near}?)";

    /// <summary>Formats a suggestion to end a sentence with: "; did you mean …?"; empty if there is none.</summary>
    public static string AsClause(string? near) => near is null ? "" : $"; did you mean {near}?";
}
