using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Spectral;

/// <summary>
/// Power iteration with deflation and the stopping rule that most programs use today: stop when the value changes by
/// less than a tolerance. It is here for comparison only. It finds the largest magnitude, not the largest value, and
/// gives no error bar for the eigenvector, which it leaves tens of degrees off.
/// </summary>
public static class PowerIteration
{
    /// <summary>Finds k pairs, one after another.</summary>
    /// <param name="operator">The operator; must be symmetric.</param>
    /// <param name="count">The number of pairs, k.</param>
    /// <param name="tolerance">The relative change of the value between two products at which a pair is accepted;
    /// 1e-3 is PyHessian's default.</param>
    /// <param name="maxProducts">The maximum number of products per pair; 100 is PyHessian's default.</param>
    /// <param name="seed">Seed for the start vectors.</param>
    /// <returns>The values in the order found, the vectors <c>[k, n]</c> in the caller's dispose scope, and the
    /// number of products used.</returns>
    public static (double[] Values, Tensor Vectors, int Products) Solve(
        ISymmetricOperator @operator,
        int count = 1,
        double tolerance = 1e-3,
        int maxProducts = 100,
        long seed = 0
    )
    {
        ArgumentNullException.ThrowIfNull(@operator);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        using var none = no_grad();
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed, CPU);
        var found = new List<Tensor>();
        var values = new List<double>();
        var products = 0;
        for (var pair = 0; pair < count; pair++)
        {
            var vector = Deflated(
                randn([@operator.Dimension], ScalarType.Float64, CPU, generator: generator)
                    .to(@operator.Dtype, @operator.Device),
                found
            );
            var value = double.NaN;
            for (var used = 0; used < maxProducts; used++)
            {
                using var inner = NewDisposeScope();
                var image = @operator.Apply(vector);
                products++;
                var next = Host.Number(vector.dot(image));
                vector = Deflated(image, found).MoveToOuterDisposeScope();
                var change = Math.Abs(next - value) / (Math.Abs(value) + 1e-6);
                value = next;
                if (change < tolerance)
                    break;
            }
            found.Add(vector);
            values.Add(value);
        }
        return ([.. values], stack([.. found]).MoveToOuterDisposeScope(), products);
    }

    private static Tensor Deflated(Tensor vector, List<Tensor> found)
    {
        using var scope = NewDisposeScope();
        foreach (var earlier in found)
            vector = vector - earlier * earlier.dot(vector);
        return (vector / (vector.norm() + 1e-30)).MoveToOuterDisposeScope();
    }
}
