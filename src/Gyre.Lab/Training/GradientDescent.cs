using Gyre.Lab.Objectives;
using static TorchSharp.torch;

namespace Gyre.Lab.Training;

/// <summary>Full-batch gradient descent: theta ← theta − eta·∇L. Stateless.</summary>
/// <param name="objective">Its parameters are updated in place.</param>
public sealed class GradientDescent(Objective objective) : IDisposable
{
    private Tensor _rate = MakeRate(objective, 0);
    private double _rateValue;

    /// <summary>One update in place, without a synchronisation. Every graph built at the old theta is invalid afterwards.</summary>
    /// <param name="gradient"><c>[n]</c></param>
    /// <param name="learningRate">eta.</param>
    public void Step(Tensor gradient, double learningRate)
    {
        if (learningRate != _rateValue)
            SetRate(learningRate);
        using var none = no_grad();
        using var scope = NewDisposeScope();
        var parts = objective.Layout.Split(gradient * _rate);
        for (var i = 0; i < parts.Length; i++)
            objective.Parameters[i].sub_(parts[i]);
    }

    /// <inheritdoc/>
    public void Dispose() => _rate.Dispose();

    private void SetRate(double learningRate)
    {
        _rate.Dispose();
        (_rate, _rateValue) = (MakeRate(objective, learningRate), learningRate);
    }

    /// <summary>A tensor, not a Scalar: a Scalar made per step could be finalised while libtorch still reads it.</summary>
    private static Tensor MakeRate(Objective objective, double rate)
    {
        var made = tensor(rate, objective.Layout.Dtype, objective.Parameters[0].device);
        made.DetachFromDisposeScope();
        return made;
    }
}
