using Gyre.Lab.Objectives;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Curvature;

/// <summary>
/// The operator Jᵀ M J over all samples. J is the derivative of the outputs with respect to theta, and M is a matrix
/// in output space that is block-diagonal over predictions. J·v comes from two backward passes: g(u) = Jᵀu is linear
/// in u, and the derivative of ⟨g(u), v⟩ with respect to u is J·v. Chunks whose graphs fit the budget are kept; the
/// others are recomputed in every product, with the same numbers.
/// </summary>
public abstract class OutputOperator : ILayeredOperator, IDisposable
{
    private readonly Objective _objective;
    private readonly Linearized?[] _cached;

    /// <summary>Uses the objective at its present theta, which must not change meanwhile.</summary>
    /// <param name="objective">The objective, not owned.</param>
    /// <param name="cacheBytes">The memory for cached graphs, in bytes.</param>
    protected OutputOperator(Objective objective, long cacheBytes)
    {
        ArgumentNullException.ThrowIfNull(objective);
        ArgumentOutOfRangeException.ThrowIfNegative(cacheBytes);
        _objective = objective;
        _cached = new Linearized?[objective.Chunks];
        var budget = new CacheBudget(cacheBytes, objective.Layout.Device, objective.OutputPlan);
        var (first, count) = objective.Sums.Own;
        for (var chunk = first; chunk < first + count && budget.Admits(); chunk++)
        {
            var made = Linearized.Create(objective, chunk);
            if (budget.Keeps())
                _cached[chunk] = made;
            else
                made.Dispose();
        }
    }

    /// <inheritdoc/>
    public long Dimension => _objective.Layout.Dimension;

    /// <inheritdoc/>
    public ScalarType Dtype => _objective.Layout.Dtype;

    /// <inheritdoc/>
    public Device Device => _objective.Layout.Device;

    /// <inheritdoc/>
    public ParameterLayout Layout => _objective.Layout;

    /// <summary>P, the number of terms in the objective's mean.</summary>
    protected long TermCount => _objective.TermCount;

    /// <summary>The number of chunks that keep their graphs.</summary>
    public int CachedChunks => _cached.Count(chunk => chunk is not null);

    /// <inheritdoc/>
    public Tensor Apply(Tensor vectors)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        using var scope = NewDisposeScope();
        return (
            vectors.dim() == 1
                ? Product(vectors)
                : stack([.. vectors.unbind(1).Select(column => Product(column.contiguous()))], 1)
        ).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Returns a bound on the rank of Jᵀ M J without weight decay: the rank of M. The remaining dimensions of the n
    /// are null space.
    /// </summary>
    /// <remarks>Costs a chunk's forward pass if no graph is kept.</remarks>
    public abstract long RankAtMost();

    /// <inheritdoc/>
    /// <remarks>Both backward passes with respect to theta stop at the depth of the tensor.</remarks>
    public Tensor BlockProduct(int parameter, Tensor vector)
    {
        ArgumentNullException.ThrowIfNull(vector);
        using var scope = NewDisposeScope();
        var direction = vector.view(Layout.Shapes[parameter]);
        return OverChunks(
                vector,
                made =>
                {
                    var part = made.Product(_objective, [parameter], [direction], this)[0];
                    return part.reshape(-1).clone(); // the result may be a view of memory that the graph keeps
                }
            )
            .MoveToOuterDisposeScope();
    }

    /// <summary>Releases the graphs.</summary>
    public void Dispose()
    {
        foreach (var chunk in _cached)
            chunk?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Returns M·w for one chunk.</summary>
    /// <param name="slope">dL/d outputs <c>[B, C]</c> or <c>[B, C, T]</c>, with a graph to
    /// <paramref name="outputs"/>.</param>
    /// <param name="outputs">The outputs, a leaf.</param>
    /// <param name="direction">w, with the outputs' shape.</param>
    /// <param name="terms">P of the whole objective.</param>
    protected abstract Tensor Metric(Tensor slope, Tensor outputs, Tensor direction, long terms);

    /// <summary>
    /// Returns the vector added to the whole product, the part of weight decay; null to add nothing.
    /// </summary>
    protected abstract Tensor? Constant(Tensor vector);

    /// <summary>Returns C, the number of outputs per prediction.</summary>
    protected long NumbersAPrediction()
    {
        using var scope = NewDisposeScope();
        var kept = _cached.FirstOrDefault(chunk => chunk is not null)?.Leaf;
        return (kept ?? _objective.Terms.Outputs(_objective.Sums.Own.First)).shape[1];
    }

    /// <summary>Returns wd·v of the objective, or null without weight decay.</summary>
    protected Tensor? WeightDecay(Tensor vector) => _objective.WeightDecayTimes(vector);

    private Tensor Product(Tensor vector)
    {
        using var scope = NewDisposeScope();
        var (all, parts) = (Enumerable.Range(0, Layout.Count).ToArray(), Layout.Split(vector));
        var sum = OverChunks(vector, made => Layout.Flatten(made.Product(_objective, all, parts, this)));
        return sum.MoveToOuterDisposeScope();
    }

    /// <summary>Returns the sum of the parts that the chunks' graphs give, plus the constant.</summary>
    private Tensor OverChunks(Tensor vector, Func<Linearized, Tensor> part) =>
        _objective.Sums.VectorOver(
            chunk =>
            {
                using var chunkScope = NewDisposeScope();
                var made = _cached[chunk] ?? Linearized.Create(_objective, chunk);
                try
                {
                    return part(made).MoveToOuterDisposeScope();
                }
                finally
                {
                    if (_cached[chunk] is null)
                        made.Dispose();
                }
            },
            vector,
            Constant(vector)
        );

    /// <summary>The graphs of one chunk.</summary>
    /// <param name="Outputs">f, with its graph to theta.</param>
    /// <param name="Weights">u: zeros of the outputs' shape, a leaf.</param>
    /// <param name="Pulled">Jᵀu by parameter, with a graph to u.</param>
    /// <param name="Leaf">f again, a leaf.</param>
    /// <param name="Slope">dL/df at the leaf, with its graph.</param>
    private sealed record Linearized(Tensor Outputs, Tensor Weights, Tensor[] Pulled, Tensor Leaf, Tensor Slope)
        : IDisposable
    {
        public static Linearized Create(Objective objective, int chunk)
        {
            using var graphs = enable_grad();
            using var scope = NewDisposeScope();
            var outputs = objective.Terms.Outputs(chunk);
            var weights = zeros_like(outputs.detach()).requires_grad_(true);
            var pulled = Gradients.Pullback(
                [outputs],
                [weights],
                objective.Parameters,
                objective.Layout.Names,
                withGraph: true
            );
            var leaf = outputs.detach().requires_grad_(true);
            var slope = Gradients.GradientWithGraph(objective.Terms.LossAt(leaf, chunk), [leaf])[0];
            foreach (var kept in pulled.Append(outputs).Append(weights).Append(leaf).Append(slope))
                kept.DetachFromDisposeScope();
            return new Linearized(outputs, weights, pulled, leaf, slope);
        }

        /// <summary>
        /// Returns the product of the chosen parameters' block with a vector over them, tensor by tensor.
        /// </summary>
        public Tensor[] Product(Objective objective, int[] chosen, Tensor[] parts, OutputOperator of)
        {
            var live = Enumerable.Range(0, chosen.Length).Where(i => Pulled[chosen[i]].requires_grad).ToArray();
            Tensor[] pulled = [.. live.Select(i => Pulled[chosen[i]])],
                with = [.. live.Select(i => parts[i])];
            var along = Gradients.Pullback(pulled, with, [Weights])[0];
            var metric = of.Metric(Slope, Leaf, along, objective.TermCount);
            Tensor[] by = [.. chosen.Select(i => objective.Parameters[i])];
            string[] names = [.. chosen.Select(i => objective.Layout.Names[i])];
            return Gradients.Pullback([Outputs], [metric], by, names);
        }

        public void Dispose()
        {
            foreach (var kept in Pulled.Append(Outputs).Append(Weights).Append(Leaf).Append(Slope))
                kept.Dispose();
        }
    }
}

/// <summary>
/// The Gauss–Newton matrix (1/P) Σ Jᵀ (∂²loss/∂f²) J + wd·I: the Hessian without the curvature of the network itself.
/// No eigenvalue is below wd if the loss is convex in the outputs (Schraudolph 2002). A product costs three to four
/// gradients.
/// </summary>
/// <param name="objective">The objective at its present theta, which must not change meanwhile; not owned.</param>
/// <param name="cacheBytes">The memory for cached graphs, in bytes.</param>
public sealed class GaussNewtonOperator(Objective objective, long cacheBytes) : OutputOperator(objective, cacheBytes)
{
    /// <inheritdoc/>
    protected override Tensor Metric(Tensor slope, Tensor outputs, Tensor direction, long terms) =>
        Gradients.Pullback([slope], [direction], [outputs])[0];

    /// <inheritdoc/>
    public override long RankAtMost() => TermCount * NumbersAPrediction();

    /// <inheritdoc/>
    protected override Tensor? Constant(Tensor vector) => WeightDecay(vector);
}

/// <summary>
/// The empirical Fisher matrix (1/P) Σ g_i g_iᵀ without weight decay, where g_i is the gradient of prediction i's
/// loss. No eigenvalue is negative, whatever the loss (on the difference from the Fisher matrix, see Kunstner, Balles
/// and Hennig 2019). Batch statistics (BatchNorm in training mode) mix samples: g_i is then the gradient through all
/// samples of the chunk.
/// </summary>
/// <param name="objective">The objective at its present theta, which must not change meanwhile; not owned.</param>
/// <param name="cacheBytes">The memory for cached graphs, in bytes.</param>
internal sealed class EmpiricalFisherOperator(Objective objective, long cacheBytes)
    : OutputOperator(objective, cacheBytes)
{
    /// <summary>
    /// The slope is d_i/P, with d_i the derivative of prediction i's loss with respect to its outputs: M w = d_i
    /// (d_i·w_i)/P.
    /// </summary>
    protected override Tensor Metric(Tensor slope, Tensor outputs, Tensor direction, long terms)
    {
        ArgumentNullException.ThrowIfNull(slope);
        using var none = no_grad();
        return slope * (slope * direction).sum(1, keepdim: true) * tensor((double)terms, slope.dtype, CPU);
    }

    /// <inheritdoc/>
    protected override Tensor? Constant(Tensor vector) => null;

    /// <inheritdoc/>
    public override long RankAtMost() => TermCount;
}
