namespace Gyre.Lab.Claims;

/// <summary>The verdicts on a claim.</summary>
internal enum VerdictKind
{
    /// <summary>The rule's condition holds, beyond its error bars.</summary>
    Supported,

    /// <summary>The condition fails beyond its error bars.</summary>
    NotSupported,

    /// <summary>The effect is there beyond its error bars, in the opposite direction.</summary>
    Opposite,

    /// <summary>Neither of these, or the sweep lacks the data that the rule needs.</summary>
    Inconclusive,
}

/// <summary>One number that supports a verdict.</summary>
/// <param name="Name">Name of the number, with its unit.</param>
/// <param name="Low">Lower end of the 95 % interval; NaN if there is none.</param>
/// <param name="High">Upper end of the 95 % interval; NaN if there is none.</param>
/// <param name="Note">How the number was computed: from how many cells and by which method.</param>
/// <param name="PValue">Permutation p-value of a correlation; NaN for other numbers.</param>
internal sealed record Evidence(
    string Name,
    double Value,
    double Low,
    double High,
    string Note,
    double PValue = double.NaN
);

/// <summary>A claim with the rule that decides it (docs/theory.md) and the result.</summary>
/// <param name="Claim">Number of the claim: C1, C1a, ...</param>
/// <param name="Statement">The claim as a sentence.</param>
/// <param name="Rule">The rule as a sentence.</param>
/// <param name="Reason">The reason for the verdict as a sentence, with its numbers.</param>
/// <param name="Evidence">The numbers that support the verdict.</param>
internal sealed record Verdict(
    string Claim,
    string Statement,
    VerdictKind Kind,
    string Rule,
    string Reason,
    IReadOnlyList<Evidence> Evidence
)
{
    /// <summary>Display name of the verdict.</summary>
    public string Name =>
        Kind switch
        {
            VerdictKind.Supported => "supported",
            VerdictKind.NotSupported => "not supported",
            VerdictKind.Opposite => "opposite holds",
            _ => "inconclusive",
        };
}
