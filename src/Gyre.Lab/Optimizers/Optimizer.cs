using Gyre.Lab.Objectives;
using static TorchSharp.torch;

namespace Gyre.Lab.Optimizers;

/// <summary>
/// An update rule. Everything it remembers between steps is in <see cref="State"/>, so that a checkpoint holds all of
/// it.
/// </summary>
/// <param name="objective">The objective; its parameters are theta, updated in place.</param>
/// <param name="options">The settings of the rule.</param>
internal abstract class Optimizer(Objective objective, OptimizerOptions options) : IDisposable
{
    private readonly Dictionary<string, Tensor> _state = [];

    /// <summary>The tensors that a checkpoint must hold: name → <c>[n]</c>.</summary>
    public IReadOnlyDictionary<string, Tensor> State => _state;

    protected Objective Objective => objective;

    protected OptimizerOptions Options => options;

    /// <summary>
    /// Returns the edge at this theta: curvature above it makes this rule diverge on a quadratic. Infinite if the
    /// rule has none.
    /// </summary>
    /// <param name="learningRate">eta.</param>
    /// <param name="gradientNorm">‖∇L‖ at theta: clipping scales the update, and the edge of sam depends on
    /// it.</param>
    public double Threshold(double learningRate, double gradientNorm) =>
        OptimizerCatalog.Threshold(options, learningRate, gradientNorm);

    /// <summary>
    /// Returns the diagonal of P that the next update divides by, <c>[n]</c> in the caller's dispose scope; null if
    /// the rule has none. Leaves the state unchanged.
    /// </summary>
    /// <param name="step">The next step, from 0.</param>
    /// <param name="value">Loss and gradient of the whole data at theta.</param>
    public Tensor? Preconditioner(long step, LossAndGradient value)
    {
        ArgumentNullException.ThrowIfNull(value);
        using var none = no_grad();
        using var scope = NewDisposeScope();
        return Divisor(step, Clipped(value).Gradient)?.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Returns the vector that the next step subtracts from theta. Advances the state; theta stays. Does not
    /// synchronize with the device for rules that need no further gradient.
    /// </summary>
    /// <param name="step">The step, from 0.</param>
    /// <param name="value">Loss and gradient of the whole data at theta.</param>
    /// <param name="learningRate">eta.</param>
    /// <returns><c>[n]</c>, in the caller's dispose scope.</returns>
    public Tensor Update(long step, LossAndGradient value, double learningRate)
    {
        ArgumentNullException.ThrowIfNull(value);
        using var none = no_grad();
        using var scope = NewDisposeScope();
        return Direction(step, Clipped(value), learningRate).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// theta ← theta − update, in place, without synchronizing with the device. This invalidates every graph built at
    /// the old theta.
    /// </summary>
    /// <param name="update"><c>[n]</c>.</param>
    public void Apply(Tensor update)
    {
        using var none = no_grad();
        using var scope = NewDisposeScope();
        var parts = objective.Layout.Split(update);
        for (var i = 0; i < parts.Length; i++)
            objective.Parameters[i].sub_(parts[i]);
    }

    /// <summary>Calls <see cref="Update"/>, then <see cref="Apply"/>.</summary>
    public void Step(long step, LossAndGradient value, double learningRate)
    {
        using var scope = NewDisposeScope();
        Apply(Update(step, value, learningRate));
    }

    /// <summary>Restores the tensors of <see cref="State"/>.</summary>
    /// <exception cref="KeyNotFoundException">A tensor is missing: the checkpoint belongs to another
    /// rule.</exception>
    public void Restore(Func<string, Tensor> stored)
    {
        ArgumentNullException.ThrowIfNull(stored);
        using var none = no_grad();
        foreach (var (name, tensor) in _state)
            tensor.copy_(stored(name));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        foreach (var tensor in _state.Values)
            tensor.Dispose();
    }

    /// <summary>
    /// Returns the vector to subtract from theta. Runs without gradient tracking, in a dispose scope of its own.
    /// </summary>
    protected abstract Tensor Direction(long step, LossAndGradient value, double learningRate);

    /// <summary>
    /// Returns the diagonal of P, <c>[n]</c>, for the gradient as the update uses it; null if the rule has none.
    /// Leaves the state unchanged; runs like <see cref="Direction"/>.
    /// </summary>
    protected virtual Tensor? Divisor(long step, Tensor gradient) => null;

    /// <summary>Adds a tensor of zeros to the state.</summary>
    protected Tensor Remembered(string name) =>
        _state[name] = zeros([objective.Layout.Dimension], objective.Layout.Dtype, objective.Layout.Device)
            .DetachFromDisposeScope();

    /// <summary>
    /// Returns a number as a tensor: a Scalar made at each step could be finalized while libtorch still reads it.
    /// </summary>
    protected Tensor Number(double number) => tensor(number, objective.Layout.Dtype, CPU);

    /// <summary>Returns the value with its gradient scaled down to the largest norm allowed.</summary>
    protected LossAndGradient Clipped(LossAndGradient value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var factor = OptimizerCatalog.ClipFactor(options, value.GradientNorm);
        return factor == 1
            ? value
            : value with
            {
                Gradient = value.Gradient * Number(factor),
                GradientNorm = value.GradientNorm * factor,
            };
    }
}
