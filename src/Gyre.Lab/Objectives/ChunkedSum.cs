using System.Runtime.InteropServices;
using Gyre.Lab.Mpi;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Objectives;

/// <summary>One chunk's contribution to a sum, and the sum itself.</summary>
/// <param name="Vector"><c>[n]</c>, without a graph, consumed by the sum; null if there is none.</param>
/// <param name="Numbers"><c>[k]</c>, float64, consumed by the sum; null if there are none.</param>
internal readonly record struct ChunkPart(Tensor? Vector, Tensor? Numbers);

/// <summary>
/// Sums over the chunks of a data set, by the fixed tree of <see cref="RankTree"/> and in float64. The result has the
/// same bytes whether one process adds up all chunks or several share them. The part of a single chunk stays
/// unchanged.
/// </summary>
/// <param name="ranks">The ranks that share the chunks.</param>
/// <param name="chunks">The number of chunks; at least the number of ranks.</param>
internal sealed class ChunkedSum(RankGroup ranks, int chunks)
{
    private const long PieceElements = 1 << 26; // spans of bytes have 32-bit lengths

    /// <summary>The number of chunks in the sum.</summary>
    public int Chunks => chunks;

    /// <summary>The chunks of this process; all of them if it runs alone.</summary>
    public (int First, int Count) Own => ranks.Share(chunks);

    /// <summary>Returns the sum of every chunk's part, on every rank.</summary>
    /// <param name="part">Computes a chunk's part, in the scope of the call and without gradients. Chunks come in
    /// ascending order.</param>
    /// <param name="at">The tensors at which the sum is taken; they must be the same on all ranks.</param>
    /// <returns>The sum, in the caller's dispose scope; the vector has the dtype of the parts.</returns>
    /// <exception cref="RankGroupException">The ranks have drifted apart.</exception>
    public ChunkPart Over(Func<int, ChunkPart> part, IReadOnlyList<Tensor> at)
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        var tree = ranks.Begin(chunks);
        ScalarType? dtype = null;
        var sum = RankTree.Sum(
            tree.First,
            tree.Count,
            chunk =>
            {
                var one = part(chunk);
                dtype = one.Vector?.dtype;
                return one;
            },
            Add
        );
        if (tree.Merges.Count > 0)
        {
            var input = Checksum(at);
            foreach (var merge in tree.Merges)
                sum = Merge(merge, input, sum);
        }
        return new ChunkPart(
            dtype is { } kind ? sum.Vector!.to(kind).MoveToOuterDisposeScope() : null,
            sum.Numbers?.MoveToOuterDisposeScope()
        );
    }

    /// <summary>Returns the sum of one vector per chunk, on every rank, in the caller's dispose scope.</summary>
    /// <param name="part">Computes a chunk's vector, which the sum consumes.</param>
    /// <param name="at">The tensor at which the sum is taken.</param>
    /// <param name="constant">Added to the sum, such as the part of weight decay; null to add nothing.</param>
    public Tensor VectorOver(Func<int, Tensor> part, Tensor at, Tensor? constant)
    {
        using var none = no_grad();
        var sum = Over(chunk => new ChunkPart(part(chunk), null), [at]).Vector!;
        return constant is null ? sum : sum.add_(constant);
    }

    private static ChunkPart Add(ChunkPart left, ChunkPart right) =>
        new(Add(left.Vector, right.Vector), Add(left.Numbers, right.Numbers));

    private static Tensor? Add(Tensor? left, Tensor? right)
    {
        if (left is null || right is null)
            return null;
        var sum = Doubles(left).add_(right); // float32 is promoted exactly
        right.Dispose();
        return sum;
    }

    /// <summary>Converts to float64. If that makes a copy, the original is released.</summary>
    private static Tensor Doubles(Tensor vector)
    {
        if (vector.dtype == ScalarType.Float64)
            return vector;
        using (vector)
            return vector.to(ScalarType.Float64);
    }

    /// <summary>
    /// Each side adds what it receives to its own sum; left + right and right + left have the same bytes.
    /// </summary>
    private ChunkPart Merge(RankMerge merge, long input, ChunkPart mine)
    {
        var numbers = mine.Numbers is { } some ? Host.Numbers(some) : [];
        long[] words =
        [
            (long)(mine.Vector?.dtype ?? ScalarType.Float64),
            .. numbers.Select(BitConverter.DoubleToInt64Bits),
        ];
        var theirs = ranks.Meet(merge, input, words);
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] += BitConverter.Int64BitsToDouble(theirs[1 + i]);
        var sum = mine.Numbers is { } own ? tensor(numbers, ScalarType.Float64, own.device) : null;
        return new ChunkPart(mine.Vector is { } vector ? Exchanged(merge, vector, (ScalarType)theirs[0]) : null, sum);
    }

    private Tensor Exchanged(RankMerge merge, Tensor mine, ScalarType theirDtype)
    {
        using var scope = NewDisposeScope();
        var (sent, got) = (mine.cpu().contiguous(), empty(mine.shape, theirDtype, CPU));
        for (var first = 0L; first < sent.numel(); first += PieceElements)
        {
            using var pieces = NewDisposeScope();
            var length = Math.Min(PieceElements, sent.numel() - first);
            ranks.Exchange(merge, sent.narrow(0, first, length).bytes, got.narrow(0, first, length).bytes);
        }
        var there = got.to(mine.device); // before mine may be consumed
        return Doubles(mine).add_(there).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Returns a checksum of the bits, whatever they mean: the sum of all bytes, read as integers of eight bytes
    /// each. Costs one pass on the host.
    /// </summary>
    private static long Checksum(IReadOnlyList<Tensor> tensors)
    {
        var sum = 0L;
        foreach (var one in tensors)
        {
            using var scope = NewDisposeScope();
            var flat = one.detach().cpu().contiguous().view(-1);
            for (var first = 0L; first < flat.numel(); first += PieceElements)
            {
                var bytes = flat.narrow(0, first, Math.Min(PieceElements, flat.numel() - first)).bytes;
                var words = MemoryMarshal.Cast<byte, long>(bytes);
                sum = unchecked(sum + System.Numerics.Tensors.TensorPrimitives.Sum<long>(words));
                foreach (var rest in bytes[(words.Length * sizeof(long))..])
                    sum = unchecked((sum * 257) + rest);
            }
        }
        return sum;
    }
}
