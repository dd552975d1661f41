using Gyre.Lab.Objectives;
using static TorchSharp.torch;

namespace Gyre.Lab.Optimizers;

/// <summary>Heavy ball (Polyak 1964): v ← b·v + ∇L, theta ← theta − eta·v.</summary>
internal sealed class PolyakMomentum : Optimizer
{
    private readonly Tensor _velocity;

    /// <summary>Starts at rest.</summary>
    public PolyakMomentum(Objective objective, OptimizerOptions options)
        : base(objective, options) => _velocity = Remembered("velocity");

    /// <inheritdoc/>
    protected override Tensor Direction(long step, LossAndGradient value, double learningRate) =>
        _velocity.mul_(Number(Options.Momentum)).add_(value.Gradient) * Number(learningRate);
}
