using Gyre.Lab.Landscape;
using static TorchSharp.torch;

namespace Gyre.Tests.Lab.Landscape;

public class PrincipalPlaneTests
{
    /// <summary>
    /// Iterates c + p·e + q·f with orthonormal e and f: the sums of p², q² about their means are the variances.
    /// </summary>
    [Theory]
    [InlineData(ScalarType.Float64, 1e-12)]
    [InlineData(ScalarType.Float32, 1e-6)]
    public void A_planar_trajectory_has_all_its_variance_in_two_known_directions(ScalarType dtype, double tolerance)
    {
        using var scope = NewDisposeScope();
        var (e, f) = (zeros(50, ScalarType.Float64), zeros(50, ScalarType.Float64));
        (e[3], e[7], f[20]) = (tensor(0.6), tensor(-0.8), tensor(1.0));
        double[] p = [-3, -1, 0, 1, 3],
            q = [0.5, -0.5, 0, -0.5, 0.5];
        var centre = arange(50, ScalarType.Float64) / tensor(10.0);
        Tensor[] thetas = [.. p.Zip(q, (one, other) => (centre + e * tensor(one) + f * tensor(other)).to(dtype))];

        var plane = PrincipalPlane.Fit(thetas);

        Assert.Equal(5, plane.Shares.Count);
        Assert.Equal(20.0 / 21, plane.Shares[0], tolerance);
        Assert.Equal(1.0 / 21, plane.Shares[1], tolerance);
        Assert.Equal(1, plane.Shares[0] + plane.Shares[1], tolerance);
        // from the first iterate to the last
        Assert.Equal(0, (plane.Directions![0] - e).norm().item<double>(), tolerance);
        Assert.Equal(1, Math.Abs(plane.Directions[1].dot(f).item<double>()), tolerance);
        Assert.Equal(0, plane.Directions[0].dot(plane.Directions[1]).item<double>(), 1e-14);
    }

    [Fact]
    public void A_straight_trajectory_has_no_plane_and_one_that_rests_no_shares()
    {
        using var scope = NewDisposeScope();
        var straight = PrincipalPlane.Fit([.. new[] { 0.0, 1, 3 }.Select(at => full(4, at, ScalarType.Float64))]);
        Assert.Null(straight.Directions);
        Assert.Equal(1, straight.Shares[0], 1e-14);
        var resting = PrincipalPlane.Fit([.. Enumerable.Range(0, 3).Select(_ => ones(4, ScalarType.Float64))]);
        Assert.Null(resting.Directions);
        Assert.Empty(resting.Shares);
    }
}
