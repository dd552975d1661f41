using System.Globalization;

namespace Gyre.Torch.Weights;

/// <summary>
/// Removes the prefixes that PyTorch's wrappers add to the names of tensors: <c>module.</c> (DataParallel),
/// <c>model.</c> (Lightning, and modules that hold one) and <c>_orig_mod.</c> (torch.compile).
/// </summary>
internal static class WeightNames
{
    private const string Compiled = "_orig_mod.";
    private const int MostPrefixes = 6;

    private static readonly string[] Prefixes = ["module.", "model.", Compiled];

    /// <summary>
    /// Removes prefixes one at a time, always the one that the most names have, and keeps the stage at which the most
    /// names are wanted ones. If stages tie, the one with the fewest removed prefixes is kept. The removal stops if
    /// no name has a prefix, if two names would become equal, or after six prefixes.
    /// </summary>
    /// <param name="stored">The distinct names in a file.</param>
    /// <param name="wanted">The names in a network.</param>
    /// <returns>The new name for each stored name, and a sentence about the change; null if nothing was
    /// removed.</returns>
    public static (IReadOnlyDictionary<string, string> Names, string? Note) Fit(
        IReadOnlyCollection<string> stored,
        IReadOnlyCollection<string> wanted
    )
    {
        var known = wanted.ToHashSet(StringComparer.Ordinal);
        var best = new Stage(stored.ToDictionary(name => name, name => name, StringComparer.Ordinal), []);
        var most = best.Matches(known);
        var stage = best;
        while (stage.Removed.Count < MostPrefixes && stage.FindNext() is { } next)
        {
            stage = next;
            if (stage.Matches(known) is var matches && matches > most)
                (best, most) = (stage, matches);
        }
        return (best.Names, best.Removed.Count == 0 ? null : best.Note());
    }

    /// <summary>The names after some prefixes were removed.</summary>
    private sealed record Stage(Dictionary<string, string> Names, IReadOnlyList<string> Removed)
    {
        public int Matches(HashSet<string> known) => Names.Values.Count(known.Contains);

        public Stage? FindNext()
        {
            var prefix = Prefixes.MaxBy(prefix => Names.Values.Count(name => Has(name, prefix)))!;
            var names = Names.ToDictionary(
                pair => pair.Key,
                pair => Without(pair.Value, prefix),
                StringComparer.Ordinal
            );
            var changed = names.Any(pair => pair.Value != Names[pair.Key]);
            var distinct = names.Values.Distinct(StringComparer.Ordinal).Count() == names.Count;
            return changed && distinct ? new Stage(names, [.. Removed, prefix]) : null;
        }

        public string Note()
        {
            var changed = Names.Count(pair => pair.Key != pair.Value);
            var of = changed == Names.Count ? "all" : changed.ToString(CultureInfo.InvariantCulture) + " of";
            return $"{string.Concat(Removed)} was removed from {of} {Counted.Format(Names.Count, "name")}";
        }

        private static bool Has(string name, string prefix) =>
            prefix == Compiled
                ? name.Contains(prefix, StringComparison.Ordinal)
                : name.StartsWith(prefix, StringComparison.Ordinal);

        /// <summary>torch.compile of a submodule puts its prefix inside a name.</summary>
        private static string Without(string name, string prefix)
        {
            if (prefix == Compiled)
                return name.Replace(prefix, "", StringComparison.Ordinal);
            return Has(name, prefix) ? name[prefix.Length..] : name;
        }
    }
}
