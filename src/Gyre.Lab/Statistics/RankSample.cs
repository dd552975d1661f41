namespace Gyre.Lab.Statistics;

/// <summary>
/// The points of a rank correlation, reduced to their order. Work that permutations and resamples share is done once.
/// </summary>
/// <param name="Z">The control, held fixed; null if there is none.</param>
internal sealed record RankSample(RankKind Kind, RankLevels X, RankLevels Y, RankLevels? Z)
{
    /// <summary>
    /// Digits to which permuted ranks are rounded. Subtracting a residual and adding it back must not break a tie in
    /// the last bit.
    /// </summary>
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

    /// <summary>
    /// Returns a function that gives the coefficient of the next permutation at each call. It permutes y within its
    /// strata or, with a control, the residuals of y on z.
    /// </summary>
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
    /// Splits the doubled ranks of y into the part that a cubic of the ranks of z explains and the residuals. A line
    /// is not enough: if both x and y bend or have a hump along z, permutations of a line's residuals report a
    /// relation beyond z (level up to 75 %, 5 % with the cubic; docs/theory.md).
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

    /// <summary>
    /// Returns orthonormal polynomials on the points; fewer of them if the points have too few distinct values.
    /// </summary>
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
