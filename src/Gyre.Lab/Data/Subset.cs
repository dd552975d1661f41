namespace Gyre.Lab.Data;

/// <summary>Which training samples a run uses: fixed for the whole run, decided by the seed alone, equal on every machine.</summary>
public static class Subset
{
    /// <summary>How subsets are drawn.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["balanced", "first"];

    /// <summary>Indices of the chosen samples, ascending.</summary>
    /// <param name="labels">Class of each sample.</param>
    /// <param name="count">How many.</param>
    /// <param name="kind">first: the first ones. balanced: as many of each class as possible (a remainder goes to the lowest classes), drawn by seed.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="seed">Of the draw.</param>
    /// <exception cref="DataException">More samples than there are, of a class or in all.</exception>
    public static int[] Choose(IReadOnlyList<byte> labels, int count, string kind, int classes, long seed)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (count > labels.Count)
            throw new DataException($"data.samples = {count}, but the training set has only {labels.Count}.");
        return kind switch
        {
            "first" => [.. Enumerable.Range(0, count)],
            "balanced" => Balanced(labels, count, classes, seed),
            _ => throw new DataException($"data.subset = \"{kind}\" is not one of {string.Join(", ", Kinds)}."),
        };
    }

    private static int[] Balanced(IReadOnlyList<byte> labels, int count, int classes, long seed)
    {
        var chosen = new List<int>(count);
        for (var label = 0; label < classes; label++)
        {
            var members = Enumerable.Range(0, labels.Count).Where(i => labels[i] == label).ToArray();
            var wanted = count / classes + (label < count % classes ? 1 : 0);
            if (wanted > members.Length)
                throw new DataException($"A balanced subset of {count} needs {wanted} samples of class {label}; there are {members.Length}. Take fewer, or data.subset = \"first\".");
            Shuffle(members, (ulong)seed + (ulong)label);
            chosen.AddRange(members.Take(wanted));
        }
        chosen.Sort();
        return [.. chosen];
    }

    /// <summary>Fisher–Yates with SplitMix64 (Steele et al. 2014): .NET does not promise that its own generator stays the same.</summary>
    private static void Shuffle(int[] items, ulong state)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            state += 0x9e3779b97f4a7c15UL;
            var mixed = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9UL;
            mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebUL;
            mixed ^= mixed >> 31;
            var j = (int)(mixed % (ulong)(i + 1));
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}
