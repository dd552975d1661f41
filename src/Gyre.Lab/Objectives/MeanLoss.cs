using static TorchSharp.torch;

namespace Gyre.Lab.Objectives;

/// <summary>
/// Converts a loss as users write it, the mean over a batch, into the sum over a chunk that objectives take.
/// </summary>
internal static class MeanLoss
{
    /// <summary>
    /// Returns loss·B, or loss·B·T if every sample has T classes. This is exactly the sum if the loss is a mean over
    /// its batch.
    /// </summary>
    /// <param name="loss">The loss as a function of outputs and targets; one number.</param>
    /// <returns>A sum that throws <see cref="ObjectiveException"/> when called if the loss is not one floating-point
    /// number.</returns>
    public static LossSum Summed(Func<Tensor, Tensor, Tensor> loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        return (outputs, targets) =>
        {
            using var scope = NewDisposeScope();
            var mean = loss(outputs, targets);
            if (mean.numel() != 1 || !mean.is_floating_point())
                throw new ObjectiveException(
                    $"The loss must be a scalar, the mean over its batch; it is a {mean.dtype} tensor of "
                        + $"shape [{string.Join(", ", mean.shape)}]. Reduce it: loss.mean()."
                );
            var predictions = targets.dtype == ScalarType.Int64 ? targets.numel() : targets.shape[0];
            return mean.reshape([]).mul(tensor((double)predictions, mean.dtype, CPU)).MoveToOuterDisposeScope();
        };
    }
}
