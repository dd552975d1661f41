using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Interventions;

/// <summary>
/// Steps projected by the k leading eigenvectors V <c>[k, n]</c> (as in Song et al. 2024), and steps with a bounded
/// bounce.
/// </summary>
internal static class ProjectedStep
{
    private static readonly InterventionEffect NoProducts = new(double.NaN, 0, 0);

    /// <summary>
    /// u − VᵀVu: bulk-only. The rotation of the k eigenvectors that the bulk step itself causes is not controlled.
    /// </summary>
    public static (Tensor Update, InterventionEffect Effect) OffLeading(
        Tensor update,
        LeadingSpace space,
        InterventionOptions options
    )
    {
        ArgumentNullException.ThrowIfNull(update);
        return (update - Inside(update, space), NoProducts);
    }

    /// <summary>VᵀVu: dominant-only.</summary>
    public static (Tensor Update, InterventionEffect Effect) OntoLeading(
        Tensor update,
        LeadingSpace space,
        InterventionOptions options
    ) => (Inside(update, space), NoProducts);

    /// <summary>
    /// On the quadratic model, the bottom of the valley lies at distance x = v1·∇L/S along v1. The component of the
    /// step along v1 is changed so that the distance after the step is at most the bound; the rest of the step is
    /// unchanged.
    /// </summary>
    public static (Tensor Update, InterventionEffect Effect) ClipSharpest(
        Tensor update,
        LeadingSpace space,
        InterventionOptions options
    )
    {
        ArgumentNullException.ThrowIfNull(space);
        ArgumentNullException.ThrowIfNull(options);
        var v = space.Vectors[0];
        var numbers = Host.Numbers(stack([v.dot(space.Graph.Value.Gradient), v.dot(update)]));
        var (displacement, along) = (numbers[0] / space.Values[0], numbers[1]);
        var clipped = displacement - Math.Clamp(displacement - along, -options.Bound, options.Bound);
        return (update + v * tensor(clipped - along, update.dtype, CPU), NoProducts);
    }

    private static Tensor Inside(Tensor update, LeadingSpace space) => space.Vectors.t().mv(space.Vectors.mv(update));
}
