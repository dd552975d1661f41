using Gyre.Lab.Objectives;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Curvature;

/// <summary>
/// Jᵀ M J over all samples, J the derivative of the outputs by theta and M a matrix in the space of outputs, prediction
/// by prediction. J·v comes from two backward passes: g(u) = Jᵀu is linear in u, and the derivative of
/// ⟨g(u), v⟩ by u is J·v. Chunks whose graphs fit the budget are kept, the others are recomputed in every product, with
/// the same numbers.
/// </summary>
public abstract class OutputOperator : ILayeredOperator, IDisposable
{
    private readonly Objective _objective;
    private readonly Linearized?[] _cached;

    /// <summary>Takes the objective at its present theta, which must not change meanwhile.</summary>
    /// <param name="objective">Not owned.</param>
    /// <param name="cacheBytes">Memory for cached graphs.</param>
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

    /// <summary>P, what the objective's mean is over.</summary>
    protected long TermCount => _objective.TermCount;

    /// <summary>How many chunks keep their graphs.</summary>
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
    /// A bound on the rank of Jᵀ M J without weight decay: that of M. The rest of n is the null space.
    /// </summary>
    /// <remarks>Costs a chunk's forward pass where no graph is kept.</remarks>
    public abstract long RankAtMost();

    /// <inheritdoc/>
    /// <remarks>Both backward passes by theta go no deeper than the tensor lies.</remarks>
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
                    return part.reshape(-1).clone(); // what the graph gave may be a view of what it keeps
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

    /// <summary>M·w for one chunk.</summary>
    /// <param name="slope">dL/d outputs <c>[B, C]</c> or <c>[B, C, T]</c>, with a graph to
    /// <paramref name="outputs"/>.</param>
    /// <param name="outputs">A leaf.</param>
    /// <param name="direction">w, of the outputs' shape.</param>
    /// <param name="terms">P, of the whole objective.</param>
    protected abstract Tensor Metric(Tensor slope, Tensor outputs, Tensor direction, long terms);

    /// <summary>What is added to the whole: weight decay's part; null for nothing.</summary>
    protected abstract Tensor? Constant(Tensor vector);

    /// <summary>C, numbers that make one prediction.</summary>
    protected long NumbersAPrediction()
    {
        using var scope = NewDisposeScope();
        var kept = _cached.FirstOrDefault(chunk => chunk is not null)?.Leaf;
        return (kept ?? _objective.Terms.Outputs(_objective.Sums.Own.First)).shape[1];
    }

    /// <summary>wd·v of the objective; null without weight decay.</summary>
    protected Tensor? WeightDecay(Tensor vector) => _objective.WeightDecayTimes(vector);

    private Tensor Product(Tensor vector)
    {
        using var scope = NewDisposeScope();
        var (all, parts) = (Enumerable.Range(0, Layout.Count).ToArray(), Layout.Split(vector));
        var sum = OverChunks(vector, made => Layout.Flatten(made.Product(_objective, all, parts, this)));
        return sum.MoveToOuterDisposeScope();
    }

    /// <summary>The sum of what each chunk's graphs give, and the constant.</summary>
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

    /// <summary>One chunk's graphs.</summary>
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

        /// <summary>The block of some parameters with a vector of theirs, part by part.</summary>
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
/// No eigenvalue is below wd where the loss is convex in the outputs (Schraudolph 2002). A product costs three to four
/// gradients.
/// </summary>
/// <param name="objective">At its present theta, which must not change meanwhile; not owned.</param>
/// <param name="cacheBytes">Memory for cached graphs.</param>
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
/// The empirical Fisher matrix (1/P) Σ g_i g_iᵀ, g_i the gradient of prediction i's loss, weight decay left out: no
/// eigenvalue is negative, whatever the loss (Kunstner, Balles and Hennig 2019 on how it differs from the
/// Fisher matrix). With batch statistics (BatchNorm in training) samples mix: g_i is then the gradient
/// through all samples of the chunk.
/// </summary>
/// <param name="objective">At its present theta, which must not change meanwhile; not owned.</param>
/// <param name="cacheBytes">Memory for cached graphs.</param>
internal sealed class EmpiricalFisherOperator(Objective objective, long cacheBytes)
    : OutputOperator(objective, cacheBytes)
{
    /// <summary>
    /// The slope is d_i/P with d_i the derivative of prediction i's loss by its outputs: M w = d_i (d_i·w_i)/P.
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
