using Gyre.Lab.Theory;

namespace Gyre.Tests.Lab.Theory;

/// <summary>The statements of docs/theory.md on L = ½(xy − 1)², each against the map itself.</summary>
public class TwoParameterTests
{
    private static readonly DiagonalLinearNetwork Network = DiagonalLinearNetwork.TwoParameters;

    [Fact]
    public void A_step_changes_residual_size_and_imbalance_as_stated()
    {
        var random = new Random(1);
        for (var draw = 0; draw < 500; draw++)
        {
            var (x, y, eta) = (4 * random.NextDouble() - 2, 4 * random.NextDouble() - 2, random.NextDouble());
            var (r, s, q) = (x * y - 1, x * x + y * y, x * x - y * y);
            var next = Network.Step([x, y], eta);
            Assert.Equal(next[0] * next[1] - 1, r * (1 - eta * s + eta * eta * r * (1 + r)), 1e-12 * (1 + s * s * s));
            Assert.Equal(
                next[0] * next[0] + next[1] * next[1],
                s - 4 * eta * r * (1 + r) + eta * eta * r * r * s,
                1e-12 * (1 + s * s * s)
            );
            Assert.Equal(
                next[0] * next[0] - next[1] * next[1],
                TwoParameterModel.NextImbalance(q, r, eta),
                1e-12 * (1 + s * s * s)
            );
        }
    }

    [Theory]
    [InlineData(1.0001)]
    [InlineData(1.1)]
    [InlineData(1.2)]
    [InlineData(1.23606)]
    [InlineData(1.5)]
    [InlineData(1.9)]
    public void The_period_two_orbit_comes_back_and_its_multipliers_are_those_of_the_map(double eta)
    {
        var orbit = TwoParameterModel.BalancedOrbit(eta)!;
        double[] At(double u) => [u, u];
        Assert.Equal(orbit.Second, Network.Step(At(orbit.First), eta)[0], 1e-12);
        Assert.Equal(orbit.First, Network.Step(At(orbit.Second), eta)[0], 1e-12);
        // Multipliers as eigenvalues of the product of I − eta·H at the two points, whose eigenvectors are (1, 1) and
        // (1, −1).
        double Multiplier(double sign) =>
            new[] { orbit.First, orbit.Second }.Aggregate(
                1.0,
                (product, u) => product * (1 - eta * (u * u + sign * (2 * u * u - 1)))
            );
        Assert.Equal(Multiplier(1), orbit.AlongMultiplier, 1e-9);
        Assert.Equal(Multiplier(-1), orbit.ImbalanceMultiplier, 1e-9);
        Assert.Equal(eta < TwoParameterModel.OrbitLosesStability, orbit.Stable);
    }

    [Theory]
    [InlineData(0.999, false)]
    [InlineData(1.1, true)]
    [InlineData(1.235, true)]
    public void Starts_off_the_line_come_to_the_orbit_where_it_is_stable_and_to_a_minimum_before_it_appears(
        double eta,
        bool orbits
    )
    {
        var (x, y) = TwoParameterModel.Point(0.5, 0.9);
        double[] theta = [x, y];
        for (var step = 0; step < 100_000; step++)
            theta = Network.Step(theta, eta);
        var orbit = TwoParameterModel.BalancedOrbit(eta);
        Assert.Equal(orbits, orbit is not null);
        if (orbit is null)
        {
            Assert.Equal(1, theta[0] * theta[1], 1e-9);
            return;
        }
        Assert.Equal(theta[0], theta[1], 1e-6);
        Assert.Equal(
            [orbit.Second, orbit.First],
            new[] { theta[0], Network.Step(theta, eta)[0] }.Order(),
            (a, b) => Math.Abs(a - b) < 1e-6
        );
    }

    [Fact]
    public void Below_its_rate_there_is_no_orbit() => Assert.Null(TwoParameterModel.BalancedOrbit(0.9999));

    [Theory]
    [InlineData(0.3)]
    [InlineData(1)]
    [InlineData(1.7)]
    public void On_the_two_lines_starts_diverge_beyond_the_bounds_and_not_within(double eta)
    {
        bool Diverges(double x, double y)
        {
            double[] theta = [x, y];
            for (var step = 0; step < 20_000 && Math.Abs(theta[0]) < 1e8; step++)
                theta = Network.Step(theta, eta);
            return !(Math.Abs(theta[0]) < 1e8);
        }
        foreach (
            var (bound, sign) in new[]
            {
                (TwoParameterModel.BalancedBound(eta), 1),
                (TwoParameterModel.OpposedBound(eta), -1),
            }
        )
        {
            Assert.False(Diverges(Math.Sqrt(0.999 * bound), sign * Math.Sqrt(0.999 * bound)));
            Assert.True(Diverges(Math.Sqrt(1.001 * bound), sign * Math.Sqrt(1.001 * bound)));
        }
    }

    [Fact]
    public void At_rate_two_the_largest_image_of_the_line_is_its_bound()
    {
        // g(u) = u(1 + eta − eta·u²) is largest where g' = 0, at u² = (1 + eta)/(3·eta).
        double Largest(double eta) =>
            Network.Step([Math.Sqrt((1 + eta) / (3 * eta)), Math.Sqrt((1 + eta) / (3 * eta))], eta)[0];
        Assert.Equal(Math.Sqrt(TwoParameterModel.BalancedBound(2)), Largest(2), 1e-12);
        Assert.True(Largest(1.99) < Math.Sqrt(TwoParameterModel.BalancedBound(1.99)));
        Assert.True(Largest(2.01) > Math.Sqrt(TwoParameterModel.BalancedBound(2.01)));
    }

    [Theory]
    [InlineData(3, 0.2)]
    [InlineData(0.1, 1.4)]
    [InlineData(1.5, -0.3)]
    public void Flow_keeps_the_imbalance_and_ends_at_the_sharpness_of_its_minimum(double x, double y)
    {
        var end = GradientFlow.Follow(Network, [x, y]);
        Assert.True(end.Arrived);
        var q = x * x - y * y;
        Assert.Equal(q, end.Theta[0] * end.Theta[0] - end.Theta[1] * end.Theta[1], 1e-7);
        Assert.Equal(1, end.Theta[0] * end.Theta[1], 1e-9);
        Assert.Equal(TwoParameterModel.SharpnessOfMinimum(q), end.Sharpness, 1e-7);
    }

    [Fact]
    public void Points_have_the_imbalance_and_product_they_were_asked_for()
    {
        foreach (var (imbalance, product) in new[] { (0.0, 1.0), (5, 0.9), (-3, 0.5), (1e6, 1) })
        {
            var (x, y) = TwoParameterModel.Point(imbalance, product);
            Assert.Equal(product, x * y, 1e-12);
            Assert.Equal(imbalance, x * x - y * y, 1e-12 * (1 + Math.Abs(imbalance)));
        }
    }
}
