using Gyre.Lab.Curvature;
using Gyre.Spectral;
using Gyre.Tests.TestKit;
using static TorchSharp.torch;

namespace Gyre.Tests.Spectral;

public class TraceEstimateTests
{
    /// <summary>
    /// A Rademacher probe meets a diagonal matrix in its trace exactly, whatever its signs: z_i² = 1.
    /// </summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void Of_a_diagonal_matrix_the_trace_is_exact_with_one_probe(int pairs)
    {
        using var scope = NewDisposeScope();
        double[] diagonal = [9, 5, 2.5, 1, 0.25, -0.5, -3];
        var vectors = eye(7, dtype: ScalarType.Float64)[TensorIndex.Slice(0, pairs)];
        var trace = TraceEstimate.Deflated(new Diagonal(diagonal), diagonal[..pairs], vectors, 1, 5);
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
        using var graph = problem.Objective.Linearize(long.MaxValue);
        var hessian = new HessianOperator(graph);
        var solution = Lanczos.Solve(
            hessian,
            new LanczosOptions
            {
                Wanted = Wanted.Largest(4),
                MaxProducts = 500,
                AngleToleranceDegrees = 0.01,
            }
        );
        var bare = TraceEstimate.Deflated(hessian, [], zeros([0, hessian.Dimension], hessian.Dtype), 400, 3);
        var deflated = TraceEstimate.Deflated(hessian, solution.Values, solution.Vectors, 400, 3);
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
        var variance =
            2
            * Enumerable
                .Range(0, n)
                .Sum(i => Enumerable.Range(0, n).Where(j => j != i).Sum(j => dense[i, j] * dense[i, j]));
        using var scope = NewDisposeScope();
        using var graph = problem.Objective.Linearize(long.MaxValue);
        var hessian = new HessianOperator(graph);
        var trace = TraceEstimate.Deflated(hessian, [], zeros([0, n], hessian.Dtype), 1000, 11);
        Assert.InRange(trace.Error * Math.Sqrt(1000) / Math.Sqrt(variance), 0.9, 1.1);
        Assert.Equal(trace, TraceEstimate.Deflated(hessian, [], zeros([0, n], hessian.Dtype), 1000, 11));
    }

    /// <summary>Meyer et al. 2021: a matrix of rank at most a third of the products has nothing left outside.</summary>
    [Fact]
    public void Hutch_plus_plus_is_exact_on_low_rank()
    {
        using var scope = NewDisposeScope();
        double[] values = [40, -25, 10, 3, .. Enumerable.Repeat(0.0, 56)];
        var (matrix, _) = Spectra.Dense(values, 2);
        var trace = TraceEstimate.HutchPlusPlus(new DenseOperator(matrix), 15, 1);
        Assert.Equal(28, trace.Value, 1e-9);
        Assert.Equal(0, trace.Error, 1e-9);
        Assert.Equal(15, trace.Products);
    }

    /// <summary>
    /// Over many seeds the estimate is unbiased, its error bar tells the spread, and where the spectrum decays it beats
    /// Hutchinson's at equal cost.
    /// </summary>
    [Fact]
    public void Hutch_plus_plus_tells_its_error_and_beats_plain_probes_on_a_decaying_spectrum()
    {
        using var scope = NewDisposeScope();
        double[] values = [.. Enumerable.Range(1, 100).Select(i => 100.0 / (i * i))];
        var (matrix, _) = Spectra.Dense(values, 7);
        var dense = new DenseOperator(matrix);
        var estimates = Enumerable
            .Range(0, 300)
            .Select(seed => TraceEstimate.HutchPlusPlus(dense, 30, 10 * seed))
            .ToArray();
        var plain = Enumerable
            .Range(0, 300)
            .Select(seed =>
                TraceEstimate.Deflated(dense, [], zeros([0, 100], dtype: ScalarType.Float64), 30, 10 * seed)
            )
            .ToArray();
        double Spread(TraceEstimate[] all) => Math.Sqrt(all.Average(one => Math.Pow(one.Value - values.Sum(), 2)));

        var mean = estimates.Average(one => one.Value);
        Assert.InRange(
            mean - values.Sum(),
            -4 * Spread(estimates) / Math.Sqrt(300),
            4 * Spread(estimates) / Math.Sqrt(300)
        );
        Assert.InRange(
            estimates.Count(one => Math.Abs(one.Value - values.Sum()) <= 2.262 * one.Error) / 300.0,
            0.9,
            0.99
        ); // t of 9 degrees of freedom: 95 %
        Assert.True(Spread(estimates) < Spread(plain) / 5);
    }

    private sealed class Diagonal(double[] diagonal) : ISymmetricOperator
    {
        public long Dimension => diagonal.Length;

        public ScalarType Dtype => ScalarType.Float64;

        public Device Device => CPU;

        public Tensor Apply(Tensor vectors) => vectors * tensor(diagonal);
    }
}
