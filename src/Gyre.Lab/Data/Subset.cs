namespace Gyre.Lab.Data;

/// <summary>
/// Selects the training samples of a run: fixed for the whole run, determined by the seed alone, equal on all machines.
/// </summary>
internal static class Subset
{
    private const string EachClass = "balanced";
    private const string FirstOnes = "first";

    /// <summary>The kinds of subsets.</summary>
    public static IReadOnlyList<string> Kinds { get; } = [EachClass, FirstOnes];

    /// <summary>Returns the indices of the chosen samples in ascending order.</summary>
    /// <param name="labels">Class of each sample.</param>
    /// <param name="count">The number of samples to choose; 0 for all.</param>
    /// <param name="kind">first: the first ones. balanced: equally many of each class, as far as possible (a
    /// remainder goes to the lowest classes), drawn by seed.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="seed">Seed for the draw.</param>
    /// <exception cref="DataException">
    /// A class or the whole set has too few samples, or the kind is unknown.
    /// </exception>
    public static int[] Choose(IReadOnlyList<int> labels, int count, string kind, int classes, long seed)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count == 0)
            return [.. Enumerable.Range(0, labels.Count)];
        return kind switch
        {
            FirstOnes => First(labels.Count, count),
            EachClass when count > labels.Count => First(labels.Count, count),
            EachClass => Balanced(labels, count, classes, seed),
            _ => throw new DataException($"data.subset = \"{kind}\" is not one of {string.Join(", ", Kinds)}."),
        };
    }

    /// <summary>Returns the indices of the first samples, or of all samples if the count is 0.</summary>
    /// <exception cref="DataException">There are too few samples.</exception>
    public static int[] First(int all, int count, string what = "samples")
    {
        if (count > all)
            throw new DataException(
                $"data.samples = {count}, but the training set has only {all} {what}. Set data.samples to "
                    + $"at most {all}; 0 uses all of them."
            );
        return [.. Enumerable.Range(0, count == 0 ? all : count)];
    }

    private static int[] Balanced(IReadOnlyList<int> labels, int count, int classes, long seed)
    {
        var chosen = new List<int>(count);
        var byClass = Enumerable.Range(0, labels.Count).ToLookup(i => labels[i]);
        for (var label = 0; label < classes; label++)
        {
            int[] members = [.. byClass[label]];
            var wanted = count / classes + (label < count % classes ? 1 : 0);
            if (wanted > members.Length)
                throw Unbalanced(count, label, wanted, members.Length, MostBalanced(classes, byClass));
            new SplitMix((ulong)seed + (ulong)label).Shuffle(members);
            chosen.AddRange(members.Take(wanted));
        }
        chosen.Sort();
        return [.. chosen];
    }

    /// <summary>
    /// Returns the size of the largest balanced subset. A class l with m members allows classes·m + l samples, since
    /// a remainder goes to the lowest classes.
    /// </summary>
    private static long MostBalanced(int classes, ILookup<int, int> byClass) =>
        Enumerable.Range(0, classes).Min(label => (long)classes * byClass[label].Count() + label);

    private static DataException Unbalanced(int count, int label, int wanted, int there, long most) =>
        new(
            $"A balanced subset of data.samples = {count} needs {wanted} samples of class {label}, which has {there}. "
                + $"Set {(most > 0 ? $"data.samples to at most {most}, or " : "")}data.subset = \"first\"."
        );
}
