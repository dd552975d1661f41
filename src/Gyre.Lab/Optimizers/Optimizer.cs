using Gyre.Lab.Objectives;
using static TorchSharp.torch;

namespace Gyre.Lab.Optimizers;

/// <summary>
/// An update rule. What it remembers between steps is in <see cref="State"/> and nowhere else, so that a checkpoint
/// holds all of it.
/// </summary>
/// <param name="objective">Its parameters are theta, updated in place.</param>
/// <param name="options">The rule's numbers.</param>
internal abstract class Optimizer(Objective objective, OptimizerOptions options) : IDisposable
{
    private readonly Dictionary<string, Tensor> _state = [];

    /// <summary>What a checkpoint must hold: name → <c>[n]</c>.</summary>
    public IReadOnlyDictionary<string, Tensor> State => _state;

    /// <summary>What is minimised.</summary>
    protected Objective Objective => objective;

    /// <summary>The rule's numbers.</summary>
    protected OptimizerOptions Options => options;

    /// <summary>
    /// The edge at this theta: curvature above it makes this rule diverge on a quadratic; infinite where the rule has
    /// none.
    /// </summary>
    /// <param name="learningRate">eta.</param>
    /// <param name="gradientNorm">‖∇L‖ here: clipping scales the update, and the edge of sam depends on it.</param>
    public double Threshold(double learningRate, double gradientNorm) =>
        OptimizerCatalog.Threshold(options, learningRate, gradientNorm);

    /// <summary>
    /// The diagonal of P that the next update divides by, <c>[n]</c> in the caller's dispose scope; null where the rule
    /// has none. Leaves the state as it is.
    /// </summary>
    /// <param name="step">The step that is next, from 0.</param>
    /// <param name="value">Loss and gradient of the whole data at theta.</param>
    public Tensor? Preconditioner(long step, LossAndGradient value)
    {
        ArgumentNullException.ThrowIfNull(value);
        using var none = no_grad();
        using var scope = NewDisposeScope();
        return Divisor(step, Clipped(value).Gradient)?.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// What the next step takes off theta; the state goes on, theta stays. Without a synchronisation for the rules that
    /// need no further gradient.
    /// </summary>
    /// <param name="step">From 0.</param>
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
    /// theta ← theta − update, in place, without a synchronisation. Every graph built at the old theta is invalid
    /// afterwards.
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

    /// <summary><see cref="Update"/>, then <see cref="Apply"/>.</summary>
    public void Step(long step, LossAndGradient value, double learningRate)
    {
        using var scope = NewDisposeScope();
        Apply(Update(step, value, learningRate));
    }

    /// <summary>Takes back what <see cref="State"/> held.</summary>
    /// <exception cref="KeyNotFoundException">A part is missing: the checkpoint is of another rule.</exception>
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

    /// <summary>Releases the state.</summary>
    protected virtual void Dispose(bool disposing)
    {
        foreach (var tensor in _state.Values)
            tensor.Dispose();
    }

    /// <summary>What is taken off theta. Runs without gradient tracking, in a dispose scope of its own.</summary>
    protected abstract Tensor Direction(long step, LossAndGradient value, double learningRate);

    /// <summary>
    /// The diagonal of P, <c>[n]</c>, of the gradient as the update takes it; null where the rule has none. Leaves the
    /// state as it is; runs as <see cref="Direction"/> does.
    /// </summary>
    protected virtual Tensor? Divisor(long step, Tensor gradient) => null;

    /// <summary>A part of the state, zero at first.</summary>
    protected Tensor Remembered(string name) =>
        _state[name] = zeros([objective.Layout.Dimension], objective.Layout.Dtype, objective.Layout.Device)
            .DetachFromDisposeScope();

    /// <summary>
    /// A number as a tensor: a Scalar made per step could be finalised while libtorch still reads it.
    /// </summary>
    protected Tensor Number(double number) => tensor(number, objective.Layout.Dtype, CPU);

    /// <summary>The value with its gradient scaled down to the largest norm that is allowed.</summary>
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
