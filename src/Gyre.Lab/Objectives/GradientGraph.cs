using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Objectives;

/// <summary>
/// The gradient at one theta together with its graph. The training step takes the gradient, and every Hessian-vector
/// product reuses the graph (reverse over reverse, Pearlmutter 1994). Valid until theta changes. Memory: about three
/// forward passes of the cached chunks.
/// </summary>
public sealed class GradientGraph : IDisposable
{
    private readonly Objective _objective;
    private readonly Tensor[]?[] _cached;

    internal GradientGraph(Objective objective, LossAndGradient value, Tensor[]?[] cached) =>
        (_objective, Value, _cached) = (objective, value, cached);

    /// <summary>Loss, accuracy and gradient at this theta; the gradient lives as long as the graph.</summary>
    public LossAndGradient Value { get; }

    /// <summary>The layout of theta.</summary>
    public ParameterLayout Layout => _objective.Layout;

    /// <summary>
    /// The number of this process's chunks that keep their graph; the others are recomputed in every product.
    /// </summary>
    public int CachedChunks => _cached.Count(gradients => gradients is not null);

    /// <summary>
    /// Returns d(vᵀHw)/dtheta with v and w fixed, over the whole data set: the gradient of the sharpness if both are
    /// the leading eigenvector. Weight decay does not contribute.
    /// </summary>
    /// <param name="vector">v, <c>[n]</c>, of the parameters' dtype and device.</param>
    /// <param name="other">w; null if it equals v.</param>
    /// <returns><c>[n]</c>, in the caller's dispose scope, without a graph. Cost: two to three products, plus one
    /// gradient for each chunk that is not cached.</returns>
    /// <exception cref="GradientException">libtorch failed; the message gives the place.</exception>
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

    /// <summary>Returns H·v over the whole data set, weight decay included.</summary>
    /// <param name="vector"><c>[n]</c>, of the parameters' dtype and device.</param>
    /// <returns><c>[n]</c>, in the caller's dispose scope, without a graph. Cost: one product, plus one gradient for
    /// each chunk that is not cached.</returns>
    /// <exception cref="GradientException">libtorch failed; the message gives the place.</exception>
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

    /// <summary>
    /// Returns the product of one parameter tensor's diagonal block of H with a vector, weight decay included.
    /// </summary>
    /// <param name="parameter">The tensor's index in the layout.</param>
    /// <param name="vector"><c>[size]</c> of that tensor.</param>
    /// <returns><c>[size]</c>, in the caller's dispose scope, without a graph. Cost: at most one product; the nearer
    /// the tensor is to the outputs, the cheaper.</returns>
    /// <exception cref="GradientException">libtorch failed; the message gives the place.</exception>
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
                    // the result may be a view of memory that the graph keeps
                    return part.reshape(-1).clone().MoveToOuterDisposeScope();
                },
                vector,
                _objective.WeightDecayTimes(vector)
            )
            .MoveToOuterDisposeScope();
    }

    /// <summary>The gradient of a chunk with its graph, cached or recomputed.</summary>
    private Tensor[] GradientOf(int chunk) =>
        _cached[chunk] ?? _objective.ChunkGradient(chunk, withGraph: true).Gradients;

    /// <summary>Releases the graph and the gradient.</summary>
    public void Dispose()
    {
        Value.Gradient.Dispose();
        Objective.Release(_cached);
    }
}
