using Gyre.Lab.Data;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Objectives;

/// <summary>Mean loss and accuracy on samples that are not trained on, without weight decay.</summary>
/// <param name="Loss">Mean loss.</param>
/// <param name="Accuracy">0 to 1.</param>
public sealed record HeldOut(double Loss, double Accuracy)
{
    /// <summary>Evaluates the model chunk by chunk, without gradients. Costs one forward pass; reads the device once.</summary>
    /// <param name="model">Called as it is.</param>
    /// <param name="loss">Sum over a chunk.</param>
    /// <param name="samples">Not owned.</param>
    public static HeldOut Measure(nn.Module<Tensor, Tensor> model, LossSum loss, ISamples samples)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(samples);
        using var none = no_grad();
        using var scope = NewDisposeScope();
        var sums = new Objective.Sums(samples.Device);
        for (var chunk = 0; chunk < samples.Chunks; chunk++)
        {
            using var chunkScope = NewDisposeScope();
            var (inputs, targets) = samples.Chunk(chunk);
            var outputs = model.call(inputs);
            sums.Add(loss(outputs, targets), outputs, targets);
        }
        var numbers = Host.Numbers(stack([sums.Loss, sums.Correct]));
        var predictions = samples.Count * TargetCount.ASample(samples);
        return new HeldOut(numbers[0] / predictions, sums.Accuracy(numbers[1], predictions));
    }
}

/// <summary>How many predictions a sample asks for.</summary>
internal static class TargetCount
{
    /// <summary>T of classes <c>[N, T]</c>; 1 of classes <c>[N]</c>, and of numbers, which are met together.</summary>
    public static long ASample(ISamples samples)
    {
        using var scope = NewDisposeScope();
        var (_, targets) = samples.Chunk(0);
        return targets.dtype == ScalarType.Int64 ? targets.numel() / targets.shape[0] : 1;
    }
}
