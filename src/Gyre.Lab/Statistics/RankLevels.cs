namespace Gyre.Lab.Statistics;

/// <summary>
/// Values reduced to their order; equal values share a level. Rank correlations need nothing else. All sums are of
/// whole numbers and therefore exact, so a permutation that changes nothing gives the same coefficient to the last
/// bit. Permutations and resamples need no new sorting.
/// </summary>
/// <param name="Levels">The level of each value, from 0. A resample may leave levels empty.</param>
/// <param name="Count">The number of levels, which exceeds the highest level.</param>
internal sealed record RankLevels(int[] Levels, int Count)
{
    private const int OnStack = 512;

    /// <summary>The number of points.</summary>
    public int Points => Levels.Length;

    public static RankLevels From(IReadOnlyList<double> values)
    {
        var (sorted, order) = (values.ToArray(), new int[values.Count]);
        for (var i = 0; i < order.Length; i++)
            order[i] = i;
        Array.Sort(sorted, order);
        var (levels, level) = (new int[order.Length], 0);
        for (var i = 0; i < order.Length; i++)
        {
            level += i > 0 && sorted[i] != sorted[i - 1] ? 1 : 0;
            levels[order[i]] = level;
        }
        return new RankLevels(levels, order.Length == 0 ? 0 : level + 1);
    }

    /// <summary>Returns the points of a resample.</summary>
    public RankLevels Pick(int[] at)
    {
        var picked = new int[at.Length];
        for (var i = 0; i < at.Length; i++)
            picked[i] = Levels[at[i]];
        return new RankLevels(picked, Count);
    }

    /// <summary>
    /// Returns twice the ranks, counted from 1, with mean ranks for ties. Doubling makes them whole numbers.
    /// </summary>
    public int[] DoubledRanks()
    {
        Span<int> sizes = Count <= OnStack ? stackalloc int[Count] : new int[Count];
        Sizes(sizes);
        for (int level = 0, below = 0; level < Count; level++)
        {
            var size = sizes[level];
            (sizes[level], below) = (2 * below + size + 1, below + size);
        }
        var ranks = new int[Points];
        for (var i = 0; i < ranks.Length; i++)
            ranks[i] = sizes[Levels[i]];
        return ranks;
    }

    /// <summary>Spearman's rho, which is Pearson's correlation of the ranks; NaN if a side is constant.</summary>
    public static double Spearman(RankLevels x, RankLevels y)
    {
        var (a, b, mean) = (x.DoubledRanks(), y.DoubledRanks(), x.Points + 1L);
        long aa = 0,
            bb = 0,
            ab = 0;
        for (var i = 0; i < a.Length; i++)
        {
            var (one, other) = (a[i] - mean, b[i] - mean);
            (aa, bb, ab) = (aa + one * one, bb + other * other, ab + one * other);
        }
        return aa > 0 && bb > 0 ? ab / Math.Sqrt((double)aa * bb) : double.NaN;
    }

    /// <summary>
    /// Kendall's tau-b; NaN if a side is constant. Points are visited level by level of x, and a tree of partial sums
    /// (Fenwick 1994) counts the earlier ones with a lower and with a higher y. The cost is n log n.
    /// </summary>
    public static double Kendall(RankLevels x, RankLevels y)
    {
        var (n, order) = (x.Points, x.Order());
        Span<int> tree = y.Count < OnStack ? stackalloc int[y.Count + 1] : new int[y.Count + 1];
        tree.Clear();
        var score = 0L;
        for (int start = 0, end; start < n; start = end)
        {
            for (end = start; end < n && x.Levels[order[end]] == x.Levels[order[start]]; end++)
                score += Below(tree, y.Levels[order[end]]) - (start - Below(tree, y.Levels[order[end]] + 1));
            for (var i = start; i < end; i++)
                Add(tree, y.Levels[order[i]]);
        }
        var pairs = n * (n - 1L) / 2;
        var (freeX, freeY) = (pairs - x.TiedPairs(), pairs - y.TiedPairs());
        return freeX > 0 && freeY > 0 ? score / Math.Sqrt((double)freeX * freeY) : double.NaN;
    }

    /// <summary>Returns the positions sorted by level.</summary>
    private int[] Order()
    {
        Span<int> next = Count <= OnStack ? stackalloc int[Count] : new int[Count];
        Sizes(next);
        for (int level = 0, below = 0; level < Count; level++)
            (next[level], below) = (below, below + next[level]);
        var order = new int[Points];
        for (var i = 0; i < order.Length; i++)
            order[next[Levels[i]]++] = i;
        return order;
    }

    private long TiedPairs()
    {
        Span<int> sizes = Count <= OnStack ? stackalloc int[Count] : new int[Count];
        Sizes(sizes);
        var pairs = 0L;
        foreach (var size in sizes)
            pairs += size * (size - 1L) / 2;
        return pairs;
    }

    private void Sizes(Span<int> sizes)
    {
        sizes.Clear();
        foreach (var level in Levels)
            sizes[level]++;
    }

    /// <summary>The number of points in the tree with a lower level.</summary>
    private static int Below(ReadOnlySpan<int> tree, int level)
    {
        var sum = 0;
        for (var i = level; i > 0; i &= i - 1)
            sum += tree[i];
        return sum;
    }

    private static void Add(Span<int> tree, int level)
    {
        for (var i = level + 1; i < tree.Length; i += i & -i)
            tree[i]++;
    }
}
