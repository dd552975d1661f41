using Gyre.Lab.Interventions;
using Gyre.Lab.Objectives;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Running;

/// <summary>
/// Moves theta from step to step, by the optimizer and the intervention, and saves all of their state that a
/// checkpoint must contain.
/// </summary>
internal sealed class RunUpdates(RunSetup setup) : IDisposable
{
    /// <summary>The prefix of a buffer's name in a checkpoint.</summary>
    internal const string BufferPrefix = "buffer.";

    private const string OptimizerPrefix = "optimizer.";
    private const string InterventionState = "intervention.vectors";

    private readonly Intervention? _intervention = InterventionOf(setup.Spec);

    /// <summary>Whether <see cref="Next"/> needs the gradient's graph in every step.</summary>
    public bool NeedsGraph => _intervention is not null;

    /// <summary>Returns the update from a step, in the caller's dispose scope; theta does not change.</summary>
    public StepUpdate Next(long step, GradientGraph? graph, LossAndGradient value, double rate)
    {
        var update = setup.Optimizer.Update(step, value, rate);
        if (
            _intervention is null
            || graph is null
            || !double.IsFinite(value.Loss)
            || !double.IsFinite(value.GradientNorm)
        )
            return new StepUpdate(update, null);
        using var state = new ModuleState(setup.Model);
        var (changed, effect) = _intervention.Change(
            update,
            graph,
            setup.Optimizer.Threshold(rate, value.GradientNorm),
            step
        );
        return new StepUpdate(
            changed,
            new InterventionRecord(
                effect.Sharpness,
                effect.Removed,
                effect.Products,
                effect.FreeTurnDegrees,
                effect.TurnDegrees
            )
        );
    }

    /// <summary>Adds theta, the buffers, and the state of the optimizer and the intervention.</summary>
    public void Save(Dictionary<string, Tensor> into)
    {
        into["theta"] = setup.Objective.Layout.Flatten(setup.Objective.Parameters);
        foreach (var (name, buffer) in setup.Model.named_buffers())
            into[BufferPrefix + name] = buffer;
        foreach (var (name, part) in setup.Optimizer.State)
            into[OptimizerPrefix + name] = part;
        if (_intervention?.State is { } space)
            into[InterventionState] = space;
    }

    /// <summary>Restores the contents of a checkpoint of this run.</summary>
    public void Restore(IReadOnlyDictionary<string, Tensor> from)
    {
        var layout = setup.Objective.Layout;
        using var scope = NewDisposeScope();
        using var none = no_grad();
        layout.CopyTo(from["theta"].to(layout.Dtype, layout.Device), setup.Objective.Parameters);
        foreach (var (name, buffer) in setup.Model.named_buffers())
            buffer.copy_(from[BufferPrefix + name]);
        setup.Optimizer.Restore(name => from[OptimizerPrefix + name]);
        if (from.TryGetValue(InterventionState, out var space))
            _intervention?.Restore(space.to(layout.Dtype, layout.Device));
    }

    private static Intervention? InterventionOf(RunSpec spec) =>
        spec.Intervention.Name == InterventionCatalog.None
            ? null
            : new(
                new InterventionOptions(spec.Intervention)
                {
                    ResolvedBelow = spec.Instability.ResolvedBelow,
                    Seed = spec.Seed,
                }
            );

    public void Dispose() => _intervention?.Dispose();
}

/// <summary>The update that is subtracted from theta.</summary>
/// <param name="Vector">The update, <c>[n]</c>.</param>
/// <param name="Effect">The effect of the intervention; null if there was none.</param>
internal sealed record StepUpdate(Tensor Vector, InterventionRecord? Effect)
{
    /// <summary>
    /// Returns the norm of the update; null if it is not finite. It is read separately, right after the loss, when a
    /// device has only the update left to finish.
    /// </summary>
    public double? FiniteNorm()
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        return Host.Number(Vector.norm()) is var norm && double.IsFinite(norm) ? norm : null;
    }
}
