using Gyre.Lab.Interventions;
using Gyre.Lab.Objectives;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Running;

/// <summary>
/// How theta moves from step to step, the optimizer's part and what intervenes, and all of it that a checkpoint must
/// hold.
/// </summary>
internal sealed class RunUpdates(RunSetup setup) : IDisposable
{
    /// <summary>Before the name of a buffer in a checkpoint.</summary>
    internal const string BufferPrefix = "buffer.";

    private const string OptimizerPrefix = "optimizer.";
    private const string InterventionState = "intervention.vectors";

    private readonly Intervention? _intervention = InterventionOf(setup.Spec);

    /// <summary>Whether <see cref="Next"/> needs the gradient's graph in every step.</summary>
    public bool NeedsGraph => _intervention is not null;

    /// <summary>
    /// What is taken off theta, <c>[n]</c> in the caller's dispose scope, and what intervened; theta stays.
    /// </summary>
    public (Tensor Update, InterventionRecord? Effect) Next(
        long step,
        GradientGraph? graph,
        LossAndGradient value,
        double rate
    )
    {
        var update = setup.Optimizer.Update(step, value, rate);
        if (
            _intervention is null
            || graph is null
            || !double.IsFinite(value.Loss)
            || !double.IsFinite(value.GradientNorm)
        )
            return (update, null);
        using var state = new ModuleState(setup.Model);
        var (changed, effect) = _intervention.Change(
            update,
            graph,
            setup.Optimizer.Threshold(rate, value.GradientNorm),
            step
        );
        return (
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

    /// <summary>Adds theta, buffers, and the state of optimizer and intervention.</summary>
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

    /// <summary>Takes back what a checkpoint of this run held.</summary>
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
