using Gyre.Lab.Objectives;
using static TorchSharp.torch;

namespace Gyre.Lab.Optimizers;

/// <summary>
/// Stochastic gradient descent: theta ← theta − eta·∇L_B. Each epoch visits all samples once, in an order determined
/// by seed and epoch; the last batch of an epoch may be smaller. A run still records the loss of the whole data, so a
/// step costs a full gradient plus that of a batch.
/// </summary>
internal sealed class MinibatchDescent(Objective objective, OptimizerOptions options) : Optimizer(objective, options)
{
    private readonly BatchOrder _order = new((int)objective.Samples, options.Batch, options.Seed);

    /// <inheritdoc/>
    protected override Tensor Direction(long step, LossAndGradient value, double learningRate) =>
        Clipped(Objective.EvaluateOn(_order.At(step))).Gradient * Number(learningRate);
}
