using Gyre.Lab.Data;
using Gyre.Lab.Mpi;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Objectives;

/// <summary>Mean loss and accuracy on samples that are not used for training, without weight decay.</summary>
/// <param name="Accuracy">0 to 1.</param>
internal sealed record HeldOut(double Loss, double Accuracy)
{
    /// <summary>
    /// Evaluates the model chunk by chunk, without gradients. Costs one forward pass; reads from the device once.
    /// </summary>
    /// <param name="model">Called in its present mode.</param>
    /// <param name="loss">The sum over a chunk.</param>
    /// <param name="samples">Not owned.</param>
    /// <param name="ranks">The ranks that share the chunks. If there are fewer chunks than ranks, each rank evaluates
    /// all of them. Null if this process has all chunks.</param>
    public static HeldOut Measure(
        nn.Module<Tensor, Tensor> model,
        LossSum loss,
        ISamples samples,
        RankGroup? ranks = null
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(samples);
        using var none = no_grad();
        using var scope = NewDisposeScope();
        var sharing = ranks is not null && samples.Chunks >= ranks.Count ? ranks : RankGroup.Alone;
        var sums = new ChunkedSum(sharing, samples.Chunks)
            .Over(
                chunk =>
                {
                    using var chunkScope = NewDisposeScope();
                    var (inputs, targets) = samples.Chunk(chunk);
                    var outputs = model.call(inputs);
                    return new ChunkPart(
                        null,
                        ChunkNumbers.Compute(loss(outputs, targets), outputs, targets).MoveToOuterDisposeScope()
                    );
                },
                [.. model.parameters()]
            )
            .Numbers!;
        var numbers = Host.Numbers(sums);
        var predictions = samples.Count * TargetCount.ASample(samples);
        return new HeldOut(numbers[0] / predictions, ChunkNumbers.Accuracy(numbers[1], predictions));
    }
}

/// <summary>The number of predictions per sample.</summary>
internal static class TargetCount
{
    /// <summary>
    /// T for classes <c>[N, T]</c>; 1 for classes <c>[N]</c> and for numbers, which count as one prediction.
    /// </summary>
    public static long ASample(ISamples samples)
    {
        using var scope = NewDisposeScope();
        var (_, targets) = samples.Chunk(0);
        return targets.dtype == ScalarType.Int64 ? targets.numel() / targets.shape[0] : 1;
    }
}
