using MathNet.Numerics.LinearAlgebra;

namespace Gyre.Lab.Dynamics;

/// <summary>The error bars of the eigenvectors of one measurement.</summary>
/// <param name="AnglesDegrees">Bound of the angle error of each vector; null if it is unresolved.</param>
/// <param name="BlockDegrees">Bound of the largest principal angle between the computed and the true space; null if
/// unresolved.</param>
public sealed record VectorErrors(IReadOnlyList<double?> AnglesDegrees, double? BlockDegrees);

/// <summary>
/// The rotation of k eigenvectors between two measurements, with the interval allowed by the error bars of both
/// measurements.
/// </summary>
/// <param name="Lag">The number of steps between the measurements; 0 for two solves at one theta.</param>
/// <param name="Overlap">Overlap ‖V V'ᵀ‖_F²/k = mean cos² of the principal angles, 0 to 1.</param>
/// <param name="OverlapLow">Smallest overlap of the true spaces within the error bars; 0 if unresolved.</param>
/// <param name="OverlapHigh">Largest overlap of the true spaces within the error bars; 1 if unresolved.</param>
/// <param name="Chance">Expected overlap of independent random spaces, k/n.</param>
/// <param name="Similarity">RotationSimilarity |⟨v_i, v_i'⟩| by rank i.</param>
/// <param name="SimilarityLow">Lower ends of the intervals of the similarity.</param>
/// <param name="SimilarityHigh">Upper ends of the intervals of the similarity.</param>
/// <param name="Matched">Similarity after the best matching of the eigenpairs.</param>
/// <param name="Match">For each earlier vector, the rank of the later vector matched to it.</param>
/// <param name="Polarity">⟨v_i, v_i'⟩ with signs carried along by continuity.</param>
public sealed record Rotation(
    int Lag,
    double Overlap,
    double OverlapLow,
    double OverlapHigh,
    double Chance,
    double[] Similarity,
    double[] SimilarityLow,
    double[] SimilarityHigh,
    double[] Matched,
    int[] Match,
    double[] Polarity
)
{
    /// <summary>The amount of rotation, 1 − overlap.</summary>
    public double Amount => 1 - Overlap;

    /// <summary>Computes the rotation between two measurements.</summary>
    /// <param name="gram">V·V'ᵀ <c>[k, k]</c>, with rows for the earlier and columns for the later vectors. The
    /// vectors are orthonormal, and their signs have been carried along.</param>
    /// <param name="earlier">Error bars of the earlier vectors.</param>
    /// <param name="later">Error bars of the later vectors.</param>
    /// <param name="lag">The number of steps between the measurements.</param>
    /// <param name="dimension">The number of parameters, n.</param>
    /// <remarks>
    /// The interval: each principal angle of the true spaces differs from the computed one by at most the sum of the
    /// error angles of the two blocks. This holds because the largest principal angle is a metric, and so bounds the
    /// change of every principal angle (Qiu, Zhang and Li 2005). For a single vector the same holds for its one
    /// angle.
    /// </remarks>
    /// <exception cref="ArgumentException">The matrix is not square, or its size does not fit the error
    /// bars.</exception>
    public static Rotation Between(double[,] gram, VectorErrors earlier, VectorErrors later, int lag, long dimension)
    {
        ArgumentNullException.ThrowIfNull(gram);
        ArgumentNullException.ThrowIfNull(earlier);
        ArgumentNullException.ThrowIfNull(later);
        var k = gram.GetLength(0);
        if (k == 0 || gram.GetLength(1) != k || earlier.AnglesDegrees.Count != k || later.AnglesDegrees.Count != k)
            throw new ArgumentException(
                $"The Gram matrix must be k×k for k error bars on both sides; got {k}×{gram.GetLength(1)} for "
                    + $"{earlier.AnglesDegrees.Count} and {later.AnglesDegrees.Count}.",
                nameof(gram)
            );
        var polarity = Enumerable.Range(0, k).Select(i => Clamp(gram[i, i], -1)).ToArray();
        var similarity = polarity.Select(Math.Abs).ToArray();
        var intervals = similarity
            .Select((s, i) => CosineInterval(s, earlier.AnglesDegrees[i] + later.AnglesDegrees[i]))
            .ToArray();
        var absolute = Absolute(gram, k);
        var match = Assignment.Best(absolute);
        var cosines = Matrix<double>
            .Build.DenseOfArray(gram)
            .Svd(computeVectors: false)
            .S.Select(s => Clamp(s, 0))
            .ToArray();
        var bounds = cosines
            .Select(cosine => CosineInterval(cosine, earlier.BlockDegrees + later.BlockDegrees))
            .ToArray();
        return new Rotation(
            lag,
            cosines.Average(c => c * c),
            bounds.Average(b => b.Low * b.Low),
            bounds.Average(b => b.High * b.High),
            (double)k / dimension,
            similarity,
            [.. intervals.Select(interval => interval.Low)],
            [.. intervals.Select(interval => interval.High)],
            [.. match.Select((column, row) => absolute[row, column])],
            match,
            polarity
        );
    }

    /// <summary>
    /// Returns the signs (+1 or −1) that make each later vector agree with the earlier one. They carry polarity from
    /// measurement to measurement.
    /// </summary>
    public static int[] CarriedSigns(double[,] gram)
    {
        ArgumentNullException.ThrowIfNull(gram);
        return [.. Enumerable.Range(0, gram.GetLength(0)).Select(i => gram[i, i] < 0 ? -1 : 1)];
    }

    /// <summary>
    /// Returns the interval of |cos| for an angle with this |cos| that may be off by up to the given number of
    /// degrees either way; [0, 1] if the error is unresolved.
    /// </summary>
    private static (double Low, double High) CosineInterval(double cosine, double? degrees)
    {
        if (degrees is not { } error)
            return (0, 1);
        var (angle, reach) = (Math.Acos(cosine), error * Math.PI / 180);
        return (Math.Cos(Math.Min(angle + reach, Math.PI / 2)), Math.Cos(Math.Max(angle - reach, 0)));
    }

    private static double[,] Absolute(double[,] gram, int k)
    {
        var absolute = new double[k, k];
        for (var i = 0; i < k; i++)
        {
            for (var j = 0; j < k; j++)
                absolute[i, j] = Math.Min(1, Math.Abs(gram[i, j]));
        }
        return absolute;
    }

    private static double Clamp(double value, double least) => Math.Clamp(value, least, 1);
}
