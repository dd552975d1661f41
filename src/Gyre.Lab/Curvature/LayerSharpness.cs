using Gyre.Spectral;
using static TorchSharp.torch;

namespace Gyre.Lab.Curvature;

/// <summary>
/// The sharpness of a single parameter tensor: the largest eigenvalue of its block on the diagonal of the Hessian or
/// of another operator.
/// </summary>
/// <param name="Name">The parameter tensor.</param>
/// <param name="Sharpness">Largest eigenvalue of the block; at most that of the whole (Cauchy's interlacing).</param>
/// <param name="Residual">An eigenvalue of the block lies within this distance.</param>
/// <param name="Products">The number of block products, each at most as expensive as a product with the whole
/// operator.</param>
internal sealed record LayerSharpness(string Name, double Sharpness, double Residual, int Products)
{
    private const int MostProducts = 60;

    /// <summary>Measures every parameter tensor in turn.</summary>
    /// <param name="whole">The operator at a theta that does not change meanwhile.</param>
    /// <param name="seed">Seed for the random starts.</param>
    /// <param name="stop">Ends each solve at the next product.</param>
    public static IReadOnlyList<LayerSharpness> Measure(
        ILayeredOperator whole,
        long seed,
        CancellationToken stop = default
    )
    {
        ArgumentNullException.ThrowIfNull(whole);
        return [.. Enumerable.Range(0, whole.Layout.Count).Select(parameter => One(whole, parameter, seed, stop))];
    }

    private static LayerSharpness One(ILayeredOperator whole, int parameter, long seed, CancellationToken stop)
    {
        using var scope = NewDisposeScope();
        // The eigenvalue to a thousandth: its error is the square of the eigenvector's, which is not reported.
        var options = new LanczosOptions
        {
            AngleToleranceDegrees = null,
            ResidualTolerance = 1e-3,
            MaxProducts = MostProducts,
            Seed = unchecked(seed + parameter),
        };
        var solution = Lanczos.Solve(new LayerBlock(whole, parameter), options, stop: stop);
        return new LayerSharpness(
            whole.Layout.Names[parameter],
            solution.Values.FirstOrDefault(double.NaN),
            solution.Residuals.FirstOrDefault(double.NaN),
            solution.Products
        );
    }
}
