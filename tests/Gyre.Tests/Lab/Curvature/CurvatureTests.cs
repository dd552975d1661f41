using Gyre.Lab.Curvature;
using Gyre.Tests.TestKit;
using static TorchSharp.torch;

namespace Gyre.Tests.Lab.Curvature;

public class CurvatureTests
{
    [Fact]
    public void The_operator_is_symmetric_and_applies_to_blocks_column_by_column()
    {
        using var problem = new TinyProblem();
        using var scope = NewDisposeScope();
        using var graph = problem.Objective.Linearize(1 << 20);
        var hessian = new HessianOperator(graph);
        using var generator = new Generator(3);
        var block = randn([hessian.Dimension, 3], dtype: hessian.Dtype, generator: generator);
        var images = hessian.Apply(block);
        for (var i = 0; i < 3; i++)
        {
            Assert.True(images.select(1, i).allclose(hessian.Apply(block.select(1, i).contiguous()), 1e-12, 1e-14));
            for (var j = 0; j < i; j++)
                Assert.Equal(
                    block.select(1, j).dot(images.select(1, i)).item<double>(),
                    block.select(1, i).dot(images.select(1, j)).item<double>(),
                    1e-12
                );
        }
    }

    [Fact]
    public void Shape_of_an_eigenvector_on_one_parameter_is_one_and_its_layer_has_it_all()
    {
        using var problem = new TinyProblem();
        using var scope = NewDisposeScope();
        var n = problem.Objective.Layout.Dimension;
        var vectors = zeros([2, n], dtype: ScalarType.Float64);
        vectors[0, 0] = 1.0;
        vectors[1] = ones(n, dtype: ScalarType.Float64) / Math.Sqrt(n);
        var gradient = zeros(n, dtype: ScalarType.Float64);
        gradient[0] = 3.0;
        gradient[1] = 4.0;
        var shape = EigenvectorShape.Measure(vectors, gradient, problem.Objective.Layout);
        Assert.Equal(1, shape.ParticipationRatios[0], 1e-12);
        Assert.Equal(1.0 / n, shape.ParticipationRatios[1], 1e-12);
        Assert.Equal(1, shape.LayerShares["layer0.weight"][0], 1e-12);
        Assert.Equal(20.0 / n, shape.LayerShares["layer0.weight"][1], 1e-12);
        Assert.Equal(1, shape.LayerShares.Values.Sum(shares => shares[1]), 1e-12);
        Assert.Equal((9 + 49.0 / n) / 25, shape.GradientAlignment, 1e-12);
    }

    /// <summary>
    /// As many float32 numbers as the main job's network has: summed in float32 the overlap is off by 1e-6 here, and by
    /// 3e-5 for eigenvectors of that network.
    /// </summary>
    [Theory]
    [InlineData(0)]
    [InlineData(0.1)]
    [InlineData(30)]
    public void The_overlap_of_long_float32_vectors_is_that_of_the_turn_put_in(double degrees)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(12);
        var rows = linalg.qr(randn([200_000, 3], dtype: ScalarType.Float64, generator: generator)).Q.t();
        var (cosine, sine) = (Math.Cos(degrees * Math.PI / 180), Math.Sin(degrees * Math.PI / 180));
        // Vectors 1 and 2 span the first space; the second space holds vector 1 and vector 2 turned towards 3, mixed,
        // so that nothing cancels by itself.
        var first = rows.slice(0, 0, 2, 1);
        var second = tensor(
                new[,]
                {
                    { 0.6, 0.8 },
                    { -0.8, 0.6 },
                }
            )
            .mm(stack([rows[0], cosine * rows[1] + sine * rows[2]]));
        var gram = EigenvectorShape.Gram(first.to(ScalarType.Float32), second.to(ScalarType.Float32));
        var overlap = gram.Cast<double>().Sum(value => value * value) / 2;
        Assert.Equal(sine * sine / 2, 1 - overlap, 1e-9);
    }

    [Fact]
    public void History_keeps_two_bursts_and_guesses_from_an_even_distance()
    {
        using var history = new EigenpairHistory();
        foreach (
            var (step, burst) in new (long, int)[]
            {
                (0, 0),
                (1, 1),
                (2, 2),
                (10, 0),
                (11, 1),
                (12, 2),
                (20, 0),
                (21, 1),
            }
        )
            history.Add(new KeptEigenvectors(step, burst, eye(1, 4)));
        Assert.Equal([10, 11, 12, 20, 21], history.Kept.Select(kept => kept.Step));
        Assert.Equal(20, history.LastBurstStart()!.Step);
        Assert.Equal(20, history.BestGuess(22)!.Step);
        Assert.Equal(21, history.BestGuess(23)!.Step);
        Assert.Equal(12, history.At(12)!.Step);
        Assert.Null(history.At(2));
    }

    [Fact]
    public void A_sketch_keeps_inner_products_within_its_stated_deviation()
    {
        using var scope = NewDisposeScope();
        const int width = 256;
        using var generator = new Generator(5);
        var (u, v) = (
            randn(3000, dtype: ScalarType.Float64, generator: generator),
            randn(3000, dtype: ScalarType.Float64, generator: generator)
        );
        var pair = stack([u / u.norm(), v / v.norm()]);
        var exact = pair[0].dot(pair[1]).item<double>();
        var errors = Enumerable.Range(0, 200).Select(seed => SketchedProduct(pair, width, seed) - exact).ToArray();
        var deviation = Math.Sqrt(errors.Average(error => error * error));
        Assert.InRange(deviation, 0.3 * Math.Sqrt(1.0 / width), Math.Sqrt(2.0 / width));
        Assert.InRange(errors.Average(), -4 * deviation / Math.Sqrt(200), 4 * deviation / Math.Sqrt(200));
    }

    private static double SketchedProduct(Tensor pair, int width, int seed)
    {
        using var inner = NewDisposeScope();
        using var sketch = new CountSketch(pair.shape[1], width, seed, ScalarType.Float64, CPU);
        var images = sketch.Apply(pair);
        return images[0].dot(images[1]).item<double>();
    }
}
