using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Spectral;

/// <summary>The trace of a symmetric operator, estimated from products with random vectors.</summary>
/// <param name="Value">The estimate. It is unbiased if the deflated vectors are fixed beforehand, and exact if
/// nothing is left outside of them.</param>
/// <param name="Error">The standard error, from the spread of the probes; NaN with fewer than two.</param>
/// <param name="Products">The number of products used.</param>
public sealed record TraceEstimate(double Value, double Error, int Products)
{
    /// <summary>
    /// Estimates tr H = Σ v_iᵀHv_i + tr(P H P) with P = I − VVᵀ. The first part is known from eigenpairs; the second
    /// is Hutchinson's estimator (1989) with Rademacher probes, the mean of zᵀPHPz. Deflating the leading pairs first
    /// removes most of the variance. Costs one product per probe.
    /// </summary>
    /// <param name="operator">The operator, on <c>[n]</c>.</param>
    /// <param name="values">The k eigenvalues; an empty list gives Hutchinson's estimator itself.</param>
    /// <param name="vectors">Their eigenvectors, orthonormal rows <c>[k, n]</c>.</param>
    /// <param name="probes">The number of random vectors; at least one.</param>
    /// <param name="seed">Seed for the probes.</param>
    public static TraceEstimate Deflated(
        ISymmetricOperator @operator,
        IReadOnlyList<double> values,
        Tensor vectors,
        int probes,
        long seed
    )
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(vectors);
        ArgumentOutOfRangeException.ThrowIfLessThan(probes, 1);
        var (mean, error) = Outside(@operator, vectors, probes, seed);
        return new TraceEstimate(values.Sum() + mean, error, probes);
    }

    /// <summary>
    /// Estimates the trace by Hutch++ (Meyer, Musco, Musco and Woodruff 2021). A third of the products finds the
    /// space Q spanned by the operator's images of random vectors, a third gives tr(QᵀHQ), and the last third is
    /// Hutchinson's estimator of the rest, outside of Q. The trace of a matrix of rank at most products/3 is exact.
    /// </summary>
    /// <param name="operator">The operator, on <c>[n]</c>. Memory: products/3 vectors.</param>
    /// <param name="products">The number of products; at least 6, so that there are two probes for the error. Nothing
    /// is gained beyond 3·n.</param>
    /// <param name="seed">Seed for the random vectors.</param>
    public static TraceEstimate HutchPlusPlus(ISymmetricOperator @operator, int products, long seed)
    {
        ArgumentNullException.ThrowIfNull(@operator);
        ArgumentOutOfRangeException.ThrowIfLessThan(products, 6);
        using var none = no_grad();
        using var scope = NewDisposeScope();
        var third = (int)Math.Min(products / 3, @operator.Dimension);
        using var sketch = new RandomSigns(@operator, seed);
        var images = stack([.. Enumerable.Range(0, third).Select(_ => @operator.Apply(sketch.Next()))], 1);
        var basis = linalg.qr(images).Q.t().contiguous();
        var inside = 0.0;
        for (var row = 0; row < third; row++)
            inside += Dot(basis[row], @operator.Apply(basis[row]));
        if (third == @operator.Dimension)
            return new TraceEstimate(inside, 0, 2 * third);
        var probes = products - 2 * third;
        var (mean, error) = Outside(@operator, basis, probes, unchecked(seed + 1));
        return new TraceEstimate(inside + mean, error, 2 * third + probes);
    }

    /// <summary>Estimates tr(P H P) outside the rows of an orthonormal matrix, and its standard error.</summary>
    private static (double Mean, double Error) Outside(ISymmetricOperator @operator, Tensor rows, int probes, long seed)
    {
        ArgumentNullException.ThrowIfNull(@operator);
        using var none = no_grad();
        using var signs = new RandomSigns(@operator, seed);
        var rest = new double[probes];
        for (var i = 0; i < probes; i++)
        {
            using var scope = NewDisposeScope();
            var probe = signs.Next();
            probe = probe - rows.t().mv(rows.mv(probe));
            rest[i] = Dot(probe, @operator.Apply(probe));
        }
        return (rest.Average(), StandardError.Compute(rest));
    }

    private static double Dot(Tensor a, Tensor b) => Host.Number(a.dot(b));
}
