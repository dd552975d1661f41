using System.Runtime.InteropServices;
using Gyre.Lab.Mpi;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Objectives;

/// <summary>What chunks give and sums consist of.</summary>
/// <param name="Vector"><c>[n]</c>, without a graph, used up by the sum; null for none.</param>
/// <param name="Numbers"><c>[k]</c>, float64, used up by the sum; null for none.</param>
internal readonly record struct ChunkPart(Tensor? Vector, Tensor? Numbers);

/// <summary>
/// Sums over the chunks of a data set, by the fixed tree of <see cref="RankTree"/> and in float64: the same bytes
/// whether one process adds up all chunks or several share them. The part of a chunk that is alone stays what it is.
/// </summary>
/// <param name="ranks">Who shares the chunks.</param>
/// <param name="chunks">How many; as many as ranks, or more.</param>
internal sealed class ChunkedSum(RankGroup ranks, int chunks)
{
    private const long PieceElements = 1 << 26; // spans of bytes are 32-bit long

    /// <summary>How many chunks are summed.</summary>
    public int Chunks => chunks;

    /// <summary>Those of them that are this process's own: all where it is alone.</summary>
    public (int First, int Count) Own => ranks.Share(chunks);

    /// <summary>The sum over all chunks of what each gives, on every rank.</summary>
    /// <param name="part">Of a chunk, in the scope of the call and without gradients; chunks come in ascending
    /// order.</param>
    /// <param name="at">What the sum is taken at; it must be the same on all ranks.</param>
    /// <returns>In the caller's dispose scope; the vector in the dtype of the parts.</returns>
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

    /// <summary>The sum over all chunks of a vector each, on every rank; in the caller's dispose scope.</summary>
    /// <param name="part">Of a chunk; used up.</param>
    /// <param name="at">What it is computed at.</param>
    /// <param name="constant">Added to the sum, such as weight decay's part; null for nothing.</param>
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

    /// <summary>In float64; where that is a copy, the other is released.</summary>
    private static Tensor Doubles(Tensor vector)
    {
        if (vector.dtype == ScalarType.Float64)
            return vector;
        using (vector)
            return vector.to(ScalarType.Float64);
    }

    /// <summary>left + right and right + left are the same bytes: each side adds to its own what it receives.</summary>
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
        var there = got.to(mine.device); // before mine may be used up
        return Doubles(mine).add_(there).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Of the bits, whatever they mean: the sum of them all read as whole numbers, eight bytes at a time. Costs one
    /// pass on the host.
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
