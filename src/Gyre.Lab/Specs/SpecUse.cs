namespace Gyre.Lab.Specs;

/// <summary>The condition under which a key of a spec has an effect: another key has one of the given values.</summary>
/// <param name="Key">The other key.</param>
/// <param name="Values">Its values as in TOML, without quotation marks; empty: any number except 0.</param>
internal sealed record SpecUse(string Key, IReadOnlyList<string> Values)
{
    /// <summary>Creates the condition that another key has one of these values.</summary>
    public static SpecUse Create(string key, params IReadOnlyList<string> values) => new(key, values);

    /// <summary>An alternative condition; null if there is none.</summary>
    public SpecUse? Else { get; init; }

    /// <summary>The values that the other key must have, in words.</summary>
    public string Needed => Else is null ? Own : $"{Own}, or {Else.Key} = {Else.Needed}";

    private string Own => Values.Count == 0 ? "a number above 0" : string.Join(" or ", Values);

    /// <summary>Returns whether the key has an effect.</summary>
    /// <param name="valuesOf">Returns the values of a key as in TOML. A sweep has several, of which one
    /// suffices.</param>
    public bool Holds(Func<string, IReadOnlyList<string>> valuesOf)
    {
        ArgumentNullException.ThrowIfNull(valuesOf);
        return valuesOf(Key).Any(Suits) || (Else?.Holds(valuesOf) ?? false);
    }

    private bool Suits(string value) =>
        Values.Count == 0 ? value is not ("0" or "0.0") : Values.Contains(value.Trim('"'));
}
