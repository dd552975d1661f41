using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Landscape;

/// <summary>The plane in which the iterates of a window spread most.</summary>
/// <param name="Mean">The mean of the iterates, <c>[n]</c> in float64.</param>
/// <param name="Directions">Unit vectors <c>[2, n]</c> in float64, each pointing from the first iterate towards the
/// last; null if the iterates lie on one line or there are fewer than three.</param>
/// <param name="Shares">Share of the variance along every principal direction, largest first; empty if the iterates
/// do not move.</param>
internal sealed record PrincipalPlane(Tensor Mean, Tensor? Directions, IReadOnlyList<double> Shares)
{
    /// <summary>
    /// A direction with a smaller share of the variance is due to rounding: the small matrix holds squares (chosen:
    /// well above float64's 2e-16).
    /// </summary>
    private const double Least = 1e-12;

    /// <summary>
    /// Fits the plane by the eigenvectors of the small matrix of inner products of the centered iterates, without a
    /// matrix of size n. At most two iterates are in float64 at a time. The tensors are in the caller's dispose
    /// scope.
    /// </summary>
    public static PrincipalPlane Fit(IReadOnlyList<Tensor> thetas)
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        var mean = zeros_like(thetas[0], ScalarType.Float64);
        foreach (var theta in thetas)
            mean.add_(theta);
        mean = mean / thetas.Count;
        var (values, vectors) = linalg.eigh(Gram(thetas, mean));
        var (variances, weights) = (
            Host.CopyFromHost(values).Reverse().Select(value => Math.Max(0, value)).ToArray(),
            vectors
        );
        var total = variances.Sum();
        double[] shares = total > 0 ? [.. variances.Select(value => value / total)] : [];
        var directions = shares.Length > 2 && shares[1] > Least ? Directed(thetas, mean, weights) : null;
        return new PrincipalPlane(mean.MoveToOuterDisposeScope(), directions?.MoveToOuterDisposeScope(), shares);
    }

    private static Tensor Gram(IReadOnlyList<Tensor> thetas, Tensor mean)
    {
        var gram = new double[thetas.Count, thetas.Count];
        for (var i = 0; i < thetas.Count; i++)
        {
            using var row = NewDisposeScope();
            var one = thetas[i].to(ScalarType.Float64) - mean;
            for (var j = 0; j <= i; j++)
            {
                using var column = NewDisposeScope();
                gram[i, j] = gram[j, i] = Host.Number(one.dot(thetas[j].to(ScalarType.Float64) - mean));
            }
        }
        return tensor(gram, device: CPU);
    }

    /// <summary>
    /// Sums the centered iterates, weighted by the last two eigenvectors, which belong to the largest eigenvalues.
    /// The second sum is orthogonalized against the first, since the squares lost half of its digits.
    /// </summary>
    private static Tensor Directed(IReadOnlyList<Tensor> thetas, Tensor mean, Tensor weights)
    {
        var count = thetas.Count;
        var made = new List<Tensor>();
        foreach (var column in new[] { count - 1, count - 2 })
        {
            var sum = zeros_like(mean);
            for (var i = 0; i < count; i++)
            {
                using var scope = NewDisposeScope();
                sum.add_((thetas[i].to(ScalarType.Float64) - mean) * weights[i, column]);
            }
            foreach (var before in made)
                sum = sum - before * before.dot(sum);
            var along = Host.Number((thetas[^1].to(ScalarType.Float64) - thetas[0].to(ScalarType.Float64)).dot(sum));
            made.Add((along < 0 ? -sum : sum) / sum.norm());
        }
        return stack(made);
    }
}
