using Gyre.Lab.Theory;

namespace Gyre.Tests.Lab.Theory;

/// <summary>
/// Closed forms against finite differences of the loss alone, and against numbers worked out by hand.
/// </summary>
public class DiagonalLinearTests
{
    public static TheoryData<int, double[]> Networks =>
        new()
        {
            { 1, [0.5, -2] },
            { 2, [1] },
            { 2, [1, -0.7, 0.3] },
            { 3, [1] },
            { 5, [1, 2] },
        };

    [Fact]
    public void Two_parameters_are_as_by_hand()
    {
        var network = DiagonalLinearNetwork.TwoParameters;
        double[] theta = [3, 0.5]; // f = 1.5, r = 0.5
        Assert.Equal(0.125, network.Loss(theta));
        Assert.Equal([0.25, 1.5], network.Gradient(theta));
        Assert.Equal(
            new[,]
            {
                { 0.25, 2 },
                { 2, 9 },
            },
            network.Hessian(theta)
        );
        Assert.Equal([2.975, 0.35], network.Step(theta, 0.1).Select(entry => Math.Round(entry, 12)));
    }

    [Fact]
    public void A_factor_may_be_zero()
    {
        var network = new DiagonalLinearNetwork(3, [2]);
        double[] theta = [0, 3, 4]; // f = 0, r = −2; p = (12, 0, 0), p_bc = θ_a
        Assert.Equal([-24, 0, 0], network.Gradient(theta));
        Assert.Equal(
            new double[,]
            {
                { 144, -8, -6 },
                { -8, 0, 0 },
                { -6, 0, 0 },
            },
            network.Hessian(theta)
        );
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Gradient_Hessian_and_third_derivatives_are_those_of_the_loss(int depth, double[] targets)
    {
        var network = new DiagonalLinearNetwork(depth, targets);
        var random = new Random(depth);
        for (var draw = 0; draw < 10; draw++)
        {
            var (theta, direction) = (Draw(random, network), Draw(random, network));
            var slopes = Enumerable
                .Range(0, network.Dimension)
                .Select(j => Difference(h => network.Loss(Moved(theta, Unit(network, j), h))))
                .ToArray();
            AssertNear(slopes, network.Gradient(theta));
            for (var j = 0; j < network.Dimension; j++)
            {
                var row = Enumerable
                    .Range(0, network.Dimension)
                    .Select(i => Difference(h => network.Gradient(Moved(theta, Unit(network, j), h))[i]))
                    .ToArray();
                AssertNear(row, [.. Enumerable.Range(0, network.Dimension).Select(i => network.Hessian(theta)[i, j])]);
            }
            for (var unit = 0; unit < network.Width; unit++)
            {
                var derivative = network.BlockDerivative(theta, unit, direction);
                for (var a = 0; a < depth; a++)
                    AssertNear(
                        [
                            .. Enumerable
                                .Range(0, depth)
                                .Select(b => Difference(h => network.Block(Moved(theta, direction, h), unit)[a, b])),
                        ],
                        [.. Enumerable.Range(0, depth).Select(b => derivative[a, b])]
                    );
            }
        }
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Eigenpairs_make_the_Hessian_again(int depth, double[] targets)
    {
        var network = new DiagonalLinearNetwork(depth, targets);
        var theta = Draw(new Random(depth), network);
        var (pairs, hessian) = (DiagonalSpectrum.Compute(network, theta), network.Hessian(theta));
        Assert.Equal(pairs.Select(pair => pair.Value).OrderDescending(), pairs.Select(pair => pair.Value));
        for (var i = 0; i < network.Dimension; i++)
        {
            for (var j = 0; j < network.Dimension; j++)
                Assert.Equal(hessian[i, j], pairs.Sum(pair => pair.Value * pair.Vector[i] * pair.Vector[j]), 1e-12);
        }
    }

    [Fact]
    public void The_eigenpairs_of_two_parameters_are_those_of_the_closed_form()
    {
        var random = new Random(4);
        for (var draw = 0; draw < 200; draw++)
        {
            var (x, y) = (4 * random.NextDouble() - 2, 4 * random.NextDouble() - 2);
            var pairs = DiagonalSpectrum.Compute(DiagonalLinearNetwork.TwoParameters, [x, y]);
            var (largest, smallest) = TwoParameterModel.Eigenvalues(x, y);
            var angle = TwoParameterModel.LeadingAngle(x, y);
            Assert.Equal(largest, pairs[0].Value, 1e-13);
            Assert.Equal(smallest, pairs[1].Value, 1e-13);
            Assert.Equal(
                1,
                Math.Abs(pairs[0].Vector[0] * Math.Sin(angle) + pairs[0].Vector[1] * Math.Cos(angle)),
                1e-12
            );
        }
    }

    [Fact]
    public void What_cannot_be_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new DiagonalLinearNetwork(0, [1]));
        Assert.Throws<ArgumentException>(() => new DiagonalLinearNetwork(2, []));
        Assert.Throws<ArgumentException>(() => new DiagonalLinearNetwork(2, [double.NaN]));
        Assert.Throws<ArgumentException>(() => DiagonalLinearNetwork.TwoParameters.Loss([1, 2, 3]));
    }

    internal static double[] Draw(Random random, DiagonalLinearNetwork network) =>
        [.. Enumerable.Range(0, network.Dimension).Select(_ => 3 * random.NextDouble() - 1.5)];

    internal static double[] Moved(double[] theta, double[] direction, double length) =>
        [.. theta.Zip(direction, (at, along) => at + length * along)];

    /// <summary>
    /// Fourth-order central difference with one step of Richardson's, exact for these polynomials but for rounding.
    /// </summary>
    private static double Difference(Func<double, double> f)
    {
        double Central(double h) => (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h);
        return (16 * Central(0.005) - Central(0.01)) / 15;
    }

    private static double[] Unit(DiagonalLinearNetwork network, int j)
    {
        var unit = new double[network.Dimension];
        unit[j] = 1;
        return unit;
    }

    private static void AssertNear(double[] expected, double[] actual)
    {
        foreach (var (one, other) in expected.Zip(actual))
            Assert.Equal(one, other, 1e-8 * Math.Max(1, Math.Abs(one)));
    }
}
