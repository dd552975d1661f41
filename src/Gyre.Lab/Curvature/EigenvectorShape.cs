using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Curvature;

/// <summary>
/// How eigenvectors are distributed over the parameters, and how much of the gradient they contain.
/// </summary>
/// <param name="ParticipationRatios">Inverse participation ratio Σ_j v_j⁴ of each vector: 1/n if spread out evenly, 1
/// if on one parameter.</param>
/// <param name="LayerShares">Shares of ‖v‖² by parameter tensor: name → k shares that sum to 1 over the
/// names.</param>
/// <param name="GradientAlignment">Share of ‖∇L‖² inside the span of the vectors, 0 to 1; 0 if the gradient is
/// zero.</param>
internal sealed record EigenvectorShape(
    double[] ParticipationRatios,
    IReadOnlyDictionary<string, double[]> LayerShares,
    double GradientAlignment
)
{
    private const long ColumnsAtOnce = 1 << 16; // half a megabyte per row in float64

    /// <summary>Measures all three. Costs a few passes over k·n numbers, no product.</summary>
    /// <param name="vectors"><c>[k, n]</c>, orthonormal rows.</param>
    /// <param name="gradient"><c>[n]</c></param>
    /// <param name="layout">Names and sizes of the parameters.</param>
    public static EigenvectorShape Measure(Tensor vectors, Tensor gradient, ParameterLayout layout)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        ArgumentNullException.ThrowIfNull(layout);
        using var none = no_grad();
        using var scope = NewDisposeScope();
        var squares = vectors.square();
        var ratios = Host.Numbers(squares.square().sum(1));
        var shares = squares.split([.. layout.Sizes], 1).Select(part => Host.Numbers(part.sum(1)));
        var inside = Host.Numbers(vectors.mv(gradient)).Sum(part => part * part);
        var norm = Host.Number(gradient.norm());
        return new EigenvectorShape(
            ratios,
            layout.Names.Zip(shares).ToDictionary(pair => pair.First, pair => pair.Second),
            norm > 0 ? Math.Min(1, inside / (norm * norm)) : 0
        );
    }

    /// <summary>
    /// Returns V·V'ᵀ of two sets of orthonormal rows, <c>[k, k']</c>, on the host. It is computed in float64 and
    /// corrected for the deviation from orthonormality that float32 leaves (L⁻¹·V is orthonormal if V·Vᵀ = L·Lᵀ).
    /// Summed in float32, two solves at one theta seemed 3e-5 apart, which exceeds good error bars.
    /// </summary>
    public static double[,] Gram(Tensor earlier, Tensor later)
    {
        ArgumentNullException.ThrowIfNull(earlier);
        ArgumentNullException.ThrowIfNull(later);
        using var none = no_grad();
        using var scope = NewDisposeScope();
        var left = linalg.solve_triangular(linalg.cholesky(Sums(earlier, earlier)), Sums(earlier, later), upper: false);
        var both = linalg.solve_triangular(linalg.cholesky(Sums(later, later)), left.t(), upper: false);
        var flat = Host.Numbers(both.t());
        var gram = new double[earlier.shape[0], later.shape[0]];
        Buffer.BlockCopy(flat, 0, gram, 0, flat.Length * sizeof(double));
        return gram;
    }

    /// <summary>
    /// Returns A·Bᵀ in float64, by blocks of columns, so that the rows are never copied as a whole.
    /// </summary>
    private static Tensor Sums(Tensor a, Tensor b)
    {
        var total = zeros([a.shape[0], b.shape[0]], ScalarType.Float64, a.device);
        foreach (var (left, right) in a.split(ColumnsAtOnce, 1).Zip(b.split(ColumnsAtOnce, 1)))
        {
            using var scope = NewDisposeScope();
            total.add_(left.to(ScalarType.Float64).mm(right.to(ScalarType.Float64).t()));
        }
        return total;
    }
}
