namespace Gyre.Lab.Specs;

/// <summary>Finds keys that have no effect on the run, such as a momentum of plain gradient descent.</summary>
internal static class UnusedKeys
{
    /// <summary>
    /// A sentence for each key that was set, or has not its default in a user's file, and that nothing uses.
    /// </summary>
    /// <param name="source">Of a run: a preset's name, or a file's path.</param>
    /// <param name="sets">key=value.</param>
    public static IReadOnlyList<string> Find(string source, IReadOnlyList<string> sets)
    {
        var given = SpecReader.Gather(source, sets, SpecReader.AllPresets, [], out _);
        return Find(
            given.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<object>)[pair.Value]),
            sets,
            IsOwn(source)
        );
    }

    /// <summary>A preset's values suit its own network and rule; with others, nobody asked for them.</summary>
    internal static bool IsOwn(string source) => !SpecReader.AllPresets.Contains(source);

    /// <summary>The same of values by key.</summary>
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
                    $"{key.Path} = {string.Join(", ", Values(key.Path))} has no effect where {key.Use!.Key} = "
                    + $"{string.Join(", ", Values(key.Use.Key))}; it needs {key.Use.Needed}."
                ),
        ];
    }

    private static string Default(SpecKey key) => SpecText.Value(key.Default);

    /// <summary>A value as TOML writes it; that of a mistake is the default's.</summary>
    private static string Text(SpecKey key, object value) => SpecText.Value(SpecCheck.Value(key, value, []));
}
