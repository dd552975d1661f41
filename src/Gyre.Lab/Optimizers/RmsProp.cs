using Gyre.Lab.Objectives;
using static TorchSharp.torch;

namespace Gyre.Lab.Optimizers;

/// <summary>
/// RMSProp (Tieleman and Hinton 2012, in PyTorch's form): v ← b₂·v + (1 − b₂)·∇L², theta ← theta − eta·∇L/P with P =
/// sqrt(v) + epsilon.
/// </summary>
internal sealed class RmsProp : Optimizer
{
    private readonly Tensor _squares;

    /// <summary>Starts at zero without bias correction, so that early steps are long.</summary>
    public RmsProp(Objective objective, OptimizerOptions options)
        : base(objective, options) => _squares = Remembered("squares");

    private double SecondMoment => Options.UsedSecondMoment;

    /// <inheritdoc/>
    protected override Tensor Divisor(long step, Tensor gradient) => Root(Next(gradient));

    /// <inheritdoc/>
    protected override Tensor Direction(long step, LossAndGradient value, double learningRate)
    {
        _squares.copy_(Next(value.Gradient));
        return (value.Gradient * Number(learningRate)).div_(Root(_squares));
    }

    private Tensor Next(Tensor gradient) =>
        (_squares * Number(SecondMoment)).add_(gradient.square().mul_(Number(1 - SecondMoment)));

    private Tensor Root(Tensor squares) => squares.sqrt().add_(Number(Options.Epsilon));
}
