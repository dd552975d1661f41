using Gyre.Lab.Models;
using Gyre.Lab.Objectives;
using Gyre.Lab.Theory;
using Gyre.Tests.TestKit;
using MathNet.Numerics.LinearAlgebra;
using static TorchSharp.torch;

namespace Gyre.Tests.Lab.Curvature;

/// <summary>
/// The gradient of the sharpness: against finite differences of dense eigenvalues, closed forms, and where it is zero.
/// </summary>
public class CurvatureGradientTests
{
    [Theory]
    [InlineData("cross-entropy", 1000, long.MaxValue, 0.0)]
    [InlineData("cross-entropy", 5, long.MaxValue, 0.0)]
    [InlineData("cross-entropy", 5, 0, 0.1)]
    [InlineData("squared-error", 5, 0, 0.0)]
    public void It_is_the_slope_of_the_largest_eigenvalue(string loss, int chunk, long cache, double weightDecay)
    {
        using var problem = new TinyProblem(loss, "tanh", chunk: chunk, weightDecay: weightDecay);
        var (theta, slope) = (problem.Theta, Slope(problem, cache));
        var random = new Random(3);
        for (var draw = 0; draw < 5; draw++)
        {
            var direction = theta.Select(_ => random.NextDouble() - 0.5).ToArray();
            var stated = direction.Zip(slope, (along, entry) => along * entry).Sum();
            // The best of several steps: truncation falls and rounding grows as the step shrinks.
            var error = new[] { 1e-2, 1e-3, 1e-4, 1e-5 }.Min(h =>
                Math.Abs(
                    (Sharpness(problem, theta, direction, h) - Sharpness(problem, theta, direction, -h)) / (2 * h)
                        - stated
                )
            );
            problem.Theta = theta;
            Assert.True(error < 1e-7, $"{error}");
        }
    }

    [Fact]
    public void Chunks_and_cache_change_rounding_only_and_nothing_is_left()
    {
        using var whole = new TinyProblem();
        using var parts = new TinyProblem(chunk: 5);
        Slope(whole, long.MaxValue);
        using (LiveTensors.AssertUnchanged())
        {
            Assert.Equal(Slope(whole, long.MaxValue), Slope(parts, long.MaxValue), (a, b) => Math.Abs(a - b) < 1e-12);
            Assert.Equal(Slope(parts, long.MaxValue), Slope(parts, 0));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void On_diagonal_linear_networks_it_is_the_closed_form_and_at_depth_one_zero(int depth)
    {
        using var scope = NewDisposeScope();
        var exact = new DiagonalLinearNetwork(depth, [1, 0.3]);
        double[] theta = [.. Enumerable.Range(0, exact.Dimension).Select(j => 0.5 + 0.3 * j)];
        using var model = ModelCatalog.Build(
            "diagonal-linear",
            new ModelRequest
            {
                InputShape = [2],
                Outputs = 2,
                Widths = [],
                Depth = depth,
                Activation = "linear",
                Initialisation = "lecun-normal",
                Seed = 1,
                Dtype = ScalarType.Float64,
                Device = CPU,
            }
        );
        using var objective = new Objective(
            model,
            LossCatalog.Get("squared-error"),
            ones(1, 2, dtype: ScalarType.Float64),
            tensor(new[] { 1, 0.3 }).view(1, 2),
            10
        );
        objective.Layout.CopyTo(tensor(theta), objective.Parameters);
        using var graph = objective.Linearize(long.MaxValue);
        var measured = graph
            .CurvatureGradient(tensor(DiagonalSpectrum.Compute(exact, theta)[0].Vector))
            .data<double>()
            .ToArray();
        for (var j = 0; j < exact.Dimension; j++)
        {
            var unit = new double[exact.Dimension];
            unit[j] = 1;
            Assert.Equal(
                DiagonalSpectrum.SharpnessSlope(exact, theta, unit),
                measured[j],
                1e-12 * Math.Max(1, Math.Abs(measured[j]))
            );
            Assert.True(depth > 1 || measured[j] == 0);
        }
    }

    [Fact]
    public void A_gradient_beside_theta_leaves_theta_as_it_was_bit_for_bit()
    {
        using var problem = new TinyProblem(dtype: ScalarType.Float32);
        var before = problem.Theta;
        using var scope = NewDisposeScope();
        using var graph = problem.Objective.Linearize(long.MaxValue);
        var shift = full([before.Length], 0.01, dtype: ScalarType.Float32);
        var beside = problem.Objective.EvaluateAt(shift).Gradient.to(ScalarType.Float64).data<double>().ToArray();
        Assert.Equal(before, problem.Theta);
        Assert.Equal(problem.GradientAt([.. before.Select(entry => (double)((float)entry + 0.01f))]), beside);
    }

    private static double[] Slope(TinyProblem problem, long cache)
    {
        using var scope = NewDisposeScope();
        using var graph = problem.Objective.Linearize(cache);
        var leading = Matrix<double>
            .Build.DenseOfArray(problem.HessianByProducts(cache))
            .Evd(Symmetricity.Symmetric)
            .EigenVectors;
        return graph
            .CurvatureGradient(tensor(leading.Column(leading.ColumnCount - 1).ToArray()))
            .data<double>()
            .ToArray();
    }

    private static double Sharpness(TinyProblem problem, double[] theta, double[] direction, double h)
    {
        problem.Theta = [.. theta.Zip(direction, (at, along) => at + h * along)];
        return Matrix<double>
            .Build.DenseOfArray(problem.HessianByProducts(long.MaxValue))
            .Evd(Symmetricity.Symmetric)
            .EigenValues.Real()
            .Max();
    }
}
