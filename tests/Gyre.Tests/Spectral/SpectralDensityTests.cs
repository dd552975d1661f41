using Gyre.Spectral;
using Gyre.Tests.TestKit;
using static TorchSharp.torch;

namespace Gyre.Tests.Spectral;

public sealed class SpectralDensityTests : IDisposable
{
    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    /// <summary>
    /// With as many steps as there are eigenvalues a quadrature is the spectrum itself, weighted by the start: of a
    /// Rademacher start and a diagonal matrix, equally.
    /// </summary>
    [Fact]
    public void With_every_step_the_nodes_of_a_diagonal_matrix_are_its_eigenvalues_equally_weighted()
    {
        double[] values = [-3, -0.5, 0.25, 1, 2.5, 5, 9];
        var density = SpectralDensity.Estimate(new DiagonalOperator(tensor(values)), 2, 7, 1);

        foreach (var probe in density.Probes)
        {
            Assert.All(values.Zip(probe.Values), pair => Assert.Equal(pair.First, pair.Second, 1e-10));
            Assert.All(probe.Weights, weight => Assert.Equal(1.0 / 7, weight, 1e-10));
        }
        Assert.Equal(14, density.Products);
    }

    /// <summary>
    /// Gauss quadrature is exact to degree 2m − 1: zᵀHᵖz/n of the very vectors drawn, computed from the dense matrix.
    /// </summary>
    [Fact]
    public void Moments_are_those_of_the_random_vectors_to_degree_twice_the_steps_less_one()
    {
        var (matrix, _) = Spectra.Dense(Spectra.Leading(60, 90, 55), 4);
        var density = SpectralDensity.Estimate(new DenseOperator(matrix), 3, 4, 8);
        using var generator = new Generator(8, CPU);
        var signs = Enumerable
            .Range(0, 3)
            .Select(_ => randn([60], ScalarType.Float32, CPU, generator: generator).sign().to(ScalarType.Float64))
            .ToArray();

        for (var power = 0; power <= 7; power++)
        {
            var expected = signs.Average(z =>
            {
                var image = z;
                for (var i = 0; i < power; i++)
                    image = matrix.mv(image);
                return z.dot(image).item<double>() / 60;
            });
            Assert.Equal(1, density.Moment(power).Value / expected, 1e-9);
        }
        Assert.NotEqual(
            1,
            density.Moment(10).Value / signs.Average(z => z.dot(matrix.matrix_power(10).mv(z)).item<double>() / 60),
            1e-9
        );
    }

    /// <summary>
    /// Of a prescribed spectrum the true shares lie in the intervals, over seeds and places, at least as often as they
    /// say.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Intervals_of_the_cumulative_distribution_cover_the_true_shares(bool deflated)
    {
        var values = Spectra.Leading(200, 120, 80, 45);
        var (matrix, vectors) = Spectra.Dense(values, 5);
        var (inside, all, width) = (0, 0, 0.0);
        for (var seed = 0; seed < 40; seed++)
        {
            using var scope = NewDisposeScope();
            var density = deflated
                ? SpectralDensity.Estimate(
                    new DenseOperator(matrix),
                    4,
                    12,
                    seed,
                    values[..3],
                    vectors.t()[TensorIndex.Slice(0, 3)].contiguous()
                )
                : SpectralDensity.Estimate(new DenseOperator(matrix), 4, 12, seed);
            foreach (var place in new[] { -1.0, 3, 7, 10, 15, 19, 30, 100 })
            {
                var share = density.AtMost(place);
                var exact = values.Count(value => value <= place) / 200.0;
                all++;
                if (share.Low <= exact && exact <= share.High)
                    inside++;
                width += share.High - share.Low;
            }
        }
        Assert.InRange((double)inside / all, 0.95, 1);
        Assert.InRange(width / all, 0, 0.25); // and say something
    }

    [Fact]
    public void Known_pairs_are_counted_exactly_and_their_values_appear_in_no_quadrature()
    {
        var values = Spectra.Leading(80, 300, 200);
        var (matrix, vectors) = Spectra.Dense(values, 9);
        var density = SpectralDensity.Estimate(
            new DenseOperator(matrix),
            3,
            20,
            2,
            values[..2],
            vectors.t()[TensorIndex.Slice(0, 2)].contiguous()
        );

        Assert.True(density.Probes.SelectMany(probe => probe.Values).Max() < 21);
        Assert.Equal((-0.5, 300.0), (Math.Min(density.Ends.Low, -0.5), density.Ends.High));
        Assert.All(density.Probes, probe => Assert.Equal(78.0 / 80, probe.Weights.Sum(), 1e-10));
        Assert.Equal(1 - 1.0 / 80, density.AtMost(250).Value, 1e-9); // all but the largest
    }

    [Fact]
    public void The_smoothed_density_integrates_to_one_and_peaks_where_the_eigenvalues_are()
    {
        double[] values = [.. Enumerable.Repeat(2.0, 30), .. Enumerable.Repeat(7.0, 10)];
        var (matrix, _) = Spectra.Dense(values, 3);
        var density = SpectralDensity.Estimate(new DenseOperator(matrix), 20, 10, 1);
        double[] places = [.. Enumerable.Range(0, 1001).Select(i => i * 0.01)];
        var curve = density.Smoothed(places, _ => 0.1);

        Assert.Equal(1, curve.Sum(point => point.Value) * 0.01, 1e-3);
        Assert.Equal(200, places.Index().MaxBy(place => curve[place.Index].Value).Index);
        var share = curve.Where((_, i) => places[i] > 5).Sum(point => point.Value) * 0.01;
        Assert.InRange(
            Math.Abs(share - 0.25) / (density.AtMost(5) is var at ? (at.High - at.Low) / 2 + 1e-9 : 1),
            0,
            2
        );
    }

    [Fact]
    public void Nothing_is_left_behind_and_equal_seeds_give_equal_numbers()
    {
        var (matrix, _) = Spectra.Dense(Spectra.Crowded(50), 6);
        using var unchanged = LiveTensors.AssertUnchanged();
        var (first, second) = (
            SpectralDensity.Estimate(new DenseOperator(matrix), 3, 8, 5),
            SpectralDensity.Estimate(new DenseOperator(matrix), 3, 8, 5)
        );
        Assert.Equal(first.Probes.SelectMany(probe => probe.Values), second.Probes.SelectMany(probe => probe.Values));
    }

    [Fact]
    public void What_cannot_be_estimated_is_refused()
    {
        var identity = new DiagonalOperator(ones(5, dtype: ScalarType.Float64));
        Assert.Throws<ArgumentOutOfRangeException>(() => SpectralDensity.Estimate(identity, 1, 3, 0));
        Assert.Throws<ArgumentException>(() => SpectralDensity.Estimate(identity, 2, 3, 0, [1.0]));
        Assert.Throws<ArithmeticException>(() =>
            SpectralDensity.Estimate(new DiagonalOperator(full([5], double.NaN, dtype: ScalarType.Float64)), 2, 3, 0)
        );
    }
}
