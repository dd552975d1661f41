namespace Gyre.Lab.Statistics;

/// <summary>Points of which a rank correlation is made, by their order: what permutations and resamples of them share
/// is made once.</summary>
/// <param name="Kind">Which coefficient.</param>
/// <param name="X">One quantity.</param>
/// <param name="Y">The other.</param>
/// <param name="Z">Held fixed, or null.</param>
internal sealed record RankSample(RankKind Kind, RankLevels X, RankLevels Y, RankLevels? Z)
{
    /// <summary>Digits to which permuted ranks are rounded: a residual taken and added again must not break a tie by
    /// its last bit.</summary>
    private const int Digits = 9;

    private const int Degree = 3;

    public double Coefficient() =>
        Z is null
            ? RankCorrelation.Compute(Kind, X, Y)
            : RankCorrelation.Partial(
                RankCorrelation.Compute(Kind, X, Y),
                RankCorrelation.Compute(Kind, X, Z),
                RankCorrelation.Compute(Kind, Y, Z)
            );

    public RankSample Pick(int[] at) => new(Kind, X.Pick(at), Y.Pick(at), Z?.Pick(at));

    /// <summary>The coefficient of the next permutation at each call: y within its strata, or its residuals on
    /// z.</summary>
    public Func<double> Permutations(IReadOnlyList<int[]> places, Random random)
    {
        if (Z is not { } z)
        {
            var shuffled = Y with { Levels = [.. Y.Levels] };
            return () =>
            {
                Chance.Shuffle(shuffled.Levels, places, random);
                return RankCorrelation.Compute(Kind, X, shuffled);
            };
        }
        var (fitted, residuals) = Split(Y, z);
        var (permuted, xz) = (new double[fitted.Length], RankCorrelation.Compute(Kind, X, z));
        return () =>
        {
            Chance.Shuffle(residuals, places, random);
            for (var i = 0; i < permuted.Length; i++)
                permuted[i] = Math.Round(fitted[i] + residuals[i], Digits);
            var y = RankLevels.From(permuted);
            return RankCorrelation.Partial(
                RankCorrelation.Compute(Kind, X, y),
                xz,
                RankCorrelation.Compute(Kind, y, z)
            );
        };
    }

    /// <summary>
    /// The ranks of y, doubled: the part that a cubic of the ranks of z explains, and the rest. A line is not enough:
    /// where both x and y bend or have a hump along z, permutations of what a
    /// line leaves call that a relation beyond z (level up to 75 %, of the cubic 5 %; docs/theory.md).
    /// </summary>
    private static (double[] Fitted, double[] Residuals) Split(RankLevels y, RankLevels z)
    {
        double[] of = [.. y.DoubledRanks()],
            on = [.. z.DoubledRanks().Select(rank => rank / (double)z.Points - 1)];
        var fitted = new double[of.Length];
        foreach (var wave in Basis(on))
            Add(fitted, wave, Dot(of, wave));
        return (fitted, [.. of.Zip(fitted, (rank, fit) => rank - fit)]);
    }

    /// <summary>Orthonormal polynomials on the points; fewer where fewer points differ.</summary>
    private static List<double[]> Basis(double[] on)
    {
        const double Tiny = 1e-6;
        var basis = new List<double[]>();
        for (var degree = 0; degree <= Degree; degree++)
        {
            double[] power = [.. on.Select(value => Math.Pow(value, degree))];
            foreach (var before in basis)
                Add(power, before, -Dot(power, before));
            var length = Math.Sqrt(Dot(power, power));
            if (length < Tiny)
                break;
            basis.Add([.. power.Select(value => value / length)]);
        }
        return basis;
    }

    private static double Dot(double[] a, double[] b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }

    private static void Add(double[] to, double[] what, double times)
    {
        for (var i = 0; i < to.Length; i++)
            to[i] += times * what[i];
    }
}
