namespace Gyre.Lab.Specs;

/// <summary>The keys that specs set differently.</summary>
internal static class SpecComparison
{
    /// <summary>
    /// A row a key, a value a spec; a dash where one is not known. The section [run], which changes no result, is
    /// left out. Nothing of fewer than two.
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
