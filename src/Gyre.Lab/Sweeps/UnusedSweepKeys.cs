using Gyre.Lab.Specs;

namespace Gyre.Lab.Sweeps;

/// <summary>Finds keys that have no effect on any run of a sweep.</summary>
internal static class UnusedSweepKeys
{
    /// <summary>Returns a sentence for each key that was set and that no run of the sweep uses.</summary>
    /// <param name="sweep">The sweep.</param>
    /// <param name="source">The preset or file it was read from.</param>
    /// <param name="sets">The key=value pairs set on the command line.</param>
    public static IReadOnlyList<string> Find(SweepSpec sweep, string source, IReadOnlyList<string> sets)
    {
        ArgumentNullException.ThrowIfNull(sweep);
        var given = sweep.Base.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<object>)[pair.Value]);
        foreach (var axis in sweep.Axes)
            given[axis.Key] = [.. axis.Values];
        return UnusedKeys.Find(
            given,
            [.. sets, .. sweep.Axes.Select(axis => $"{axis.Key}=")],
            UnusedKeys.IsOwn(source)
        );
    }
}
