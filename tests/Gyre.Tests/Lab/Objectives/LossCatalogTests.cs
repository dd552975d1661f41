using Gyre.Lab.Objectives;
using MathNet.Numerics.LinearAlgebra;
using static TorchSharp.torch;

namespace Gyre.Tests.Lab.Objectives;

public sealed class LossCatalogTests
{
    private const int Classes = 4;

    public static TheoryData<string> Losses => [.. LossCatalog.Names];

    /// <summary>
    /// Second derivatives are central differences of the loss, at outputs near labels and far from them.
    /// </summary>
    [Theory]
    [MemberData(nameof(Losses))]
    public void A_loss_that_is_called_convex_curves_upward_in_every_direction_of_the_outputs(string name)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(11);
        var least = double.PositiveInfinity;
        for (var trial = 0; trial < 40; trial++)
        {
            var place = randn([Classes], dtype: ScalarType.Float64, generator: generator) * (trial % 4 + 1);
            var outputs = place.data<double>().ToArray();
            var labels = tensor(new long[] { trial % Classes });
            var loss = LossCatalog.Get(name);
            var second = Second(at => loss(tensor(at).view(1, Classes), labels).item<double>(), outputs);
            least = Math.Min(least, second.Evd(Symmetricity.Symmetric).EigenValues.Min(value => value.Real));
        }
        Assert.Equal(LossCatalog.IsConvex(name), least > -1e-5);
    }

    [Fact]
    public void A_loss_that_is_not_there_is_refused() =>
        Assert.Throws<ArgumentException>(() => LossCatalog.IsConvex("hinge"));

    private static Matrix<double> Second(Func<double[], double> loss, double[] at)
    {
        const double step = 1e-4;
        double Moved(int i, double by, int j, double and)
        {
            var moved = (double[])at.Clone();
            moved[i] += by;
            moved[j] += and;
            return loss(moved);
        }
        double Crossed(int i, double by, int j) => Moved(i, by, j, step) - Moved(i, by, j, -step);
        return Matrix<double>.Build.Dense(
            at.Length,
            at.Length,
            (i, j) => (Crossed(i, step, j) - Crossed(i, -step, j)) / (4 * step * step)
        );
    }
}
