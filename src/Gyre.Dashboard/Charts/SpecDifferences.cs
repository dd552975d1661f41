using Gyre.Dashboard.Reading;
using Gyre.Lab.Experiments;

namespace Gyre.Dashboard.Charts;

/// <summary>The keys that runs set differently.</summary>
internal static class SpecDifferences
{
    /// <summary>A row a key, a value a run; a dash where a run's spec is not known. Nothing of fewer than two runs.</summary>
    public static IReadOnlyList<(string Key, IReadOnlyList<string> Values)> Of(IReadOnlyList<RunSnapshot> runs)
    {
        if (runs.Count < 2)
            return [];
        return
        [
            .. SpecSchema.Keys.Where(key => !key.Path.StartsWith("run.", StringComparison.Ordinal))
                .Select(key => (key.Path, Values: (IReadOnlyList<string>)[.. runs.Select(run => run.Spec is null ? "—" : SpecText.ValueOf(run.Spec, key.Path))]))
                .Where(row => row.Values.Distinct().Count() > 1),
        ];
    }
}
