using MathNet.Numerics.LinearAlgebra;

namespace Gyre.Lab.Theory;

/// <summary>One exact eigenpair.</summary>
/// <param name="Value">The eigenvalue, lambda.</param>
/// <param name="Vector">The eigenvector, <c>[n]</c>, of length 1 with a positive largest entry.</param>
/// <param name="Unit">The unit with nonzero entries.</param>
internal sealed record ExactPair(double Value, double[] Vector, int Unit);

/// <summary>
/// Eigenpairs of a diagonal linear network's Hessian, block by block, to the last digits of float64. Cost: w dense
/// problems of size D.
/// </summary>
internal static class DiagonalSpectrum
{
    /// <summary>Returns all n eigenpairs, largest eigenvalue first.</summary>
    public static IReadOnlyList<ExactPair> Compute(DiagonalLinearNetwork network, IReadOnlyList<double> theta)
    {
        ArgumentNullException.ThrowIfNull(network);
        return
        [
            .. Enumerable
                .Range(0, network.Width)
                .SelectMany(unit => ComputeUnit(network, theta, unit))
                .OrderByDescending(pair => pair.Value),
        ];
    }

    /// <summary>Returns the largest eigenvalue.</summary>
    public static double Sharpness(DiagonalLinearNetwork network, IReadOnlyList<double> theta) =>
        Compute(network, theta)[0].Value;

    /// <summary>
    /// Returns the first-order change of the leading eigenvector as theta moves along a direction:
    /// Σ_j v_j (v_jᵀ dH v_1)/(lambda_1 − lambda_j) over the other eigenvectors, per unit length of the direction.
    /// lambda_1 must be simple.
    /// </summary>
    /// <returns><c>[n]</c>, orthogonal to v_1; null if the two leading eigenvalues agree to 1e-12 of their
    /// size.</returns>
    public static double[]? LeadingTurn(
        DiagonalLinearNetwork network,
        IReadOnlyList<double> theta,
        IReadOnlyList<double> direction
    )
    {
        ArgumentNullException.ThrowIfNull(network);
        var pairs = Compute(network, theta);
        var first = pairs[0];
        if (pairs.Count > 1 && first.Value - pairs[1].Value <= 1e-12 * Math.Abs(first.Value))
            return null;
        var along = network.Unit(first.Vector, first.Unit);
        var change = network.BlockDerivative(theta, first.Unit, direction);
        var turn = new double[network.Dimension];
        foreach (var other in pairs.Skip(1).Where(pair => pair.Unit == first.Unit))
        {
            var weight = Form(network.Unit(other.Vector, first.Unit), change, along) / (first.Value - other.Value);
            for (var j = 0; j < turn.Length; j++)
                turn[j] += weight * other.Vector[j];
        }
        return turn;
    }

    /// <summary>Returns the first-order change of the sharpness along a direction, v_1ᵀ dH v_1.</summary>
    public static double SharpnessSlope(
        DiagonalLinearNetwork network,
        IReadOnlyList<double> theta,
        IReadOnlyList<double> direction
    )
    {
        ArgumentNullException.ThrowIfNull(network);
        var first = Compute(network, theta)[0];
        var along = network.Unit(first.Vector, first.Unit);
        return Form(along, network.BlockDerivative(theta, first.Unit, direction), along);
    }

    private static IEnumerable<ExactPair> ComputeUnit(
        DiagonalLinearNetwork network,
        IReadOnlyList<double> theta,
        int unit
    )
    {
        var block = Matrix<double>.Build.DenseOfArray(network.Block(theta, unit));
        if (!block.Enumerate().All(double.IsFinite))
            return Enumerable.Repeat(
                new ExactPair(double.NaN, Enumerable.Repeat(double.NaN, network.Dimension).ToArray(), unit),
                network.Depth
            );
        // Scaled to size 1, since the solver squares entries, and those of a diverging network would overflow.
        var size = block.Enumerate().Max(Math.Abs);
        var solved = (size > 0 ? block / size : block).Evd(Symmetricity.Symmetric);
        return Enumerable
            .Range(0, network.Depth)
            .Select(k => new ExactPair(
                solved.EigenValues[k].Real * (size > 0 ? size : 1),
                Embedded(network, solved.EigenVectors.Column(k), unit),
                unit
            ));
    }

    private static double[] Embedded(DiagonalLinearNetwork network, Vector<double> vector, int unit)
    {
        var sign = vector[vector.AbsoluteMaximumIndex()] < 0 ? -1 : 1;
        var embedded = new double[network.Dimension];
        for (var d = 0; d < network.Depth; d++)
            embedded[d * network.Width + unit] = sign * vector[d];
        return embedded;
    }

    private static double Form(double[] left, double[,] matrix, double[] right)
    {
        var sum = 0.0;
        for (var a = 0; a < left.Length; a++)
        {
            for (var b = 0; b < right.Length; b++)
                sum += left[a] * matrix[a, b] * right[b];
        }
        return sum;
    }
}
