using Gyre.Lab.Theory;

namespace Gyre.Tests.Lab.Theory;

/// <summary>
/// The paper's statements on depth (arXiv 2412.17613) as docs/theory.md derives them, for depths 1, 2, 3 and 5.
/// </summary>
public class TurnTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void Growth_along_the_sharpest_direction_turns_v1_away_from_the_sharpest_parameter_if_and_only_if_there_is_depth(
        int depth
    )
    {
        var network = new DiagonalLinearNetwork(depth, [1]);
        var random = new Random(depth);
        for (var draw = 0; draw < 50; draw++)
        {
            var minimum = Minimum(random, depth);
            var first = DiagonalSpectrum.Compute(network, minimum)[0];
            var growing = Growing(first.Vector); // the sense in which the output grows
            var turn = DiagonalSpectrum.LeadingTurn(network, minimum, growing)!;
            var sharpest = Enumerable.Range(0, depth).MinBy(d => Math.Abs(minimum[d]));
            var change = turn[sharpest] * Math.Sign(first.Vector[sharpest]);
            if (depth == 1)
                Assert.Equal(0, change);
            else
                Assert.True(change < 0, $"{change} at {string.Join(", ", minimum)}");
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void The_rate_of_the_turn_is_that_of_perturbation_theory_of_the_closed_form_and_of_the_eigenvectors_themselves(
        int depth
    )
    {
        var network = new DiagonalLinearNetwork(depth, [1]);
        var random = new Random(10 + depth);
        for (var draw = 0; draw < 20; draw++)
        {
            var minimum = Minimum(random, depth);
            var first = DiagonalSpectrum.Compute(network, minimum)[0];
            var direction = Growing(first.Vector);
            var turn = DiagonalSpectrum.LeadingTurn(network, minimum, direction)!;
            // Closed form at a minimum of target 1: dv_d = −2(θ_d⁻² − m)/(s·θ_d) with s = Σ θ⁻², m = Σ θ⁻⁴/s, v_d =
            // 1/(θ_d·√s).
            var (s, fourth) = (minimum.Sum(t => 1 / (t * t)), minimum.Sum(t => Math.Pow(t, -4)));
            var sense = Math.Sign(first.Vector[0] * minimum[0]);
            for (var d = 0; d < depth; d++)
                Assert.Equal(
                    -2 * (1 / (minimum[d] * minimum[d]) - fourth / s) / (s * minimum[d]) * sense,
                    turn[d],
                    1e-9
                );
            var best = new[] { 1e-2, 1e-3, 1e-4, 1e-5 }.Min(h =>
                Distance(turn, Seen(network, minimum, direction, first.Vector, h))
            );
            Assert.True(best < 1e-6, $"{best}");
        }
    }

    [Fact]
    public void With_two_parameters_the_turn_is_the_slope_of_the_angle()
    {
        foreach (var x in new[] { 1.2, 2, 3.5 })
        {
            var turn = DiagonalSpectrum.LeadingTurn(
                DiagonalLinearNetwork.TwoParameters,
                [x, 1 / x],
                Growing(DiagonalSpectrum.Compute(DiagonalLinearNetwork.TwoParameters, [x, 1 / x])[0].Vector)
            )!;
            Assert.Equal(TwoParameterModel.TurnAtMinimum(x), Math.Sqrt(turn.Sum(entry => entry * entry)), 1e-12);
            var (u, v) = (1 / x / Math.Sqrt(x * x + 1 / (x * x)), x / Math.Sqrt(x * x + 1 / (x * x)));
            var slope =
                (
                    TwoParameterModel.LeadingAngle(x + 1e-5 * u, 1 / x + 1e-5 * v)
                    - TwoParameterModel.LeadingAngle(x - 1e-5 * u, 1 / x - 1e-5 * v)
                ) / 2e-5;
            Assert.Equal(slope, TwoParameterModel.TurnAtMinimum(x), 1e-8);
        }
    }

    [Fact]
    public void In_the_other_half_of_a_bounce_v1_turns_towards_it()
    {
        double[] minimum = [2, 0.5];
        var first = DiagonalSpectrum.Compute(DiagonalLinearNetwork.TwoParameters, minimum)[0];
        var turn = DiagonalSpectrum.LeadingTurn(
            DiagonalLinearNetwork.TwoParameters,
            minimum,
            [.. Growing(first.Vector).Select(entry => -entry)]
        )!;
        Assert.True(turn[1] * Math.Sign(first.Vector[1]) > 0);
    }

    [Fact]
    public void A_balanced_minimum_does_not_turn() =>
        Assert.All(
            DiagonalSpectrum.LeadingTurn(new DiagonalLinearNetwork(3, [1]), [1, 1, 1], [1, 1, 1])!,
            entry => Assert.Equal(0, entry, 1e-14)
        );

    [Fact]
    public void Where_the_leading_eigenvalue_is_double_there_is_no_turn_to_speak_of() =>
        Assert.Null(DiagonalSpectrum.LeadingTurn(new DiagonalLinearNetwork(2, [1, 1]), [2, 2, 0.5, 0.5], [0, 0, 1, 1]));

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void Every_step_shrinks_every_imbalance_by_the_stated_factor(int depth)
    {
        var network = new DiagonalLinearNetwork(depth, [1]);
        var random = new Random(20 + depth);
        for (var draw = 0; draw < 200; draw++)
        {
            var theta = DiagonalLinearTests.Draw(random, network);
            var (next, residual, eta) = (network.Step(theta, 0.1), network.Residual(theta, 0), 0.1);
            for (var a = 0; a < depth; a++)
            {
                for (var b = 0; b < a; b++)
                {
                    var others = Enumerable
                        .Range(0, depth)
                        .Where(d => d != a && d != b)
                        .Aggregate(1.0, (product, d) => product * theta[d]);
                    Assert.Equal(
                        (theta[a] * theta[a] - theta[b] * theta[b]) * (1 - Math.Pow(eta * residual * others, 2)),
                        next[a] * next[a] - next[b] * next[b],
                        1e-12
                    );
                }
            }
        }
    }

    /// <summary>
    /// Unstable starts that come to a minimum end flatter than gradient flow from the same start, and with v1 farther
    /// from the sharpest parameter; at depth 1 neither happens.
    /// </summary>
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void Repeated_instabilities_lower_the_sharpness_that_is_finally_reached(int depth)
    {
        var network = new DiagonalLinearNetwork(depth, [1]);
        var random = new Random(30 + depth);
        var settled = 0;
        for (var draw = 0; draw < 40; draw++)
        {
            var minimum = Minimum(random, depth);
            double[] start = [.. minimum.Select(entry => entry * (1 + 0.02 * (random.NextDouble() - 0.5)))];
            var flow = GradientFlow.Follow(network, start);
            var eta = (1.02 + 0.2 * random.NextDouble()) * 2 / flow.Sharpness;
            var exact = ExactDescent.Follow(network, start, eta, 2000);
            if (Math.Abs(network.Residual(exact.Points[^1].Theta, 0)) > 1e-5)
                continue;
            settled++;
            Assert.True(
                exact.Points[^1].Sharpness < Math.Min(flow.Sharpness, 2 / eta),
                $"{exact.Points[^1].Sharpness} against {flow.Sharpness}"
            );
            Assert.True(exact.Points[^1].SharpestShare < exact.Points[0].SharpestShare + 1e-3);
        }
        Assert.True(settled >= 10, $"{settled} of 40 starts settled");
    }

    [Fact]
    public void Without_depth_nothing_turns_and_nothing_flattens()
    {
        var exact = ExactDescent.Follow(new DiagonalLinearNetwork(1, [1]), [3], 1.9, 200);
        Assert.All(exact.Points, point => Assert.Equal((1.0, 1.0), (point.Sharpness, point.Pairs[0].Vector[0])));
        Assert.Equal(
            Gyre.Lab.Dynamics.OutcomeKind.Diverged,
            ExactDescent.Follow(new DiagonalLinearNetwork(1, [1]), [3], 2.1, 400).Outcome.Kind
        );
    }

    /// <summary>Factors whose product is 1, no two of one size.</summary>
    private static double[] Minimum(Random random, int depth)
    {
        var logs = Enumerable.Range(0, depth).Select(_ => 1.6 * random.NextDouble() - 0.8).ToArray();
        var mean = logs.Average();
        return [.. logs.Select(log => Math.Exp(log - mean))];
    }

    private static double[] Growing(double[] vector) => vector.Sum() < 0 ? [.. vector.Select(entry => -entry)] : vector;

    private static double[] Seen(
        DiagonalLinearNetwork network,
        double[] minimum,
        double[] direction,
        double[] first,
        double h
    )
    {
        double[] At(double length)
        {
            var vector = DiagonalSpectrum
                .Compute(network, DiagonalLinearTests.Moved(minimum, direction, length))[0]
                .Vector;
            return vector.Zip(first, (a, b) => a * b).Sum() < 0 ? [.. vector.Select(entry => -entry)] : vector;
        }
        return [.. At(h).Zip(At(-h), (plus, minus) => (plus - minus) / (2 * h))];
    }

    private static double Distance(double[] a, double[] b) => a.Zip(b, (one, other) => Math.Abs(one - other)).Max();
}
