using Gyre.Lab.Objectives;
using static TorchSharp.torch;

namespace Gyre.Lab.Optimizers;

/// <summary>
/// Nesterov's momentum (1983), with theta the point at which gradients are taken: v ← b·v + ∇L, theta ← theta −
/// eta·(∇L + b·v) (Sutskever et al. 2013, in PyTorch's form).
/// </summary>
internal sealed class NesterovMomentum : Optimizer
{
    private readonly Tensor _velocity;

    /// <summary>Starts at rest.</summary>
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
