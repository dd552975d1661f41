namespace Gyre.Lab.Claims;

/// <summary>What the data say of a claim.</summary>
internal enum VerdictKind
{
    /// <summary>The rule's condition holds, beyond its error bars.</summary>
    Supported,

    /// <summary>The condition fails beyond its error bars.</summary>
    NotSupported,

    /// <summary>The effect is there beyond its error bars, in the opposite direction.</summary>
    Opposite,

    /// <summary>Neither; or the sweep lacks what the rule needs.</summary>
    Inconclusive,
}

/// <summary>One number that a verdict stands on.</summary>
/// <param name="Name">What it is, with its unit.</param>
/// <param name="Value">The number.</param>
/// <param name="Low">Lower end of its 95 % interval; NaN where it has none.</param>
/// <param name="High">Upper end.</param>
/// <param name="Note">How it was made: of how many cells, by which method.</param>
/// <param name="PValue">Of a correlation, by permutation; NaN elsewhere.</param>
internal sealed record Evidence(
    string Name,
    double Value,
    double Low,
    double High,
    string Note,
    double PValue = double.NaN
);

/// <summary>A claim with the rule that decides it (docs/theory.md) and what came of it.</summary>
/// <param name="Claim">Its number: C1, C1a, ...</param>
/// <param name="Statement">In words.</param>
/// <param name="Kind">The verdict.</param>
/// <param name="Rule">The rule, in words.</param>
/// <param name="Reason">Why this verdict, with its numbers, a sentence.</param>
/// <param name="Evidence">The numbers.</param>
internal sealed record Verdict(
    string Claim,
    string Statement,
    VerdictKind Kind,
    string Rule,
    string Reason,
    IReadOnlyList<Evidence> Evidence
)
{
    /// <summary>The verdict in words.</summary>
    public string Name =>
        Kind switch
        {
            VerdictKind.Supported => "supported",
            VerdictKind.NotSupported => "not supported",
            VerdictKind.Opposite => "opposite holds",
            _ => "inconclusive",
        };
}
