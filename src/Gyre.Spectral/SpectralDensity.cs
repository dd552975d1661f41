using static TorchSharp.torch;

namespace Gyre.Spectral;

/// <summary>A Gauss quadrature of the spectrum, weighted by one random vector.</summary>
/// <param name="Values">The nodes, in ascending order.</param>
/// <param name="Weights">One weight per node, at least 0. Their sum is the share of the spectrum that is not known
/// otherwise.</param>
public sealed record Quadrature(double[] Values, double[] Weights);

/// <summary>An estimated share of all n eigenvalues.</summary>
/// <param name="Value">The estimate.</param>
/// <param name="Low">The lower end of a 95 % interval.</param>
/// <param name="High">The upper end of the interval.</param>
public sealed record SpectrumShare(double Value, double Low, double High);

/// <summary>
/// The distribution of the eigenvalues of a symmetric operator, estimated without computing any of them: stochastic
/// Lanczos quadrature (Lin, Saad and Yang 2016; Ghorbani, Krishnan and Xiao 2019). Each random vector gives the nodes
/// and weights of a Gauss quadrature of the spectrum. The mean over vectors is unbiased in every moment up to twice
/// the steps less one.
/// </summary>
public sealed class SpectralDensity
{
    private const double TwoSided = 1.96;

    private readonly double[] _known;
    private readonly Quadrature[] _probes;

    private SpectralDensity(long dimension, double[] known, Quadrature[] probes, int products) =>
        (Dimension, _known, _probes, Products) = (dimension, known, probes, products);

    /// <summary>The dimension n.</summary>
    public long Dimension { get; }

    /// <summary>The number of products used.</summary>
    public int Products { get; }

    /// <summary>The eigenvalues that were given, each of weight 1/n, in ascending order.</summary>
    public IReadOnlyList<double> Known => _known;

    /// <summary>One quadrature per random vector.</summary>
    public IReadOnlyList<Quadrature> Probes => _probes;

    /// <summary>The smallest and the largest node or known value.</summary>
    public (double Low, double High) Ends =>
        (
            _probes.SelectMany(probe => probe.Values).Concat(_known).Min(),
            _probes.SelectMany(probe => probe.Values).Concat(_known).Max()
        );

    /// <summary>Estimates the spectral density.</summary>
    /// <param name="operator">The operator, on <c>[n]</c>. Memory: 2·steps vectors.</param>
    /// <param name="probes">The number of random vectors; at least two, for the error.</param>
    /// <param name="steps">The number of Lanczos steps per vector; each costs one product. The resolution is the
    /// length of the spectrum over the number of steps, and finer at the ends.</param>
    /// <param name="seed">Seed for the random vectors.</param>
    /// <param name="values">Known eigenvalues, such as the leading ones; they are deflated and counted
    /// exactly.</param>
    /// <param name="vectors">Their orthonormal eigenvectors <c>[k, n]</c>.</param>
    /// <param name="stop">Ends the estimate at the next random vector. Completed vectors are kept, at least
    /// two.</param>
    /// <exception cref="ArgumentException">There are fewer than two probes, no steps, or values without
    /// vectors.</exception>
    /// <exception cref="ArithmeticException">A product is not finite.</exception>
    public static SpectralDensity Estimate(
        ISymmetricOperator @operator,
        int probes,
        int steps,
        long seed,
        IReadOnlyList<double>? values = null,
        Tensor? vectors = null,
        CancellationToken stop = default
    )
    {
        ArgumentNullException.ThrowIfNull(@operator);
        ArgumentOutOfRangeException.ThrowIfLessThan(probes, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        double[] known = [.. (values ?? []).Order()];
        if (known.Length != (vectors?.shape[0] ?? 0))
            throw new ArgumentException(
                $"{known.Length} known values need one vector each; got {vectors?.shape[0] ?? 0}.",
                nameof(values)
            );
        using var none = no_grad();
        using var signs = new RandomSigns(@operator, seed);
        var rest = vectors is null ? @operator : new DeflatedOperator(@operator, vectors);
        var found = new List<Quadrature>(probes);
        var products = 0;
        var share = (double)(@operator.Dimension - known.Length) / @operator.Dimension;
        for (var probe = 0; probe < probes && !(stop.IsCancellationRequested && probe >= 2); probe++)
        {
            using var scope = NewDisposeScope();
            using var space = new KrylovSpace(
                rest,
                (int)Math.Min(steps, @operator.Dimension - known.Length),
                Reorthogonalization.TwoPasses
            );
            Grow(space, rest is DeflatedOperator deflated ? deflated.Outside(signs.Next()) : signs.Next());
            found.Add(Gauss(space, share));
            products += space.Products;
        }
        return new SpectralDensity(@operator.Dimension, known, [.. found], products);
    }

    /// <summary>
    /// Returns the share of eigenvalues at or below a value. The interval has two parts: the spread over the random
    /// vectors, and the weight that a quadrature with few nodes leaves undetermined between two of them (the
    /// Chebyshev–Markov–Stieltjes inequalities: Golub and Meurant 2010, §6).
    /// </summary>
    public SpectrumShare AtMost(double value)
    {
        var exact = (double)_known.Count(one => one <= value) / Dimension;
        var bounds = _probes.Select(probe => Bounds(probe, value)).ToArray();
        return new SpectrumShare(
            exact + bounds.Average(bound => bound.Value),
            Math.Max(
                0,
                exact
                    + bounds.Average(bound => bound.Low)
                    - TwoSided * StandardError.Compute([.. bounds.Select(bound => bound.Low)])
            ),
            Math.Min(
                1,
                exact
                    + bounds.Average(bound => bound.High)
                    + TwoSided * StandardError.Compute([.. bounds.Select(bound => bound.High)])
            )
        );
    }

    /// <summary>Returns tr(Hᵖ)/n with its standard error over the random vectors.</summary>
    public (double Value, double Error) Moment(int power)
    {
        double[] each =
        [
            .. _probes.Select(probe =>
                probe.Values.Zip(probe.Weights).Sum(node => node.Second * Math.Pow(node.First, power))
            ),
        ];
        return (_known.Sum(value => Math.Pow(value, power)) / Dimension + each.Average(), StandardError.Compute(each));
    }

    /// <summary>
    /// Returns the density at the given places, with its standard error over the random vectors. Each node is
    /// smoothed to a normal distribution of the given width. The density counts eigenvalues per unit of value, as a
    /// share of n.
    /// </summary>
    /// <param name="places">The places at which to evaluate the density.</param>
    /// <param name="width">The standard deviation of the smoothing at a place.</param>
    public IReadOnlyList<(double Value, double Error)> Smoothed(
        IReadOnlyList<double> places,
        Func<double, double> width
    )
    {
        ArgumentNullException.ThrowIfNull(places);
        ArgumentNullException.ThrowIfNull(width);
        return
        [
            .. places.Select(place =>
            {
                var sigma = width(place);
                double Kernel(double value) =>
                    Math.Exp(-0.5 * Math.Pow((place - value) / sigma, 2)) / (sigma * Math.Sqrt(2 * Math.PI));
                double[] each =
                [
                    .. _probes.Select(probe =>
                        probe.Values.Zip(probe.Weights).Sum(node => node.Second * Kernel(node.First))
                    ),
                ];
                return (_known.Sum(Kernel) / Dimension + each.Average(), StandardError.Compute(each));
            }),
        ];
    }

    private static void Grow(KrylovSpace space, Tensor start)
    {
        var grows = space.Expand(start);
        while (grows && !space.Full && space.LastProductWasFinite)
            grows = space.ExpandByRecurrence();
        if (!space.LastProductWasFinite)
            throw new ArithmeticException("A product is not finite: the operator overflows here.");
    }

    /// <summary>
    /// Returns the quadrature of a space: the Ritz values are the nodes, and the squares of their vectors' components
    /// along the start are the weights (Golub and Welsch 1969).
    /// </summary>
    private static Quadrature Gauss(KrylovSpace space, double share)
    {
        var pairs = space.Ritz();
        var order = Enumerable.Range(0, pairs.Count).Reverse().ToArray();
        return new Quadrature(
            [.. order.Select(i => pairs.Values[i])],
            [.. order.Select(i => share * pairs.Coefficients[i, 0] * pairs.Coefficients[i, 0])]
        );
    }

    private static (double Value, double Low, double High) Bounds(Quadrature probe, double value)
    {
        var count = probe.Values.Count(node => node <= value);
        var below = probe.Weights.Take(count).Sum();
        var last = count == 0 ? 0 : probe.Weights[count - 1];
        var next = count == probe.Weights.Length ? 0 : probe.Weights[count];
        return (below, below - last, below + next);
    }

    /// <summary>The deflated operator P A P with P = I − VVᵀ.</summary>
    private sealed class DeflatedOperator(ISymmetricOperator inner, Tensor rows) : ISymmetricOperator
    {
        public long Dimension => inner.Dimension;

        public ScalarType Dtype => inner.Dtype;

        public Device Device => inner.Device;

        public Tensor Outside(Tensor vector)
        {
            using var scope = NewDisposeScope();
            return (vector - rows.t().mv(rows.mv(vector))).MoveToOuterDisposeScope();
        }

        public Tensor Apply(Tensor vectors)
        {
            using var scope = NewDisposeScope();
            return Outside(inner.Apply(Outside(vectors))).MoveToOuterDisposeScope();
        }
    }
}
