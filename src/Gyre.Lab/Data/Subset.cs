namespace Gyre.Lab.Data;

/// <summary>
/// Which training samples a run uses: fixed for the whole run, decided by the seed alone, equal on every machine.
/// </summary>
internal static class Subset
{
    private const string EachClass = "balanced";
    private const string FirstOnes = "first";

    /// <summary>How subsets are drawn.</summary>
    public static IReadOnlyList<string> Kinds { get; } = [EachClass, FirstOnes];

    /// <summary>Indices of the chosen samples, ascending.</summary>
    /// <param name="labels">Class of each sample.</param>
    /// <param name="count">How many; 0 is all.</param>
    /// <param name="kind">first: the first ones. balanced: as many of each class as possible (a remainder goes to the
    /// lowest classes), drawn by seed.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="seed">Of the draw.</param>
    /// <exception cref="DataException">More samples than there are, of a class or in all.</exception>
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

    /// <summary>The first so many of all; 0 is all.</summary>
    /// <exception cref="DataException">More than there are.</exception>
    public static int[] First(int all, int count, string what = "samples")
    {
        if (count > all)
            throw new DataException(
                $"data.samples = {count}, but the training set has only {all} {what}. Set data.samples to "
                    + $"{all} at most; 0 takes all."
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

    /// <summary>Class l has members enough for classes·m + l samples: a remainder goes to the lowest classes.</summary>
    private static long MostBalanced(int classes, ILookup<int, int> byClass) =>
        Enumerable.Range(0, classes).Min(label => (long)classes * byClass[label].Count() + label);

    private static DataException Unbalanced(int count, int label, int wanted, int there, long most) =>
        new(
            $"A balanced subset of data.samples = {count} needs {wanted} samples of class {label}; there are {there}. "
                + $"Set {(most > 0 ? $"data.samples to {most} at most, or " : "")}data.subset = \"first\"."
        );
}
