using Gyre.Lab.Specs;

namespace Gyre.Lab.Sweeps;

/// <summary>Finds keys that have no effect on any run of a sweep.</summary>
internal static class UnusedSweepKeys
{
    /// <summary>
    /// A sentence for each key that was set and that nothing uses; what one of its runs uses is used.
    /// </summary>
    /// <param name="sweep">The sweep.</param>
    /// <param name="source">What it was read from.</param>
    /// <param name="sets">key=value.</param>
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
