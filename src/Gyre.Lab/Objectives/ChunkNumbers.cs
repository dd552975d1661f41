using static TorchSharp.torch;

namespace Gyre.Lab.Objectives;

/// <summary>
/// The loss and the correct count of a chunk, <c>[2]</c>, float64. They are summed on the device, so that the
/// training loop reads them once.
/// </summary>
internal static class ChunkNumbers
{
    /// <summary>
    /// Returns both numbers in the caller's dispose scope. The count is NaN if the targets are numbers, for which an
    /// output is not right or wrong.
    /// </summary>
    public static Tensor Compute(Tensor loss, Tensor outputs, Tensor targets)
    {
        using var none = no_grad();
        using var scope = NewDisposeScope();
        var sum = loss.detach().to(ScalarType.Float64);
        var correct =
            targets.dtype == ScalarType.Int64
                ? outputs.argmax(1).eq(targets).sum().to(ScalarType.Float64)
                : sum.mul(tensor(double.NaN, ScalarType.Float64, CPU));
        return stack([sum, correct]).MoveToOuterDisposeScope();
    }

    /// <summary>The share of correct predictions, from the count on the host.</summary>
    public static double Accuracy(double correct, long predictions) => correct / predictions;
}
