using Gyre.Lab.Objectives;
using static TorchSharp.torch;

namespace Gyre.Lab.Optimizers;

/// <summary>Full-batch gradient descent: theta ← theta − eta·∇L. It has no state.</summary>
internal sealed class GradientDescent(Objective objective, OptimizerOptions options) : Optimizer(objective, options)
{
    /// <inheritdoc/>
    protected override Tensor Direction(long step, LossAndGradient value, double learningRate) =>
        value.Gradient * Number(learningRate);
}
