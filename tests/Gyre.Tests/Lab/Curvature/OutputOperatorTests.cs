using Gyre.Lab.Curvature;
using Gyre.Spectral;
using Gyre.Tests.TestKit;
using MathNet.Numerics.LinearAlgebra;
using static TorchSharp.torch;

namespace Gyre.Tests.Lab.Curvature;

/// <summary>
/// Gauss–Newton and the empirical Fisher matrix against dense twins, whose Jacobian is central differences of the
/// outputs: independent of every backward pass.
/// </summary>
public sealed class OutputOperatorTests
{
    public static TheoryData<string, int, double> Problems =>
        new()
        {
            { "cross-entropy", 1000, 0 },
            { "cross-entropy", 5, 0.3 },
            { "squared-error", 5, 0 },
            { "squared-error", 1000, 0.1 },
        };

    [Theory]
    [MemberData(nameof(Problems))]
    public void Gauss_newton_is_the_jacobian_around_the_losss_own_hessian(string loss, int chunk, double weightDecay)
    {
        using var scope = NewDisposeScope();
        using var problem = new TinyProblem(loss, chunk: chunk, weightDecay: weightDecay);
        var expected = GaussNewton(problem, loss, weightDecay);

        using var gaussNewton = new GaussNewtonOperator(problem.Objective, long.MaxValue);
        Assert.True((Dense(gaussNewton) - expected).FrobeniusNorm() < 1e-7 * expected.FrobeniusNorm());
    }

    [Theory]
    [MemberData(nameof(Problems))]
    public void The_empirical_fisher_matrix_is_the_mean_of_the_samples_gradients_with_themselves(
        string loss,
        int chunk,
        double weightDecay
    )
    {
        using var scope = NewDisposeScope();
        using var problem = new TinyProblem(loss, chunk: chunk, weightDecay: weightDecay);
        var expected = Fisher(problem, loss);

        using var fisher = new EmpiricalFisherOperator(problem.Objective, long.MaxValue);
        Assert.True((Dense(fisher) - expected).FrobeniusNorm() < 1e-7 * expected.FrobeniusNorm());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Without_a_cache_the_numbers_are_the_same_and_nothing_is_left_behind(bool fisher)
    {
        using var problem = new TinyProblem(chunk: 5);
        using var unchanged = LiveTensors.AssertUnchanged();
        using var scope = NewDisposeScope();
        using OutputOperator cached = fisher
            ? new EmpiricalFisherOperator(problem.Objective, long.MaxValue)
            : new GaussNewtonOperator(problem.Objective, long.MaxValue);
        using OutputOperator bare = fisher
            ? new EmpiricalFisherOperator(problem.Objective, 0)
            : new GaussNewtonOperator(problem.Objective, 0);
        var vector = ones(cached.Dimension, dtype: ScalarType.Float64);

        Assert.Equal((3, 0), (cached.CachedChunks, bare.CachedChunks));
        using (no_grad())
            Assert.Equal(cached.Apply(vector).data<double>().ToArray(), bare.Apply(vector).data<double>().ToArray());
    }

    [Fact]
    public void The_sharpness_of_a_layer_is_the_largest_eigenvalue_of_its_block()
    {
        using var scope = NewDisposeScope();
        using var problem = new TinyProblem(chunk: 5, weightDecay: 0.2);
        var dense = Matrix<double>.Build.DenseOfArray(problem.HessianByProducts(long.MaxValue));
        using var graph = problem.Objective.Linearize(long.MaxValue);
        var layout = problem.Objective.Layout;

        foreach (var (i, layer) in LayerSharpness.Measure(new HessianOperator(graph), 3).Index())
        {
            var (from, size) = ((int)layout.Offsets[i], (int)layout.Sizes[i]);
            var exact = dense
                .SubMatrix(from, size, from, size)
                .Evd(Symmetricity.Symmetric)
                .EigenValues.Max(value => value.Real);
            Assert.Equal(layout.Names[i], layer.Name);
            Assert.Equal(exact, layer.Sharpness, 1e-3 * Math.Abs(exact));
        }
    }

    public static TheoryData<string, int, double, bool, long> Blocks()
    {
        var cases = new TheoryData<string, int, double, bool, long>();
        foreach (var fisher in new[] { false, true })
        {
            cases.Add("cross-entropy", 1000, 0, fisher, long.MaxValue);
            cases.Add("cross-entropy", 5, 0.3, fisher, 0);
            cases.Add("squared-error", 5, 0, fisher, long.MaxValue);
            cases.Add("squared-error", 1000, 0.1, fisher, 0);
        }
        return cases;
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public void A_layers_block_is_that_of_the_dense_twin_and_no_sharper_than_the_whole(
        string loss,
        int chunk,
        double weightDecay,
        bool fisher,
        long cacheBytes
    )
    {
        using var scope = NewDisposeScope();
        using var problem = new TinyProblem(loss, chunk: chunk, weightDecay: weightDecay);
        var twin = fisher ? Fisher(problem, loss) : GaussNewton(problem, loss, weightDecay);
        using OutputOperator whole = fisher
            ? new EmpiricalFisherOperator(problem.Objective, cacheBytes)
            : new GaussNewtonOperator(problem.Objective, cacheBytes);
        var exact = new LanczosOptions { AngleToleranceDegrees = null, ResidualTolerance = 1e-12 };
        var most = Largest(twin);

        foreach (var (i, layer) in LayerSharpness.Measure(whole, 3).Index())
        {
            var (from, size) = ((int)whole.Layout.Offsets[i], (int)whole.Layout.Sizes[i]);
            var block = twin.SubMatrix(from, size, from, size);
            Assert.True((Dense(new LayerBlock(whole, i)) - block).FrobeniusNorm() < 1e-8 * twin.FrobeniusNorm());
            Assert.Equal(Largest(block), Lanczos.Solve(new LayerBlock(whole, i), exact).Values[0], 1e-8 * most);
            Assert.Equal(whole.Layout.Names[i], layer.Name);
            Assert.InRange(layer.Sharpness, Largest(block) - 1e-3 * most, Largest(block) + 1e-8 * most);
            Assert.True(layer.Sharpness <= most * (1 + 1e-8));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_block_product_is_a_slice_of_a_whole_one_and_leaves_nothing_behind(bool fisher)
    {
        using var problem = new TinyProblem(chunk: 5, weightDecay: 0.2);
        using var unchanged = LiveTensors.AssertUnchanged();
        using var scope = NewDisposeScope();
        using OutputOperator whole = fisher
            ? new EmpiricalFisherOperator(problem.Objective, long.MaxValue)
            : new GaussNewtonOperator(problem.Objective, 0);
        for (var i = 0; i < whole.Layout.Count; i++)
        {
            var (from, size) = (whole.Layout.Offsets[i], whole.Layout.Sizes[i]);
            var embedded = zeros(whole.Dimension, 2, dtype: ScalarType.Float64);
            embedded.narrow(0, from, size).copy_(randn(size, 2, dtype: ScalarType.Float64));
            var slice = whole.Apply(embedded).narrow(0, from, size);
            var block = new LayerBlock(whole, i).Apply(embedded.narrow(0, from, size));
            Assert.Equal(0, (slice - block).abs().max().item<double>(), 1e-14);
        }
    }

    [Theory]
    [MemberData(nameof(Problems))]
    public void No_more_eigenvalues_than_the_bound_of_the_rank_differ_from_weight_decay(
        string loss,
        int chunk,
        double weightDecay
    )
    {
        using var scope = NewDisposeScope();
        using var problem = new TinyProblem(loss, samples: 8, chunk: chunk, weightDecay: weightDecay);
        using var gaussNewton = new GaussNewtonOperator(problem.Objective, 0);
        using var fisher = new EmpiricalFisherOperator(problem.Objective, long.MaxValue);

        Assert.Equal((24, 8), (gaussNewton.RankAtMost(), fisher.RankAtMost()));
        Assert.InRange(Above(gaussNewton, weightDecay), 1, 24);
        Assert.InRange(Above(fisher, 0), 1, 8);
    }

    /// <summary>Eigenvalues above a floor; none may lie below it.</summary>
    private static int Above(OutputOperator whole, double floor)
    {
        var dense = Dense(whole);
        var symmetric = ((dense + dense.Transpose()) / 2).Evd(Symmetricity.Symmetric);
        double[] values = [.. symmetric.EigenValues.Select(value => value.Real)];
        Assert.True(values.Min() > floor - 1e-12);
        return values.Count(value => value > floor + 1e-12);
    }

    private static double Largest(Matrix<double> symmetric) =>
        symmetric.Evd(Symmetricity.Symmetric).EigenValues.Max(value => value.Real);

    /// <summary>(1/P) Σ Jᵀ (∂²loss/∂f²) J + wd·I.</summary>
    private static Matrix<double> GaussNewton(TinyProblem problem, string loss, double weightDecay)
    {
        var (jacobian, outputs) = Jacobian(problem);
        var n = jacobian[0].ColumnCount;
        var twin = Matrix<double>.Build.DenseDiagonal(n, n, weightDecay);
        for (var i = 0; i < jacobian.Length; i++)
            twin += jacobian[i].Transpose() * HessianByOutputs(loss, outputs[i]) * jacobian[i] / jacobian.Length;
        return twin;
    }

    /// <summary>(1/P) Σ g gᵀ.</summary>
    private static Matrix<double> Fisher(TinyProblem problem, string loss)
    {
        var (jacobian, outputs) = Jacobian(problem);
        var labels = problem.Labels.data<long>().ToArray();
        var twin = Matrix<double>.Build.Dense(jacobian[0].ColumnCount, jacobian[0].ColumnCount);
        for (var i = 0; i < jacobian.Length; i++)
        {
            var slope = (loss == "squared-error" ? outputs[i] : Softmax(outputs[i])).Clone();
            slope[(int)labels[i]] -= 1;
            var gradient = jacobian[i].Transpose() * slope;
            twin += gradient.OuterProduct(gradient) / jacobian.Length;
        }
        return twin;
    }

    private static Matrix<double> Dense(ISymmetricOperator @operator)
    {
        var n = (int)@operator.Dimension;
        return Matrix<double>.Build.DenseOfColumnArrays(
            Enumerable
                .Range(0, n)
                .Select(i =>
                {
                    using var scope = NewDisposeScope();
                    var unit = zeros(n, dtype: ScalarType.Float64);
                    unit[i] = 1.0;
                    return @operator.Apply(unit).data<double>().ToArray();
                })
        );
    }

    private static Matrix<double> HessianByOutputs(string loss, Vector<double> outputs)
    {
        if (loss == "squared-error")
            return Matrix<double>.Build.DenseIdentity(outputs.Count);
        var shares = Softmax(outputs);
        return Matrix<double>.Build.DenseOfDiagonalVector(shares) - shares.OuterProduct(shares);
    }

    private static Vector<double> Softmax(Vector<double> outputs)
    {
        var powers = (outputs - outputs.Maximum()).PointwiseExp();
        return powers / powers.Sum();
    }

    /// <summary>d outputs/d theta of every sample, and the outputs.</summary>
    private static (Matrix<double>[] Jacobian, Vector<double>[] Outputs) Jacobian(TinyProblem problem)
    {
        const double step = 1e-6;
        var theta = problem.Theta;
        double[,] At(double[] place)
        {
            problem.Theta = place;
            using var scope = NewDisposeScope();
            using var none = no_grad();
            var outputs = problem.Model.call(problem.Inputs);
            var (rows, columns, flat) = (
                (int)outputs.shape[0],
                (int)outputs.shape[1],
                outputs.data<double>().ToArray()
            );
            var host = new double[rows, columns];
            Buffer.BlockCopy(flat, 0, host, 0, flat.Length * sizeof(double));
            return host;
        }
        var middle = Matrix<double>.Build.DenseOfArray(At(theta));
        var jacobian = Enumerable
            .Range(0, middle.RowCount)
            .Select(_ => Matrix<double>.Build.Dense(middle.ColumnCount, theta.Length))
            .ToArray();
        for (var j = 0; j < theta.Length; j++)
        {
            var (up, down) = ((double[])theta.Clone(), (double[])theta.Clone());
            (up[j], down[j]) = (theta[j] + step, theta[j] - step);
            var slope =
                (Matrix<double>.Build.DenseOfArray(At(up)) - Matrix<double>.Build.DenseOfArray(At(down))) / (2 * step);
            for (var i = 0; i < jacobian.Length; i++)
                jacobian[i].SetColumn(j, slope.Row(i));
        }
        problem.Theta = theta;
        return (jacobian, [.. middle.EnumerateRows()]);
    }
}
