namespace Gyre.Lab.Specs;

/// <summary>Finds keys that have no effect on the run, such as a momentum of plain gradient descent.</summary>
internal static class UnusedKeys
{
    /// <summary>
    /// Returns a sentence for each key that was set, or differs from its default in a user's file, and that nothing
    /// uses.
    /// </summary>
    /// <param name="source">The source of a run: the name of a preset, or the path of a file.</param>
    /// <param name="sets">Settings key=value.</param>
    public static IReadOnlyList<string> Find(string source, IReadOnlyList<string> sets)
    {
        var given = SpecReader.Gather(source, sets, SpecReader.AllPresets, [], out _);
        return Find(
            given.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<object>)[pair.Value]),
            sets,
            IsOwn(source)
        );
    }

    /// <summary>
    /// Returns whether the source is the user's own file. The values of a preset suit its own network and update rule,
    /// and are not the user's choice if another network or rule is set.
    /// </summary>
    internal static bool IsOwn(string source) => !SpecReader.AllPresets.Contains(source);

    /// <summary>Returns the sentences for values by key.</summary>
    internal static IReadOnlyList<string> Find(
        Dictionary<string, IReadOnlyList<object>> given,
        IReadOnlyList<string> sets,
        bool own
    )
    {
        var set = sets.Select(one => one.Split('=')[0].Trim()).ToHashSet(StringComparer.Ordinal);
        var keys = SpecSchema.Keys.ToDictionary(key => key.Path);
        string[] Values(string path) =>
            given.TryGetValue(path, out var values)
                ? [.. values.Select(value => Text(keys[path], value))]
                : [Default(keys[path])];
        bool IsMeant(SpecKey key) =>
            set.Contains(key.Path) || (own && Values(key.Path).Any(value => value != Default(key)));
        return
        [
            .. SpecSchema
                .Keys.Where(key =>
                    key.Use is { } use && given.ContainsKey(key.Path) && IsMeant(key) && !use.Holds(Values)
                )
                .Select(key =>
                    $"{key.Path} = {string.Join(", ", Values(key.Path))} has no effect if {key.Use!.Key} = "
                    + $"{string.Join(", ", Values(key.Use.Key))}; it needs {key.Use.Needed}."
                ),
        ];
    }

    private static string Default(SpecKey key) => SpecText.Value(key.Default);

    /// <summary>Formats a value as in TOML; for a mistake, the default.</summary>
    private static string Text(SpecKey key, object value) => SpecText.Value(SpecCheck.Value(key, value, []));
}
