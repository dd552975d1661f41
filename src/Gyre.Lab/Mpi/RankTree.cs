namespace Gyre.Lab.Mpi;

/// <summary>
/// How the sums of two groups of ranks meet, seen from one rank: it is given the other group's sum and hands on its own
/// group's.
/// </summary>
/// <param name="From">The rank whose sum comes here.</param>
/// <param name="To">The ranks that this rank's sum goes to: one, none or two.</param>
public sealed record RankMerge(int From, IReadOnlyList<int> To);

/// <summary>
/// A fixed, balanced tree over the numbers of chunks: a node of m chunks has ⌈m/2⌉ of them on its left and ⌊m/2⌋ on its
/// right, and its value is left + right. Ranks are laid over the same tree: a node of R ranks gives ⌈R/2⌉ of
/// them to the left. So the order of every addition is the same for any number of ranks, and so are the bytes. Pure.
/// </summary>
/// <param name="First">The first chunk that this rank adds up alone.</param>
/// <param name="Count">How many it adds up: a whole node of the tree.</param>
/// <param name="Merges">What follows, from that node up to the root; empty for one rank.</param>
public sealed record RankTree(int First, int Count, IReadOnlyList<RankMerge> Merges)
{
    /// <summary>The part of one rank.</summary>
    /// <param name="chunks">How many chunks there are; as many as ranks, or more.</param>
    /// <param name="ranks">How many ranks.</param>
    /// <param name="rank">From 0.</param>
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
    /// The sum of some chunks in the order of the tree, computed here, chunk by chunk from the first to the last. At
    /// most log2(count) + 1 values are alive at a time.
    /// </summary>
    /// <param name="first">First chunk.</param>
    /// <param name="count">A whole node of the tree, such as all of them.</param>
    /// <param name="value">Of a chunk.</param>
    /// <param name="add">left + right; may use up both.</param>
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
    /// Of an odd number of ranks, the last on the left has no partner of its own: the last on the right serves it too.
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
