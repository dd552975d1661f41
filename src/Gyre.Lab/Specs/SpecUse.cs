namespace Gyre.Lab.Specs;

/// <summary>Where a key of a spec has an effect: where another key has one of some values.</summary>
/// <param name="Key">The other key.</param>
/// <param name="Values">Its values, as TOML writes them without quotation marks; none: any number but 0.</param>
internal sealed record SpecUse(string Key, IReadOnlyList<string> Values)
{
    /// <summary>Where another key has one of these values.</summary>
    public static SpecUse Create(string key, params IReadOnlyList<string> values) => new(key, values);

    /// <summary>Where it has an effect, too; null: nowhere else.</summary>
    public SpecUse? Else { get; init; }

    /// <summary>What the other key must be, in words.</summary>
    public string Needed => Else is null ? Own : $"{Own}, or {Else.Key} = {Else.Needed}";

    private string Own => Values.Count == 0 ? "a number above 0" : string.Join(" or ", Values);

    /// <summary>Whether the key has an effect.</summary>
    /// <param name="valuesOf">The values of a key, as TOML writes them: several in a sweep, of which one
    /// suffices.</param>
    public bool Holds(Func<string, IReadOnlyList<string>> valuesOf)
    {
        ArgumentNullException.ThrowIfNull(valuesOf);
        return valuesOf(Key).Any(Suits) || (Else?.Holds(valuesOf) ?? false);
    }

    private bool Suits(string value) =>
        Values.Count == 0 ? value is not ("0" or "0.0") : Values.Contains(value.Trim('"'));
}
