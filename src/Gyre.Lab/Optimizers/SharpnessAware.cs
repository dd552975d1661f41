using Gyre.Lab.Objectives;
using static TorchSharp.torch;

namespace Gyre.Lab.Optimizers;

/// <summary>
/// Sharpness-aware minimization (Foret et al. 2021), full batch: theta ← theta − eta·∇L(theta + rho·∇L/‖∇L‖). A step
/// costs two gradients.
/// </summary>
internal sealed class SharpnessAware(Objective objective, OptimizerOptions options) : Optimizer(objective, options)
{
    /// <inheritdoc/>
    protected override Tensor Direction(long step, LossAndGradient value, double learningRate)
    {
        if (value.GradientNorm == 0)
            return value.Gradient * Number(0);
        var above = Objective.EvaluateAt(value.Gradient * Number(Options.Radius / value.GradientNorm));
        return Clipped(above).Gradient * Number(learningRate);
    }
}
