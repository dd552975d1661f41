namespace Gyre.Lab.Specs;

/// <summary>Finds the keys that differ between specs.</summary>
internal static class SpecComparison
{
    /// <summary>
    /// Returns one row per key with one value per spec; a dash for an unknown value. The section [run], which changes
    /// no result, is left out. Returns nothing for fewer than two specs.
    /// </summary>
    public static IReadOnlyList<(string Key, IReadOnlyList<string> Values)> Compare(IReadOnlyList<RunSpec?> specs)
    {
        ArgumentNullException.ThrowIfNull(specs);
        if (specs.Count < 2)
            return [];
        var keys = SpecSchema
            .Keys.Select(key => key.Path)
            .Where(path => !path.StartsWith("run.", StringComparison.Ordinal));
        return [.. keys.Select(path => (path, Values(specs, path))).Where(row => row.Item2.Distinct().Count() > 1)];
    }

    private static IReadOnlyList<string> Values(IReadOnlyList<RunSpec?> specs, string path) =>
        [.. specs.Select(spec => spec is null ? "—" : SpecText.ValueOf(spec, path))];
}
