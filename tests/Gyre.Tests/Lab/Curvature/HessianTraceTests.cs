using Gyre.Lab.Curvature;
using Gyre.Spectral;
using Gyre.Tests.TestKit;
using static TorchSharp.torch;

namespace Gyre.Tests.Lab.Curvature;

public class HessianTraceTests
{
    /// <summary>A Rademacher probe meets a diagonal matrix in its trace exactly, whatever its signs: z_i² = 1.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void Of_a_diagonal_matrix_the_trace_is_exact_with_one_probe(int pairs)
    {
        using var scope = NewDisposeScope();
        double[] diagonal = [9, 5, 2.5, 1, 0.25, -0.5, -3];
        var vectors = eye(7, dtype: ScalarType.Float64)[TensorIndex.Slice(0, pairs)];
        var trace = HessianTrace.Estimate(new Diagonal(diagonal), diagonal[..pairs], vectors, 1, 5);
        Assert.Equal(diagonal.Sum(), trace.Value, 12);
        Assert.Equal((double.NaN, 1), (trace.Error, trace.Products));
    }

    [Fact]
    public void Of_a_network_the_estimate_is_within_its_error_of_the_dense_hessians_trace_and_the_leading_pairs_make_it_smaller()
    {
        using var problem = new TinyProblem();
        var dense = problem.HessianByProducts(long.MaxValue);
        var exact = Enumerable.Range(0, dense.GetLength(0)).Sum(i => dense[i, i]);
        using var scope = NewDisposeScope();
        using var graph = problem.Objective.Linearise(long.MaxValue);
        var hessian = new HessianOperator(graph);
        var solution = Lanczos.Solve(hessian, new LanczosOptions { Wanted = Wanted.Largest(4), MaxProducts = 500, AngleToleranceDegrees = 0.01 });
        var bare = HessianTrace.Estimate(hessian, [], zeros([0, hessian.Dimension], hessian.Dtype), 400, 3);
        var deflated = HessianTrace.Estimate(hessian, solution.Values, solution.Vectors, 400, 3);
        Assert.InRange(bare.Value, exact - 4 * bare.Error, exact + 4 * bare.Error);
        Assert.InRange(deflated.Value, exact - 4 * deflated.Error, exact + 4 * deflated.Error);
        Assert.True(deflated.Error < bare.Error, $"{deflated.Error} against {bare.Error}");
    }

    /// <summary>Hutchinson's variance with Rademacher probes is 2·Σ_{i≠j} A_ij²: known from the dense matrix.</summary>
    [Fact]
    public void The_error_is_the_one_that_the_dense_matrix_foretells()
    {
        using var problem = new TinyProblem();
        var dense = problem.HessianByProducts(long.MaxValue);
        var n = dense.GetLength(0);
        var variance = 2 * Enumerable.Range(0, n).Sum(i => Enumerable.Range(0, n).Where(j => j != i).Sum(j => dense[i, j] * dense[i, j]));
        using var scope = NewDisposeScope();
        using var graph = problem.Objective.Linearise(long.MaxValue);
        var hessian = new HessianOperator(graph);
        var trace = HessianTrace.Estimate(hessian, [], zeros([0, n], hessian.Dtype), 1000, 11);
        Assert.InRange(trace.Error * Math.Sqrt(1000) / Math.Sqrt(variance), 0.9, 1.1);
        Assert.Equal(trace, HessianTrace.Estimate(hessian, [], zeros([0, n], hessian.Dtype), 1000, 11));
    }

    private sealed class Diagonal(double[] diagonal) : ISymmetricOperator
    {
        public long Dimension => diagonal.Length;

        public ScalarType Dtype => ScalarType.Float64;

        public Device Device => CPU;

        public Tensor Apply(Tensor vectors) => vectors * tensor(diagonal);
    }
}
