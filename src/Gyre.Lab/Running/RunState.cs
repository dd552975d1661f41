using Gyre.Lab.Measuring;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using static TorchSharp.torch;

namespace Gyre.Lab.Running;

/// <summary>
/// The tensors of a run that outlive a step: theta and what moves it, and what measurements compare with. A
/// checkpoint contains all of them except the start, which the spec recreates; only a run with a [measured] section
/// saves the start too.
/// </summary>
/// <param name="setup">The setup, at the theta with which the run begins.</param>
/// <param name="isInitial">Whether that theta is theta_0.</param>
internal sealed class RunState(RunSetup setup, bool isInitial = true) : IDisposable
{
    public RunUpdates Updates { get; } = new(setup);

    public CurvatureMeasurer Measurer { get; } = new(setup.Spec, setup.Objective.Layout);

    /// <summary>theta of the previous steps; null if nothing is measured at the midpoint.</summary>
    public RecentThetas? Recent { get; } =
        setup.Spec.Curvature.At == CurvatureSpec.Midpoint ? new RecentThetas(setup.Objective.Layout) : null;

    /// <summary>The theta with which the run begins; null if nothing is measured.</summary>
    public StartingTheta? Start { get; } =
        MemoryNeed.MeasuresAnything(setup.Spec)
            ? new StartingTheta(setup.Objective.Layout, setup.Objective.Parameters) { IsInitial = isInitial }
            : null;

    public void Apply(Tensor update)
    {
        using var scope = NewDisposeScope();
        Recent?.Add(setup.Objective.Layout.Flatten(setup.Objective.Parameters));
        setup.Optimizer.Apply(update);
    }

    /// <summary>Returns what a checkpoint must contain, by name.</summary>
    public Dictionary<string, Tensor> Save()
    {
        var tensors = new Dictionary<string, Tensor>();
        Updates.Save(tensors);
        Recent?.Save(tensors);
        Measurer.Save(tensors);
        if (setup.Spec.Measured is not null)
            Start?.Save(tensors);
        return tensors;
    }

    /// <summary>Restores the contents of a checkpoint; error bars come from the records of those steps.</summary>
    public void Restore(IReadOnlyDictionary<string, Tensor> from, IReadOnlyList<CurvatureRecord> curvature)
    {
        Updates.Restore(from);
        Recent?.Restore(from);
        Measurer.Restore(from, curvature);
        if (setup.Spec.Measured is not null)
            Start?.Restore(from);
    }

    public void Dispose()
    {
        Recent?.Dispose();
        Start?.Dispose();
        Updates.Dispose();
        Measurer.Dispose();
    }
}
