namespace Gyre.Lab.Mpi;

/// <summary>
/// The merge of the sums of two groups of ranks, as seen from one rank: the rank receives the other group's sum and
/// sends its own group's sum.
/// </summary>
/// <param name="From">The rank whose sum is received.</param>
/// <param name="To">The ranks to which this rank's sum is sent: zero, one or two.</param>
public sealed record RankMerge(int From, IReadOnlyList<int> To);

/// <summary>
/// A fixed, balanced tree over the chunk numbers: a node of m chunks has ⌈m/2⌉ of them on its left and ⌊m/2⌋ on its
/// right, and its value is left + right. Ranks are laid over the same tree: a node of R ranks assigns ⌈R/2⌉ of them
/// to the left. The order of every addition is therefore the same for any number of ranks, and so are the bytes.
/// Pure.
/// </summary>
/// <param name="First">The first chunk that this rank sums alone.</param>
/// <param name="Count">The number of chunks that it sums alone: a whole node of the tree.</param>
/// <param name="Merges">The merges that follow, from that node up to the root; empty for one rank.</param>
public sealed record RankTree(int First, int Count, IReadOnlyList<RankMerge> Merges)
{
    /// <summary>Returns the part of one rank.</summary>
    /// <param name="chunks">The number of chunks; at least the number of ranks.</param>
    /// <param name="ranks">The number of ranks.</param>
    /// <param name="rank">The rank's number, from 0.</param>
    public static RankTree Create(int chunks, int ranks, int rank)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ranks, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(chunks, ranks);
        ArgumentOutOfRangeException.ThrowIfNegative(rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rank, ranks);
        var merges = new Stack<RankMerge>();
        var (first, firstRank) = (0, 0);
        while (ranks > 1)
        {
            var (left, leftRanks) = (Left(chunks), Left(ranks));
            merges.Push(Merge(firstRank, leftRanks, ranks - leftRanks, rank - firstRank));
            if (rank - firstRank < leftRanks)
                (chunks, ranks) = (left, leftRanks);
            else
                (first, chunks, firstRank, ranks) = (
                    first + left,
                    chunks - left,
                    firstRank + leftRanks,
                    ranks - leftRanks
                );
        }
        return new RankTree(first, chunks, [.. merges]);
    }

    /// <summary>
    /// Sums a range of chunks in the order of the tree within this process, chunk by chunk from first to last. At
    /// most log2(count) + 1 values are alive at a time.
    /// </summary>
    /// <param name="first">The first chunk.</param>
    /// <param name="count">The number of chunks: a whole node of the tree, such as all chunks.</param>
    /// <param name="value">Returns the value of a chunk.</param>
    /// <param name="add">Returns left + right; may consume both.</param>
    public static T Sum<T>(int first, int count, Func<int, T> value, Func<T, T, T> add)
    {
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(add);
        if (count == 1)
            return value(first);
        var left = Sum(first, Left(count), value, add);
        return add(left, Sum(first + Left(count), count - Left(count), value, add));
    }

    /// <summary>
    /// With an odd number of ranks, the last rank on the left has no partner of its own; the last on the right serves
    /// it too.
    /// </summary>
    private static RankMerge Merge(int first, int left, int right, int own)
    {
        if (own < left)
            return new RankMerge(first + left + Math.Min(own, right - 1), own < right ? [first + left + own] : []);
        var at = own - left;
        return new RankMerge(
            first + at,
            at == right - 1 && left > right ? [first + at, first + left - 1] : [first + at]
        );
    }

    private static int Left(int count) => (count + 1) / 2;
}
