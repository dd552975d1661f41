using Gyre.Lab.Objectives;
using static TorchSharp.torch;

namespace Gyre.Lab.Optimizers;

/// <summary>
/// Adam (Kingma and Ba 2015): m ← b₁·m + (1 − b₁)·∇L, v ← b₂·v + (1 − b₂)·∇L², theta ← theta − eta·m/P with P = (1 −
/// b₁ᵗ)·(sqrt(v/(1 − b₂ᵗ)) + epsilon), where t is the step number, from 1. This P, with both bias corrections, is the
/// preconditioner whose P^-1/2 H P^-1/2 reaches the edge (Cohen et al. 2022). adamw additionally shrinks theta
/// (Loshchilov and Hutter 2019). clipped-adam clamps every entry of sqrt(v/(1 − b₂ᵗ)) + epsilon between two bounds:
/// our own definition, after the idea of 2511.12558 (whose definition was not available). An entry of P at its upper
/// bound cannot grow with the gradients of an instability, as it does in plain Adam, and so cannot remove the
/// instability.
/// </summary>
internal sealed class Adam : Optimizer
{
    private readonly Tensor _mean;
    private readonly Tensor _squares;

    /// <summary>Starts with both moments at zero.</summary>
    public Adam(Objective objective, OptimizerOptions options)
        : base(objective, options) => (_mean, _squares) = (Remembered("mean"), Remembered("squares"));

    private double SecondMoment => Options.UsedSecondMoment;

    /// <inheritdoc/>
    protected override Tensor Divisor(long step, Tensor gradient) => Root(step, Next(gradient));

    /// <inheritdoc/>
    protected override Tensor Direction(long step, LossAndGradient value, double learningRate)
    {
        _squares.copy_(Next(value.Gradient));
        _mean.mul_(Number(Options.Momentum)).add_(value.Gradient * Number(1 - Options.Momentum));
        var update = (_mean * Number(learningRate)).div_(Root(step, _squares));
        return Options.Name == OptimizerNames.AdamW
            ? update.add_(
                Objective.Layout.Flatten(Objective.Parameters).mul_(Number(learningRate * Options.DecoupledDecay))
            )
            : update;
    }

    private Tensor Next(Tensor gradient) =>
        (_squares * Number(SecondMoment)).add_(gradient.square().mul_(Number(1 - SecondMoment)));

    private Tensor Root(long step, Tensor squares)
    {
        var root = (squares / Number(1 - Math.Pow(SecondMoment, step + 1))).sqrt_().add_(Number(Options.Epsilon));
        if (Options.Name == OptimizerNames.ClippedAdam)
            root = root.maximum(Number(Options.PreconditionerLow).to(root.device))
                .minimum(
                    Number(Options.PreconditionerHigh > 0 ? Options.PreconditionerHigh : double.PositiveInfinity)
                        .to(root.device)
                );
        return root.mul_(Number(1 - Math.Pow(Options.Momentum, step + 1)));
    }
}
