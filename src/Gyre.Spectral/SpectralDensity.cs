using static TorchSharp.torch;

namespace Gyre.Spectral;

/// <summary>A Gauss quadrature of the spectrum as one random vector sees it.</summary>
/// <param name="Values">Nodes, rising.</param>
/// <param name="Weights">One a node, at least 0; their sum is the share of the spectrum that is not known
/// otherwise.</param>
public sealed record Quadrature(double[] Values, double[] Weights);

/// <summary>A share of all n eigenvalues.</summary>
/// <param name="Value">The estimate.</param>
/// <param name="Low">Lower end of a 95 % interval.</param>
/// <param name="High">Upper end.</param>
public sealed record SpectrumShare(double Value, double Low, double High);

/// <summary>
/// How the eigenvalues of a symmetric operator are spread, without one of them being computed: stochastic Lanczos
/// quadrature (Lin, Saad and Yang 2016; Ghorbani, Krishnan and Xiao 2019). Each random vector gives the nodes and
/// weights
/// of a Gauss quadrature of the spectrum; the mean over vectors is unbiased in every moment up to twice the steps less
/// one.
/// </summary>
public sealed class SpectralDensity
{
    private const double TwoSided = 1.96;

    private readonly double[] _known;
    private readonly Quadrature[] _probes;

    private SpectralDensity(long dimension, double[] known, Quadrature[] probes, int products) =>
        (Dimension, _known, _probes, Products) = (dimension, known, probes, products);

    /// <summary>n.</summary>
    public long Dimension { get; }

    /// <summary>Products it took.</summary>
    public int Products { get; }

    /// <summary>Eigenvalues that were given, each of weight 1/n, rising.</summary>
    public IReadOnlyList<double> Known => _known;

    /// <summary>One quadrature a random vector.</summary>
    public IReadOnlyList<Quadrature> Probes => _probes;

    /// <summary>Smallest and largest node or known value.</summary>
    public (double Low, double High) Ends =>
        (
            _probes.SelectMany(probe => probe.Values).Concat(_known).Min(),
            _probes.SelectMany(probe => probe.Values).Concat(_known).Max()
        );

    /// <summary>Estimates.</summary>
    /// <param name="operator">On <c>[n]</c>. Memory: 2·steps vectors.</param>
    /// <param name="probes">Random vectors; two at least, for the error.</param>
    /// <param name="steps">Lanczos steps a vector: each costs a product. A node is as fine as the ends of the spectrum
    /// over the steps, finer at the ends.</param>
    /// <param name="seed">Of the random vectors.</param>
    /// <param name="values">Eigenvalues that are known, such as the leading ones; they are taken out and counted
    /// exactly.</param>
    /// <param name="vectors">Their orthonormal vectors <c>[k, n]</c>.</param>
    /// <param name="stop">Ends the estimate at the next random vector; what is done by then is kept, two vectors at
    /// least.</param>
    /// <exception cref="ArgumentException">Fewer than two probes, no steps, or values without vectors.</exception>
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
                $"{known.Length} known values need as many vectors; got {vectors?.shape[0] ?? 0}.",
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
    /// The share of eigenvalues at or below a value. The interval has two parts: the spread over the random vectors,
    /// and what a quadrature of so few nodes leaves open between two of them
    /// (the Chebyshev–Markov–Stieltjes inequalities: Golub and Meurant 2010, §6).
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

    /// <summary>tr(Hᵖ)/n with its standard error over the random vectors.</summary>
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
    /// The density, each node a normal distribution of a stated width: eigenvalues a unit of value, as a share of n, at
    /// the places given, with its standard error over the random vectors.
    /// </summary>
    /// <param name="places">Where.</param>
    /// <param name="width">Standard deviation of the smoothing at a place.</param>
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
    /// Ritz values are the nodes; the squares of their vectors' parts along the start are the weights (Golub and Welsch
    /// 1969).
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

    /// <summary>P A P with P = I − VVᵀ.</summary>
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
