using Gyre.Lab.Objectives;
using Gyre.Spectral;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Curvature;

/// <summary>
/// The curvature that minibatches experience: E_B[g_Bᵀ H_B g_B/‖g_B‖²], each batch's Hessian along its own gradient
/// (2412.20553). It is neither the sharpness of the whole loss nor an eigenvalue.
/// </summary>
/// <param name="Value">Mean over the batches.</param>
/// <param name="Error">Standard error of the mean.</param>
internal sealed record BatchSharpness(double Value, double Error)
{
    /// <summary>
    /// Measures the batch sharpness. Per batch, costs a gradient and a product on the batch's share of the data.
    /// </summary>
    /// <param name="objective">The objective at the theta to measure.</param>
    /// <param name="batches">Sample indices of each batch; at least two batches.</param>
    public static BatchSharpness Measure(Objective objective, IReadOnlyList<ReadOnlyMemory<int>> batches)
    {
        ArgumentNullException.ThrowIfNull(objective);
        ArgumentNullException.ThrowIfNull(batches);
        ArgumentOutOfRangeException.ThrowIfLessThan(batches.Count, 2);
        double[] each = [.. batches.Select(batch => Along(objective, batch))];
        return new BatchSharpness(each.Average(), StandardError.Compute(each));
    }

    private static double Along(Objective objective, ReadOnlyMemory<int> batch)
    {
        using var scope = NewDisposeScope();
        var (gradient, product) = objective.GradientAndCurvatureAlongIt(batch);
        var numbers = Host.Numbers(stack([gradient.dot(product), gradient.dot(gradient)]));
        return numbers[1] > 0 ? numbers[0] / numbers[1] : 0;
    }
}
