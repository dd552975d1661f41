using Gyre.Lab.Objectives;
using static TorchSharp.torch;

namespace Gyre.Lab.Optimizers;

/// <summary>
/// Nesterov's (1983), theta being the point where gradients are taken: v ← b·v + ∇L, theta ← theta − eta·(∇L + b·v)
/// (Sutskever et al. 2013, as PyTorch has it).
/// </summary>
internal sealed class NesterovMomentum : Optimizer
{
    private readonly Tensor _velocity;

    /// <summary>Begins at rest.</summary>
    public NesterovMomentum(Objective objective, OptimizerOptions options)
        : base(objective, options) => _velocity = Remembered("velocity");

    /// <inheritdoc/>
    protected override Tensor Direction(long step, LossAndGradient value, double learningRate)
    {
        var momentum = Number(Options.Momentum);
        _velocity.mul_(momentum).add_(value.Gradient);
        return (_velocity * momentum).add_(value.Gradient).mul_(Number(learningRate));
    }
}
