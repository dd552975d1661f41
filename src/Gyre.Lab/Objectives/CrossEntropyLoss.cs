using static TorchSharp.torch;

namespace Gyre.Lab.Objectives;

/// <summary>Cross-entropy of the softmax: −log p(label), in nats.</summary>
internal static class CrossEntropyLoss
{
    /// <summary>Returns the sum over the chunk.</summary>
    public static Tensor Sum(Tensor outputs, Tensor labels) =>
        nn.functional.cross_entropy(outputs, labels, reduction: nn.Reduction.Sum);
}
