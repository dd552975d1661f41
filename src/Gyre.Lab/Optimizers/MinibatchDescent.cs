using Gyre.Lab.Objectives;
using static TorchSharp.torch;

namespace Gyre.Lab.Optimizers;

/// <summary>
/// Stochastic gradient descent: theta ← theta − eta·∇L_B, each epoch through all samples once, in an order that seed
/// and epoch decide; the last batch of an epoch may be smaller.
/// The loss that a run records is that of the whole data all the same: a step costs a full gradient and that of a
/// batch.
/// </summary>
internal sealed class MinibatchDescent(Objective objective, OptimizerOptions options) : Optimizer(objective, options)
{
    private readonly BatchOrder _order = new((int)objective.Samples, options.Batch, options.Seed);

    /// <inheritdoc/>
    protected override Tensor Direction(long step, LossAndGradient value, double learningRate) =>
        Clipped(Objective.EvaluateOn(_order.At(step))).Gradient * Number(learningRate);
}
