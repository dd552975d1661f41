using Gyre.Lab.Curvature;
using Gyre.Lab.Objectives;
using Gyre.Spectral;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Interventions;

/// <summary>What an intervention did to one step.</summary>
/// <param name="Sharpness">Largest eigenvalue that it found.</param>
/// <param name="Removed">‖u − u'‖/‖u‖: how much of the step u was changed; 0 where it did not act.</param>
/// <param name="Products">Hessian-vector products it took; a third derivative counts as three.</param>
/// <param name="FreeTurnDegrees">freeze-rotation: how far v1 would turn in this step, to first order; null where it was
/// not asked.</param>
/// <param name="TurnDegrees">The same of the changed step.</param>
internal sealed record InterventionEffect(
    double Sharpness,
    double Removed,
    int Products,
    double? FreeTurnDegrees = null,
    double? TurnDegrees = null
);

/// <summary>What is known at a step whose update is to be changed.</summary>
/// <param name="Graph">The gradient and its graph at theta.</param>
/// <param name="Hessian">H there.</param>
/// <param name="Values">The k largest eigenvalues.</param>
/// <param name="Vectors">Their vectors, <c>[k, n]</c>.</param>
internal sealed record LeadingSpace(GradientGraph Graph, HessianOperator Hessian, double[] Values, Tensor Vectors);

/// <summary>
/// Changes each update by the leading eigenpairs of the Hessian at that theta. Costs a solve a step, warm after the
/// first (about 14 products for four pairs).
/// </summary>
internal sealed class Intervention(InterventionOptions options) : IDisposable
{
    private readonly InterventionKind _kind = InterventionCatalog.Get(options.Name);
    private Tensor? _vectors;

    /// <summary>
    /// Vectors of the step before, <c>[k, n]</c>, from which the next solve starts: what a checkpoint must hold. Null
    /// before the first.
    /// </summary>
    public Tensor? State => _vectors;

    /// <summary>Takes back what <see cref="State"/> held.</summary>
    public void Restore(Tensor vectors)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        Keep(vectors.clone());
    }

    /// <summary>The update to be made in place of the one given.</summary>
    /// <param name="update">What the optimizer would take off theta, <c>[n]</c>.</param>
    /// <param name="graph">At this theta.</param>
    /// <param name="threshold">The edge of the optimizer.</param>
    /// <param name="step">From 0; a seed.</param>
    /// <returns>The update, in the caller's dispose scope, and what was done. Where the eigenvectors cannot be found (a
    /// product that is not finite) the update is left as it is.</returns>
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
