using System.Numerics;
using Gyre.Lab.Mpi;

namespace Gyre.Tests.Lab.Mpi;

/// <summary>The tree by which chunks are summed, on plain arrays: no engine.</summary>
public class RankTreeTests
{
    private const int Places = 100;

    [Theory]
    [InlineData(1, "0")]
    [InlineData(2, "(0+1)")]
    [InlineData(3, "((0+1)+2)")]
    [InlineData(4, "((0+1)+(2+3))")]
    [InlineData(5, "(((0+1)+2)+(3+4))")]
    [InlineData(7, "(((0+1)+(2+3))+((4+5)+6))")]
    public void A_sum_is_taken_in_the_order_written_down(int chunks, string expected) =>
        Assert.Equal(
            expected,
            RankTree.Sum(
                0,
                chunks,
                chunk => FormattableString.Invariant($"{chunk}"),
                (left, right) => $"({left}+{right})"
            )
        );

    /// <summary>
    /// Every rank's own node and what it merges, put together, is the whole expression, whatever the number of ranks.
    /// </summary>
    [Fact]
    public void Every_number_of_ranks_writes_the_same_expression_on_every_rank()
    {
        for (var chunks = 1; chunks <= 17; chunks++)
        {
            var expected = Expression(chunks, 1)[0];
            for (var ranks = 1; ranks <= Math.Min(chunks, 8); ranks++)
                Assert.All(Expression(chunks, ranks), one => Assert.Equal(expected, one));
        }
    }

    /// <summary>Numbers of very different size, so that another order would give other bytes.</summary>
    [Fact]
    public void Every_number_of_ranks_gives_the_same_bytes_and_no_fewer_digits_than_the_tree_allows()
    {
        var random = new Random(5);
        for (var chunks = 1; chunks <= 17; chunks++)
        {
            var values = Enumerable
                .Range(0, chunks)
                .Select(_ =>
                    Enumerable
                        .Range(0, 5)
                        .Select(_ => (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-6, 7)))
                        .ToArray()
                )
                .ToArray();
            var alone = Summed(values, 1)[0];
            for (var ranks = 1; ranks <= Math.Min(chunks, 8); ranks++)
                Assert.All(
                    Summed(values, ranks),
                    sum =>
                        Assert.Equal(
                            alone.Select(BitConverter.DoubleToInt64Bits),
                            sum.Select(BitConverter.DoubleToInt64Bits)
                        )
                );
            for (var i = 0; i < alone.Length; i++)
            {
                var error =
                    (double)
                        BigInteger.Abs(
                            Exact(alone[i]) - values.Aggregate(BigInteger.Zero, (sum, value) => sum + Exact(value[i]))
                        ) * Math.Pow(2, -Places);
                Assert.InRange(
                    error,
                    0,
                    1.01 * Math.Ceiling(Math.Log2(chunks)) * Math.Pow(2, -53) * values.Sum(value => Math.Abs(value[i]))
                );
            }
        }
    }

    [Fact]
    public void Whole_numbers_are_summed_exactly()
    {
        double[][] values = [.. Enumerable.Range(0, 13).Select(chunk => new[] { Math.Pow(3, chunk), -chunk })];
        foreach (var sum in Summed(values, 6))
            Assert.Equal([797161.0, -78.0], sum); // (3^13 - 1)/2 and 13·12/2
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(13)]
    [InlineData(1000)]
    public void Few_sums_are_alive_at_a_time(int chunks)
    {
        var (alive, most) = (0, 0);
        RankTree.Sum(
            0,
            chunks,
            chunk =>
            {
                most = Math.Max(most, ++alive);
                return chunk;
            },
            (left, right) =>
            {
                alive--;
                return left + right;
            }
        );
        Assert.Equal(1, alive);
        Assert.InRange(most, 1, Math.Ceiling(Math.Log2(chunks)) + 1);
    }

    [Fact]
    public void Ranks_have_every_chunk_once_in_order_and_as_evenly_as_halves_allow()
    {
        for (var chunks = 1; chunks <= 40; chunks++)
        {
            for (var ranks = 1; ranks <= chunks; ranks++)
            {
                var parts = Enumerable.Range(0, ranks).Select(rank => RankTree.Create(chunks, ranks, rank)).ToArray();
                Assert.Equal(
                    Enumerable.Range(0, chunks),
                    parts.SelectMany(part => Enumerable.Range(part.First, part.Count))
                );
            }
        }
    }

    /// <summary>Every message that a rank waits for is sent, once, by the rank it waits for.</summary>
    [Fact]
    public void What_is_sent_is_what_is_received()
    {
        for (var ranks = 1; ranks <= 17; ranks++)
        {
            var trees = Enumerable.Range(0, ranks).Select(rank => RankTree.Create(ranks, ranks, rank)).ToArray();
            var sent = trees
                .SelectMany(
                    (tree, rank) => tree.Merges.SelectMany(merge => merge.To.Select(to => (From: rank, To: to)))
                )
                .Order();
            var received = trees
                .SelectMany((tree, rank) => tree.Merges.Select(merge => (merge.From, To: rank)))
                .Order();
            Assert.Equal(received, sent);
        }
    }

    [Fact]
    public void More_ranks_than_chunks_have_no_tree() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => RankTree.Create(3, 4, 0));

    /// <summary>A double times two to the power of <see cref="Places"/>: a whole number, without rounding.</summary>
    private static BigInteger Exact(double value) => new(Math.ScaleB(value, Places));

    private static string[] Expression(int chunks, int ranks) =>
        FakeRanks.All(
            ranks,
            group =>
            {
                var tree = group.Begin(chunks);
                var mine = RankTree.Sum(
                    tree.First,
                    tree.Count,
                    chunk => FormattableString.Invariant($"{chunk}"),
                    (left, right) => $"({left}+{right})"
                );
                foreach (var merge in tree.Merges)
                {
                    var (sent, got) = (new byte[400], new byte[400]);
                    System.Text.Encoding.ASCII.GetBytes(mine, sent);
                    group.Exchange(merge, sent, got);
                    var theirs = System.Text.Encoding.ASCII.GetString(got).TrimEnd('\0');
                    mine = merge.From > group.Rank ? $"({mine}+{theirs})" : $"({theirs}+{mine})";
                }
                return mine;
            }
        );

    private static double[][] Summed(double[][] values, int ranks) =>
        FakeRanks.All(
            ranks,
            group =>
            {
                var tree = group.Begin(values.Length);
                var mine = RankTree.Sum(
                    tree.First,
                    tree.Count,
                    chunk => (double[])values[chunk].Clone(),
                    (left, right) => [.. left.Zip(right, (a, b) => a + b)]
                );
                foreach (var merge in tree.Merges)
                {
                    var got = new double[mine.Length];
                    group.Exchange(
                        merge,
                        System.Runtime.InteropServices.MemoryMarshal.AsBytes(mine.AsSpan()),
                        System.Runtime.InteropServices.MemoryMarshal.AsBytes(got.AsSpan())
                    );
                    mine = [.. mine.Zip(got, (a, b) => a + b)];
                }
                return mine;
            }
        );
}
