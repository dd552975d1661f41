using Gyre.Spectral;
using static TorchSharp.torch;

namespace Gyre.Lab.Curvature;

/// <summary>The trace of the Hessian, estimated.</summary>
/// <param name="Value">Unbiased where the vectors are orthonormal and fixed beforehand.</param>
/// <param name="Error">Standard error from the spread of the probes; NaN with fewer than two.</param>
/// <param name="Products">Hessian-vector products it took: one a probe.</param>
public sealed record HessianTrace(double Value, double Error, int Products)
{
    /// <summary>
    /// tr H = Σ v_iᵀHv_i + tr(P H P) with P = I − VVᵀ: the first part is known from the eigenpairs, the second is Hutchinson's estimator (1989) with Rademacher probes,
    /// mean of zᵀPHPz. Taking the leading pairs out first removes most of the variance (Meyer et al. 2021, Hutch++, do so with a random sketch).
    /// </summary>
    /// <param name="hessian">On <c>[n]</c>.</param>
    /// <param name="values">The k eigenvalues.</param>
    /// <param name="vectors">Orthonormal <c>[k, n]</c>.</param>
    /// <param name="probes">Random vectors, at least one.</param>
    /// <param name="seed">Of the probes.</param>
    public static HessianTrace Estimate(ISymmetricOperator hessian, IReadOnlyList<double> values, Tensor vectors, int probes, long seed)
    {
        ArgumentNullException.ThrowIfNull(hessian);
        ArgumentNullException.ThrowIfNull(values);
        ArgumentOutOfRangeException.ThrowIfLessThan(probes, 1);
        using var generator = new Generator((ulong)seed, CPU);
        var rest = new double[probes];
        for (var i = 0; i < probes; i++)
        {
            using var scope = NewDisposeScope();
            var probe = randn([hessian.Dimension], ScalarType.Float32, CPU, generator: generator).sign().to(hessian.Dtype, hessian.Device);
            probe -= vectors.t().mv(vectors.mv(probe));
            rest[i] = probe.dot(hessian.Apply(probe)).to(ScalarType.Float64).item<double>();
        }
        var mean = rest.Average();
        var error = probes < 2 ? double.NaN : Math.Sqrt(rest.Sum(one => (one - mean) * (one - mean)) / (probes - 1) / probes);
        return new HessianTrace(values.Sum() + mean, error, probes);
    }
}
