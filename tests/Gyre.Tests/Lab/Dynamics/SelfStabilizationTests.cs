using Gyre.Lab.Dynamics;
using Gyre.Lab.Theory;

namespace Gyre.Tests.Lab.Dynamics;

/// <summary>The three variables of self-stabilisation on L = ½(xy − 1)², where everything is known.</summary>
public class SelfStabilizationTests
{
    private static readonly DiagonalLinearNetwork Network = DiagonalLinearNetwork.TwoParameters;

    [Fact]
    public void Arithmetic_is_as_by_hand()
    {
        // S = 12, 2/eta = 10, u·∇L = 6, u·∇S = 2, ‖∇S‖² = 29, ∇L·∇S = −3; at the bottom u·∇L = 1 and ∇L·∇S = −5.
        var found = SelfStabilization.Compute(12, 10, 6, 2, 29, -3, 1, -5);
        Assert.Equal(new SelfStabilization(0.5, 1, -3, 7, 25, 7 - 25 * 0.125), found);
        Assert.Equal(Math.Sqrt(14.0 / 25), found.FixedPoint);
        Assert.Equal(-0.6, found.NextDisplacement(0.2), 1e-15);
        Assert.True(double.IsNaN(SelfStabilization.Compute(12, 10, 6, 2, 29, -3, 1, 7).FixedPoint));
    }

    [Fact]
    public void Changes_are_of_consecutive_steps_alone()
    {
        var changes = SelfStabilization.Changes([(3, 10, 0.5, -4), (4, 10, 0.25, 2), (6, 10, 1, 1), (7, 20, -8, 0)]);
        Assert.Equal([(3L, -0.8, -0.25), (6L, 0.2, 1.0)], changes);
    }

    /// <summary>
    /// A minimum on the edge, left along v1: the displacement is found, flips as stated, and the sharpness at the
    /// bottom falls by eta·beta·x²/2, the better the smaller x.
    /// </summary>
    [Fact]
    public void Near_a_minimum_at_the_edge_the_model_is_right_to_its_order()
    {
        var errors = new[] { 0.04, 0.02, 0.01 }
            .Select(x =>
            {
                double[] minimum = [2.5, 0.4];
                var eta = 2 / DiagonalSpectrum.Sharpness(Network, minimum);
                var u = DiagonalSpectrum.Compute(Network, minimum)[0].Vector;
                double[] theta = [minimum[0] + x * u[0], minimum[1] + x * u[1]];
                var (now, next) = (Measure(theta, eta, u), Measure(Network.Step(theta, eta), eta, u));
                var change = SelfStabilization.Changes([
                    (0, 2 / eta, now.Distance, now.Drive),
                    (1, 2 / eta, next.Distance, next.Drive),
                ])[0];
                Assert.True(change.Predicted < 0);
                return (
                    Displacement: Math.Abs(now.Displacement / x - 1),
                    Flip: Math.Abs(now.NextDisplacement(eta) / next.Displacement - 1),
                    Change: Math.Abs(change.Seen / change.Predicted - 1)
                );
            })
            .ToArray();
        for (var i = 1; i < errors.Length; i++)
        {
            Assert.InRange(errors[i].Displacement / errors[i - 1].Displacement, 0.3, 0.7);
            Assert.InRange(errors[i].Change / errors[i - 1].Change, 0.1, 0.7);
        }
        Assert.True(errors[^1] is { Displacement: < 0.1, Change: < 0.1, Flip: < 0.1 }, $"{errors[^1]}");
    }

    /// <summary>
    /// On the valley's floor of this network descent stands still: nothing sharpens, and what a bounce does is flatten.
    /// </summary>
    [Fact]
    public void A_bounce_flattens_on_both_of_its_sides()
    {
        foreach (var side in new[] { 0.02, -0.02 })
        {
            double[] minimum = [2.5, 0.4];
            var u = DiagonalSpectrum.Compute(Network, minimum)[0].Vector;
            var found = Measure([minimum[0] + side * u[0], minimum[1] + side * u[1]], 0.3, u);
            Assert.True(found.Drive < 0);
            Assert.Equal(0, found.Alpha / found.Beta, 1e-4);
        }
    }

    private static SelfStabilization Measure(double[] theta, double eta, double[] alike)
    {
        var first = DiagonalSpectrum.Compute(Network, theta)[0];
        double[] u = Inner(first.Vector, alike) < 0 ? [.. first.Vector.Select(entry => -entry)] : first.Vector;
        double[] slope =
        [
            DiagonalSpectrum.SharpnessSlope(Network, theta, [1, 0]),
            DiagonalSpectrum.SharpnessSlope(Network, theta, [0, 1]),
        ];
        var gradient = Network.Gradient(theta);
        var x = Inner(u, gradient) / first.Value;
        var bottom = Network.Gradient([theta[0] - x * u[0], theta[1] - x * u[1]]);
        return SelfStabilization.Compute(
            first.Value,
            2 / eta,
            Inner(u, gradient),
            Inner(u, slope),
            Inner(slope, slope),
            Inner(gradient, slope),
            Inner(u, bottom),
            Inner(bottom, slope)
        );
    }

    private static double Inner(double[] a, double[] b) => a.Zip(b, (one, other) => one * other).Sum();
}
