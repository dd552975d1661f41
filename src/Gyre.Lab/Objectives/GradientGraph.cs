using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Objectives;

/// <summary>
/// The gradient at one theta together with its graph: the training step takes the gradient, every Hessian-vector product reuses the graph
/// (reverse over reverse, Pearlmutter 1994). Valid until theta changes. Memory: about three forward passes of the cached chunks.
/// </summary>
public sealed class GradientGraph : IDisposable
{
    private readonly Objective _objective;
    private readonly Tensor[]?[] _cached;

    internal GradientGraph(Objective objective, LossAndGradient value, Tensor[]?[] cached) =>
        (_objective, Value, _cached) = (objective, value, cached);

    /// <summary>Loss, accuracy and gradient at this theta; the gradient lives as long as the graph.</summary>
    public LossAndGradient Value { get; }

    /// <summary>Layout of theta.</summary>
    public ParameterLayout Layout => _objective.Layout;

    /// <summary>How many chunks keep their graph; the others are recomputed in every product.</summary>
    public int CachedChunks => _cached.Count(gradients => gradients is not null);

    /// <summary>d(vᵀHw)/dtheta with v and w fixed, over the whole data set: the gradient of the sharpness where both are the leading eigenvector. Weight decay has no part in it.</summary>
    /// <param name="vector">v, <c>[n]</c>, of the parameters' dtype and device.</param>
    /// <param name="other">w; null where it is v too.</param>
    /// <returns><c>[n]</c>, in the caller's dispose scope, without a graph. Cost: two to three products, and one gradient more for each chunk that is not cached.</returns>
    /// <exception cref="GradientException">libtorch refused; the message says where.</exception>
    public Tensor CurvatureGradient(Tensor vector, Tensor? other = null)
    {
        using var scope = NewDisposeScope();
        var (parts, others) = (Layout.Split(vector), Layout.Split(other ?? vector));
        Tensor? total = null;
        for (var chunk = 0; chunk < _cached.Length; chunk++)
        {
            using var chunkScope = NewDisposeScope();
            var gradients = _cached[chunk] ?? _objective.ChunkGradient(chunk, null, withGraph: true);
            var part = Layout.Flatten(Gradients.CurvatureGradient(gradients, _objective.Parameters, parts, others, Layout.Names));
            total = total is null ? part.MoveToOuterDisposeScope() : total.add_(part);
        }
        return total!.MoveToOuterDisposeScope();
    }

    /// <summary>H·v over the whole data set, weight decay included.</summary>
    /// <param name="vector"><c>[n]</c>, of the parameters' dtype and device.</param>
    /// <returns><c>[n]</c>, in the caller's dispose scope, without a graph. Cost: one product, and one gradient more for each chunk that is not cached.</returns>
    /// <exception cref="GradientException">libtorch refused; the message says where.</exception>
    public Tensor Product(Tensor vector)
    {
        using var scope = NewDisposeScope();
        var parts = Layout.Split(vector);
        var product = _objective.WeightDecayTimes(vector);
        for (var chunk = 0; chunk < _cached.Length; chunk++)
        {
            using var chunkScope = NewDisposeScope();
            var gradients = _cached[chunk] ?? _objective.ChunkGradient(chunk, null, withGraph: true);
            var part = Layout.Flatten(Gradients.Product(gradients, _objective.Parameters, parts, Layout.Names));
            product = product is null ? part.MoveToOuterDisposeScope() : product.add_(part);
        }
        return product!.MoveToOuterDisposeScope();
    }

    /// <summary>The product of one parameter tensor's own block of H with a vector, weight decay included.</summary>
    /// <param name="parameter">Its number in the layout.</param>
    /// <param name="vector"><c>[size]</c> of that tensor.</param>
    /// <returns><c>[size]</c>, in the caller's dispose scope, without a graph. Cost: a product at most; cheaper the nearer the tensor is to the outputs.</returns>
    /// <exception cref="GradientException">libtorch refused; the message says where.</exception>
    public Tensor BlockProduct(int parameter, Tensor vector)
    {
        ArgumentNullException.ThrowIfNull(vector);
        using var scope = NewDisposeScope();
        var direction = vector.view(Layout.Shapes[parameter]);
        var product = _objective.WeightDecayTimes(vector);
        for (var chunk = 0; chunk < _cached.Length; chunk++)
        {
            using var chunkScope = NewDisposeScope();
            var gradients = _cached[chunk] ?? _objective.ChunkGradient(chunk, null, withGraph: true);
            var part = Gradients.Product([gradients[parameter]], [_objective.Parameters[parameter]], [direction], [Layout.Names[parameter]])[0].reshape(-1);
            product = product is null ? part.clone().MoveToOuterDisposeScope() : product.add_(part);
        }
        return product!.MoveToOuterDisposeScope();
    }

    /// <summary>Releases the graph and the gradient.</summary>
    public void Dispose()
    {
        Value.Gradient.Dispose();
        Objective.Release(_cached);
    }
}
