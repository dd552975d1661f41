using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Objectives;

/// <summary>
/// The gradient at one theta together with its graph: the training step takes the gradient, every Hessian-vector
/// product reuses the graph
/// (reverse over reverse, Pearlmutter 1994). Valid until theta changes. Memory: about three forward passes of the
/// cached chunks.
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

    /// <summary>
    /// How many of this process's chunks keep their graph; the others are recomputed in every product.
    /// </summary>
    public int CachedChunks => _cached.Count(gradients => gradients is not null);

    /// <summary>
    /// d(vᵀHw)/dtheta with v and w fixed, over the whole data set: the gradient of the sharpness where both are the
    /// leading eigenvector. Weight decay has no part in it.
    /// </summary>
    /// <param name="vector">v, <c>[n]</c>, of the parameters' dtype and device.</param>
    /// <param name="other">w; null where it is v too.</param>
    /// <returns><c>[n]</c>, in the caller's dispose scope, without a graph. Cost: two to three products, and one
    /// gradient more for each chunk that is not cached.</returns>
    /// <exception cref="GradientException">libtorch refused; the message says where.</exception>
    public Tensor CurvatureGradient(Tensor vector, Tensor? other = null)
    {
        using var scope = NewDisposeScope();
        var (parts, others) = (Layout.Split(vector), Layout.Split(other ?? vector));
        return _objective
            .Sums.VectorOver(
                chunk =>
                {
                    using var chunkScope = NewDisposeScope();
                    return Layout
                        .Flatten(
                            Gradients.CurvatureGradient(
                                GradientOf(chunk),
                                _objective.Parameters,
                                parts,
                                others,
                                Layout.Names
                            )
                        )
                        .MoveToOuterDisposeScope();
                },
                vector,
                null
            )
            .MoveToOuterDisposeScope();
    }

    /// <summary>H·v over the whole data set, weight decay included.</summary>
    /// <param name="vector"><c>[n]</c>, of the parameters' dtype and device.</param>
    /// <returns><c>[n]</c>, in the caller's dispose scope, without a graph. Cost: one product, and one gradient more
    /// for each chunk that is not cached.</returns>
    /// <exception cref="GradientException">libtorch refused; the message says where.</exception>
    public Tensor Product(Tensor vector)
    {
        using var scope = NewDisposeScope();
        var parts = Layout.Split(vector);
        return _objective
            .Sums.VectorOver(
                chunk =>
                {
                    using var chunkScope = NewDisposeScope();
                    return Layout
                        .Flatten(Gradients.Product(GradientOf(chunk), _objective.Parameters, parts, Layout.Names))
                        .MoveToOuterDisposeScope();
                },
                vector,
                _objective.WeightDecayTimes(vector)
            )
            .MoveToOuterDisposeScope();
    }

    /// <summary>The product of one parameter tensor's own block of H with a vector, weight decay included.</summary>
    /// <param name="parameter">Its number in the layout.</param>
    /// <param name="vector"><c>[size]</c> of that tensor.</param>
    /// <returns><c>[size]</c>, in the caller's dispose scope, without a graph. Cost: a product at most; cheaper the
    /// nearer the tensor is to the outputs.</returns>
    /// <exception cref="GradientException">libtorch refused; the message says where.</exception>
    public Tensor BlockProduct(int parameter, Tensor vector)
    {
        ArgumentNullException.ThrowIfNull(vector);
        using var scope = NewDisposeScope();
        var direction = vector.view(Layout.Shapes[parameter]);
        return _objective
            .Sums.VectorOver(
                chunk =>
                {
                    using var chunkScope = NewDisposeScope();
                    var part = Gradients.Product(
                        [GradientOf(chunk)[parameter]],
                        [_objective.Parameters[parameter]],
                        [direction],
                        [Layout.Names[parameter]]
                    )[0];
                    // what the graph gave may be a view of what it keeps
                    return part.reshape(-1).clone().MoveToOuterDisposeScope();
                },
                vector,
                _objective.WeightDecayTimes(vector)
            )
            .MoveToOuterDisposeScope();
    }

    /// <summary>Of a chunk, with its graph: kept, or computed again.</summary>
    private Tensor[] GradientOf(int chunk) =>
        _cached[chunk] ?? _objective.ChunkGradient(chunk, withGraph: true).Gradients;

    /// <summary>Releases the graph and the gradient.</summary>
    public void Dispose()
    {
        Value.Gradient.Dispose();
        Objective.Release(_cached);
    }
}
