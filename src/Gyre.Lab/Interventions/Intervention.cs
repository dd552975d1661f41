using Gyre.Lab.Curvature;
using Gyre.Lab.Objectives;
using Gyre.Spectral;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Interventions;

/// <summary>The effect of an intervention on one step.</summary>
/// <param name="Sharpness">The largest eigenvalue found.</param>
/// <param name="Removed">‖u − u'‖/‖u‖, the relative change of the step u; 0 if the intervention did not act.</param>
/// <param name="Products">The number of Hessian-vector products used; a third derivative counts as three.</param>
/// <param name="FreeTurnDegrees">freeze-rotation: how far v1 would turn in the original step, to first order; null
/// for other interventions.</param>
/// <param name="TurnDegrees">How far v1 turns in the changed step, to first order; null if it was not
/// measured.</param>
internal sealed record InterventionEffect(
    double Sharpness,
    double Removed,
    int Products,
    double? FreeTurnDegrees = null,
    double? TurnDegrees = null
);

/// <summary>The information available at a step whose update is to be changed.</summary>
/// <param name="Graph">The gradient and its graph at theta.</param>
/// <param name="Hessian">H at theta.</param>
/// <param name="Values">The k largest eigenvalues.</param>
/// <param name="Vectors">Their eigenvectors, <c>[k, n]</c>.</param>
internal sealed record LeadingSpace(GradientGraph Graph, HessianOperator Hessian, double[] Values, Tensor Vectors);

/// <summary>
/// Changes each update by means of the leading eigenpairs of the Hessian at that theta. Costs one solve per step,
/// warm after the first (about 14 products for four pairs).
/// </summary>
internal sealed class Intervention(InterventionOptions options) : IDisposable
{
    private readonly InterventionKind _kind = InterventionCatalog.Get(options.Name);
    private Tensor? _vectors;

    /// <summary>
    /// The eigenvectors of the previous step, <c>[k, n]</c>, from which the next solve starts. A checkpoint must hold
    /// them. Null before the first step.
    /// </summary>
    public Tensor? State => _vectors;

    /// <summary>Restores <see cref="State"/>.</summary>
    public void Restore(Tensor vectors)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        Keep(vectors.clone());
    }

    /// <summary>Returns the update to make instead of the given one.</summary>
    /// <param name="update">The vector that the optimizer would subtract from theta, <c>[n]</c>.</param>
    /// <param name="graph">The graph at this theta.</param>
    /// <param name="threshold">The edge of the optimizer.</param>
    /// <param name="step">The step, from 0; part of the seed.</param>
    /// <returns>The update, in the caller's dispose scope, and the effect. If the eigenvectors cannot be found (a
    /// product is not finite), the update is returned unchanged.</returns>
    public (Tensor Update, InterventionEffect Effect) Change(
        Tensor update,
        GradientGraph graph,
        double threshold,
        long step
    )
    {
        ArgumentNullException.ThrowIfNull(update);
        ArgumentNullException.ThrowIfNull(graph);
        using var none = no_grad();
        using var scope = NewDisposeScope();
        var hessian = new HessianOperator(graph);
        var solution = Solve(hessian, step);
        if (solution.Values.Length == 0 || solution.StopReason == StopReason.NotFinite)
            return (update.alias().MoveToOuterDisposeScope(), new InterventionEffect(double.NaN, 0, solution.Products));
        Keep(cat([solution.Vectors, solution.Guards]));
        var effect = new InterventionEffect(solution.Values[0], 0, solution.Products);
        if (options.When == InterventionSpec.InInstability && solution.Values[0] < options.ResolvedBelow * threshold)
            return (update.alias().MoveToOuterDisposeScope(), effect);
        var (changed, done) = _kind.Change(
            update,
            new LeadingSpace(graph, hessian, solution.Values, solution.Vectors),
            options
        );
        var numbers = Host.Numbers(stack([(update - changed).norm(), update.norm()]));
        return (
            changed.MoveToOuterDisposeScope(),
            done with
            {
                Sharpness = effect.Sharpness,
                Removed = numbers[1] > 0 ? numbers[0] / numbers[1] : 0,
                Products = effect.Products + done.Products,
            }
        );
    }

    /// <inheritdoc/>
    public void Dispose() => _vectors?.Dispose();

    private EigenSolution Solve(HessianOperator hessian, long step)
    {
        var pairs = (int)Math.Min(options.Pairs, hessian.Dimension);
        var lanczos = new LanczosOptions
        {
            Wanted = Wanted.Largest(pairs),
            AngleToleranceDegrees = 1,
            MaxProducts = 200,
            Basis = Math.Max(32, 3 * pairs),
            Seed = ((long)options.Seed << 32) + step,
            Guards = WarmStart.Guards,
        };
        return _vectors is null
            ? Lanczos.Solve(hessian, lanczos)
            : Lanczos.Solve(hessian, WarmStart.Options(lanczos, _vectors), WarmStart.Row(_vectors, null, lanczos.Seed));
    }

    private void Keep(Tensor vectors)
    {
        _vectors?.Dispose();
        _vectors = vectors.DetachFromDisposeScope();
    }
}
