using static TorchSharp.torch;

namespace Gyre.Lab.Objectives;

/// <summary>
/// Squared error against one-hot targets or numbers: 0.5·Σ_outputs (f − y)², as in the edge-of-stability literature
/// (Cohen et al. 2021). The factor is one half, and outputs are summed, not averaged.
/// </summary>
internal static class SquaredErrorLoss
{
    /// <summary>Returns the sum over the chunk, and over positions if a sample has one class per position.</summary>
    public static Tensor Sum(Tensor outputs, Tensor labels)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        using var scope = NewDisposeScope();
        // a Scalar may be freed while in use: docs/decisions/0002-native-memory.md
        var half = tensor(0.5, outputs.dtype, CPU);
        var targets =
            labels.dtype == ScalarType.Int64
                ? nn.functional.one_hot(labels, outputs.shape[1]).to(outputs.dtype).movedim([-1], [1])
                : labels;
        return nn.functional.mse_loss(outputs, targets, nn.Reduction.Sum).mul(half).MoveToOuterDisposeScope();
    }
}
