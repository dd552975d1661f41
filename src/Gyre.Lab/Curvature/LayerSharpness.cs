using Gyre.Lab.Objectives;
using Gyre.Spectral;
using static TorchSharp.torch;

namespace Gyre.Lab.Curvature;

/// <summary>The sharpness of one parameter tensor alone: the largest eigenvalue of its block on the Hessian's diagonal.</summary>
/// <param name="Name">The parameter tensor.</param>
/// <param name="Sharpness">Largest algebraic eigenvalue of the block; at most that of the whole Hessian (Cauchy's interlacing).</param>
/// <param name="Residual">An eigenvalue of the block lies within this distance.</param>
/// <param name="Products">Block products used, each at most as dear as a whole one.</param>
public sealed record LayerSharpness(string Name, double Sharpness, double Residual, int Products)
{
    private const int MostProducts = 60;

    /// <summary>Every parameter tensor's, one after the other.</summary>
    /// <param name="graph">At a theta that does not change meanwhile.</param>
    /// <param name="seed">Of the random starts.</param>
    /// <param name="stop">Ends each solve at the next product.</param>
    public static IReadOnlyList<LayerSharpness> Measure(GradientGraph graph, long seed, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(graph);
        return [.. Enumerable.Range(0, graph.Layout.Count).Select(parameter => One(graph, parameter, seed, stop))];
    }

    private static LayerSharpness One(GradientGraph graph, int parameter, long seed, CancellationToken stop)
    {
        using var scope = NewDisposeScope();
        // The value to a thousandth: its error is the square of the vector's, and no vector is reported.
        var options = new LanczosOptions { AngleToleranceDegrees = null, ResidualTolerance = 1e-3, MaxProducts = MostProducts, Seed = unchecked(seed + parameter) };
        var solution = Lanczos.Solve(new HessianBlock(graph, parameter), options, stop: stop);
        return new LayerSharpness(graph.Layout.Names[parameter], solution.Values.FirstOrDefault(double.NaN), solution.Residuals.FirstOrDefault(double.NaN), solution.Products);
    }

    /// <summary>One block of the Hessian's diagonal.</summary>
    private sealed class HessianBlock(GradientGraph graph, int parameter) : ISymmetricOperator
    {
        public long Dimension => graph.Layout.Sizes[parameter];

        public ScalarType Dtype => graph.Layout.Dtype;

        public Device Device => graph.Layout.Device;

        public Tensor Apply(Tensor vectors)
        {
            if (vectors.dim() == 1)
                return graph.BlockProduct(parameter, vectors);
            using var scope = NewDisposeScope();
            return stack([.. vectors.unbind(1).Select(column => graph.BlockProduct(parameter, column.contiguous()))], 1).MoveToOuterDisposeScope();
        }
    }
}
