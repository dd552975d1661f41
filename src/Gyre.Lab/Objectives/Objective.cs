using Gyre.Lab.Data;
using Gyre.Lab.Mpi;
using Gyre.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Gyre.Lab.Objectives;

/// <summary>
/// Thrown if an objective cannot be trusted or evaluated; the message gives the reason and the remedy.
/// </summary>
internal sealed class ObjectiveException : GyreException
{
    /// <summary>Creates the exception with the message that users read.</summary>
    public ObjectiveException(string message, Exception? inner = null)
        : base(message, inner) { }
}

/// <summary>Value and gradient of an objective at one theta.</summary>
/// <param name="Loss">Full-batch mean loss, weight decay included.</param>
/// <param name="Accuracy">The share of predictions whose largest output is at the label, 0 to 1; NaN if the targets
/// are numbers.</param>
/// <param name="Gradient">∇L, <c>[n]</c>, weight decay included; in the dispose scope of the call.</param>
/// <param name="GradientNorm">‖∇L‖.</param>
public sealed record LossAndGradient(double Loss, double Accuracy, Tensor Gradient, double GradientNorm);

/// <summary>
/// L(theta) = 1/N Σ_i loss(f(x_i; theta), y_i) + wd/2·‖theta‖² over the whole, fixed data set, in chunks whose parts
/// are summed by a fixed tree. On one kind of machine and with one thread count, the same theta always gives the same
/// bytes, whether one process has all chunks or several ranks share them. If a sample has T classes to predict (a
/// sequence), the mean is over all N·T predictions.
/// </summary>
public sealed class Objective : IDisposable
{
    private readonly ISamples _samples;
    private readonly bool _ownsSamples;
    private readonly double _weightDecay;
    private readonly Tensor _weightDecayTensor;
    private readonly CachePlan _plan = new();

    /// <summary>
    /// Uses the model, the samples and the loss as they are; neither the model nor the samples are owned.
    /// </summary>
    /// <param name="model">The model whose trainable parameters are theta, in the order in which the module lists
    /// them, each tensor once.</param>
    /// <param name="loss">The sum over a chunk.</param>
    /// <param name="samples">Inputs on the parameters' device and, if they are floating-point, of their dtype. The
    /// memory of one gradient graph is proportional to the samples per chunk.</param>
    /// <param name="weightDecay">wd ≥ 0.</param>
    /// <param name="ranks">The ranks that share the chunks, at most one per chunk. Every rank must then make the same
    /// calls. Null if this process has all chunks.</param>
    /// <exception cref="ArgumentException">The model has no trainable parameters, parameters share memory without
    /// being one tensor, or the weight decay is negative.</exception>
    public Objective(
        nn.Module<Tensor, Tensor> model,
        LossSum loss,
        ISamples samples,
        double weightDecay = 0,
        RankGroup? ranks = null
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentOutOfRangeException.ThrowIfNegative(weightDecay);
        (_samples, _weightDecay) = (samples, weightDecay);
        var distinct = DistinctParameters.Trainable(model);
        Parameters = [.. distinct.Select(one => one.Tensor)];
        Layout = new ParameterLayout([.. distinct.Select(one => one.Name)], Parameters);
        Sums = new ChunkedSum(ranks ?? RankGroup.Alone, samples.Chunks);
        Terms = new LossTerms(model, loss, samples, Layout.Dtype, Layout.Device);
        _weightDecayTensor = tensor(weightDecay, Layout.Dtype, Layout.Device).DetachFromDisposeScope();
    }

    /// <summary>Creates an objective from two tensors, which the caller still owns.</summary>
    /// <param name="model">The model whose trainable parameters are theta, in the order in which the module lists
    /// them.</param>
    /// <param name="loss">The sum over a chunk.</param>
    /// <param name="inputs"><c>[N, ...]</c>, of the parameters' dtype and device.</param>
    /// <param name="labels">Classes <c>[N]</c>, int64, or numbers <c>[N, outputs]</c> of the parameters' dtype; on
    /// the same device.</param>
    /// <param name="chunk">Samples per chunk.</param>
    /// <param name="weightDecay">wd ≥ 0.</param>
    /// <exception cref="ArgumentException">There are no samples or no trainable parameters, the counts differ, or the
    /// chunk is below 1.</exception>
    public Objective(
        nn.Module<Tensor, Tensor> model,
        LossSum loss,
        Tensor inputs,
        Tensor labels,
        int chunk,
        double weightDecay = 0
    )
        : this(model, loss, new TensorSamples(inputs, labels, chunk), weightDecay) => _ownsSamples = true;

    /// <summary>Names, shapes and offsets of the parameters in the flat vector theta <c>[n]</c>.</summary>
    public ParameterLayout Layout { get; }

    /// <summary>The trainable parameters; their values are theta.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>N, the number of samples.</summary>
    public long Samples => _samples.Count;

    /// <summary>The number of terms in the mean: N, or N·T if every sample has T classes to predict.</summary>
    public long TermCount => Terms.Count;

    /// <summary>The number of chunks that the samples are split into.</summary>
    public int Chunks => Sums.Chunks;

    /// <summary>The sums over the chunks.</summary>
    internal ChunkedSum Sums { get; }

    /// <summary>The losses that the mean is taken over.</summary>
    internal LossTerms Terms { get; }

    /// <summary>
    /// The plan of which output graphs a device keeps, shared by successive Gauss–Newton and Fisher operators.
    /// </summary>
    internal CachePlan OutputPlan { get; } = new();

    /// <summary>
    /// Returns loss, accuracy and gradient at the present theta. Costs one gradient; reads from the device once.
    /// </summary>
    /// <exception cref="GradientException">libtorch failed; the message gives the place.</exception>
    public LossAndGradient Evaluate()
    {
        using var scope = NewDisposeScope();
        var (gradient, numbers) = Sums.Over(
            chunk =>
            {
                using var tracked = enable_grad();
                using var chunkScope = NewDisposeScope();
                var (loss, counted) = Terms.EvaluateChunk(chunk);
                var part = Layout.Flatten(Gradients.Gradient(loss, Parameters, Layout.Names));
                return new ChunkPart(part.MoveToOuterDisposeScope(), counted.MoveToOuterDisposeScope());
            },
            Parameters
        );
        return Finish(gradient!, numbers!, TermCount);
    }

    /// <summary>
    /// Returns the sum of one vector per chunk, by the tree that all sums use and shared between ranks like them, in
    /// the caller's dispose scope, without a graph.
    /// </summary>
    /// <param name="part">Computes a chunk's vector, which the sum consumes.</param>
    public Tensor Sum(Func<int, Tensor> part) =>
        Sums.Over(chunk => new ChunkPart(part(chunk), null), Parameters).Vector!;

    /// <summary>
    /// Returns loss, accuracy and gradient at theta + displacement. theta is moved and then restored bit for bit,
    /// which invalidates every graph built before. Costs one gradient.
    /// </summary>
    /// <param name="displacement"><c>[n]</c>, added to theta.</param>
    /// <exception cref="GradientException">libtorch failed; the message gives the place.</exception>
    public LossAndGradient EvaluateAt(Tensor displacement)
    {
        using var scope = NewDisposeScope();
        var theta = Layout.Flatten(Parameters).detach().clone();
        using (no_grad())
            Layout.CopyTo(theta + displacement, Parameters);
        try
        {
            using var tracked = enable_grad();
            var value = Evaluate();
            value.Gradient.MoveToOuterDisposeScope();
            return value;
        }
        finally
        {
            using var none = no_grad();
            Layout.CopyTo(theta, Parameters);
        }
    }

    /// <summary>
    /// Returns loss, accuracy and gradient of a subset of the samples, weight decay included. Costs their share of
    /// one gradient.
    /// </summary>
    /// <param name="samples">Indices of the samples, 0 to N − 1.</param>
    /// <exception cref="GradientException">libtorch failed; the message gives the place.</exception>
    public LossAndGradient EvaluateOn(ReadOnlyMemory<int> samples)
    {
        using var tracked = enable_grad();
        using var scope = NewDisposeScope();
        var (loss, numbers) = Terms.EvaluateBatch(Terms.Pick(samples), samples.Length);
        var value = Finish(
            Layout.Flatten(Gradients.Gradient(loss, Parameters, Layout.Names)),
            numbers,
            Terms.CountIn(samples.Length)
        );
        value.Gradient.MoveToOuterDisposeScope();
        return value;
    }

    /// <summary>
    /// Returns the loss alone at the present theta: the same number as from <see cref="Evaluate"/>, at the cost of a
    /// forward pass.
    /// </summary>
    public double Loss()
    {
        using var scope = NewDisposeScope();
        var (_, numbers) = Sums.Over(
            chunk =>
            {
                using var chunkScope = NewDisposeScope();
                return new ChunkPart(null, Terms.EvaluateChunk(chunk).Numbers.MoveToOuterDisposeScope());
            },
            Parameters
        );
        using var none = no_grad();
        var read = Host.Numbers(cat([numbers!, SquaredTheta().view(1)]));
        return Total(read[0], read[2]);
    }

    /// <summary>
    /// Does the same as <see cref="Evaluate"/> and keeps the graphs that Hessian-vector products at this theta need.
    /// The caller disposes the result before theta changes.
    /// </summary>
    /// <param name="cacheBytes">The memory for cached gradient graphs. Chunks that do not fit are recomputed in every
    /// product, with the same result.</param>
    public GradientGraph Linearize(long cacheBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(cacheBytes);
        var cached = new Tensor[]?[Chunks];
        try
        {
            using var scope = NewDisposeScope();
            var budget = new CacheBudget(cacheBytes, Layout.Device, _plan);
            var (gradient, numbers) = Sums.Over(
                chunk =>
                {
                    using var chunkScope = NewDisposeScope();
                    var keep = budget.Admits();
                    var (gradients, counted) = ChunkGradient(chunk, keep);
                    var part = Layout.Flatten(gradients).MoveToOuterDisposeScope();
                    counted.MoveToOuterDisposeScope();
                    if (budget.Keeps() && keep)
                        cached[chunk] = Detached(gradients);
                    return new ChunkPart(part, counted);
                },
                Parameters
            );
            var value = Finish(gradient!, numbers!, TermCount);
            value.Gradient.DetachFromDisposeScope();
            return new GradientGraph(this, value, cached);
        }
        catch
        {
            Release(cached);
            throw;
        }
    }

    /// <summary>
    /// Evaluates twice and compares the results. This catches dropout, shuffling and nondeterministic kernels, any of
    /// which would silently corrupt an eigenvalue. Costs two gradients, once.
    /// </summary>
    /// <returns>Whether the two evaluations were equal bit for bit; a difference within rounding is allowed and
    /// returns false.</returns>
    /// <exception cref="ObjectiveException">Loss or gradient is not finite, or the two evaluations differ by more
    /// than rounding.</exception>
    public bool SelfCheck() => ObjectiveCheck.Run(this);

    /// <summary>Releases the objective's own tensors, but not the model and the data.</summary>
    public void Dispose()
    {
        if (_ownsSamples)
            _samples.Dispose();
        Terms.Dispose();
        _weightDecayTensor.Dispose();
    }

    /// <summary>
    /// Returns the gradient of one chunk's share of the loss, with its graph if <paramref name="withGraph"/> is set,
    /// and its numbers, in the caller's dispose scope.
    /// </summary>
    internal (Tensor[] Gradients, Tensor Numbers) ChunkGradient(int chunk, bool withGraph)
    {
        using var tracked = enable_grad(); // a product may recompute while gradient tracking is off
        using var scope = NewDisposeScope();
        var (loss, numbers) = Terms.EvaluateChunk(chunk);
        var gradients = withGraph
            ? Gradients.GradientWithGraph(loss, Parameters, Layout.Names)
            : Gradients.Gradient(loss, Parameters, Layout.Names);
        foreach (var gradient in gradients)
            gradient.MoveToOuterDisposeScope();
        return (gradients, numbers.MoveToOuterDisposeScope());
    }

    /// <summary>wd·v in the caller's dispose scope, or null without weight decay.</summary>
    internal Tensor? WeightDecayTimes(Tensor vector) => _weightDecay > 0 ? vector * _weightDecayTensor : null;

    internal static void Release(Tensor[]?[] cached)
    {
        foreach (var gradient in cached.OfType<Tensor[]>().SelectMany(gradients => gradients))
            gradient.Dispose();
    }

    /// <summary>
    /// Returns the gradient g of a subset of the samples and the product of their Hessian with g, both with weight
    /// decay: <c>[n]</c> each, in the caller's dispose scope.
    /// </summary>
    internal (Tensor Gradient, Tensor Product) GradientAndCurvatureAlongIt(ReadOnlyMemory<int> samples)
    {
        using var tracked = enable_grad();
        using var scope = NewDisposeScope();
        var graph = Gradients.GradientWithGraph(
            Terms.EvaluateBatch(Terms.Pick(samples), samples.Length).Loss,
            Parameters,
            Layout.Names
        );
        using var none = no_grad();
        var gradient = Layout.Flatten(graph).detach();
        if (_weightDecay > 0)
            gradient.add_(WeightDecayTimes(Layout.Flatten(Parameters))!);
        var product = Layout.Flatten(Gradients.Product(graph, Parameters, Layout.Split(gradient), Layout.Names));
        if (WeightDecayTimes(gradient) is { } decay)
            product.add_(decay);
        return (gradient.MoveToOuterDisposeScope(), product.MoveToOuterDisposeScope());
    }

    /// <summary>Adds weight decay and copies all numbers to the host at once.</summary>
    private LossAndGradient Finish(Tensor gradient, Tensor numbers, long terms)
    {
        using var none = no_grad();
        if (_weightDecay > 0)
            gradient.add_(WeightDecayTimes(Layout.Flatten(Parameters))!);
        var read = Host.Numbers(cat([numbers, SquaredTheta().view(1), gradient.norm().to(ScalarType.Float64).view(1)]));
        return new LossAndGradient(
            Total(read[0], read[2]),
            ChunkNumbers.Accuracy(read[1], terms),
            gradient.MoveToOuterDisposeScope(),
            read[3]
        );
    }

    /// <summary>‖theta‖² on the device; 0 without weight decay, which alone needs it.</summary>
    private Tensor SquaredTheta() =>
        _weightDecay > 0
            ? Layout.Flatten(Parameters).to(ScalarType.Float64).square().sum()
            : zeros([], ScalarType.Float64, Layout.Device);

    /// <summary>Adds wd/2·‖theta‖² to the loss of the samples.</summary>
    private double Total(double loss, double squared) => loss + (_weightDecay > 0 ? 0.5 * _weightDecay * squared : 0);

    private static T[] Detached<T>(T[] tensors)
        where T : Tensor
    {
        foreach (var tensor in tensors)
            tensor.DetachFromDisposeScope();
        return tensors;
    }
}
