namespace Gyre.Lab.Statistics;

/// <summary>Points of which a rank correlation is made, by their order: what permutations and resamples of them share is made once.</summary>
/// <param name="Kind">Which coefficient.</param>
/// <param name="X">One quantity.</param>
/// <param name="Y">The other.</param>
/// <param name="Z">Held fixed, or null.</param>
internal sealed record RankSample(RankKind Kind, RankLevels X, RankLevels Y, RankLevels? Z)
{
    /// <summary>Digits to which permuted ranks are rounded: a residual taken and added again must not break a tie by its last bit.</summary>
    private const int Digits = 9;

    public double Coefficient() => Z is null
        ? RankCorrelation.Of(Kind, X, Y)
        : RankCorrelation.Partial(RankCorrelation.Of(Kind, X, Y), RankCorrelation.Of(Kind, X, Z), RankCorrelation.Of(Kind, Y, Z));

    public RankSample Pick(int[] at) => new(Kind, X.Pick(at), Y.Pick(at), Z?.Pick(at));

    /// <summary>The coefficient of the next permutation at each call: y within its strata, or its residuals on z.</summary>
    public Func<double> Permutations(IReadOnlyList<int[]> places, Random random)
    {
        if (Z is not { } z)
        {
            var shuffled = Y with { Of = [.. Y.Of] };
            return () =>
            {
                Chance.Shuffle(shuffled.Of, places, random);
                return RankCorrelation.Of(Kind, X, shuffled);
            };
        }
        var (fitted, residuals) = Split(Y, z);
        var (permuted, xz) = (new double[fitted.Length], RankCorrelation.Of(Kind, X, z));
        return () =>
        {
            Chance.Shuffle(residuals, places, random);
            for (var i = 0; i < permuted.Length; i++)
                permuted[i] = Math.Round(fitted[i] + residuals[i], Digits);
            var y = RankLevels.From(permuted);
            return RankCorrelation.Partial(RankCorrelation.Of(Kind, X, y), xz, RankCorrelation.Of(Kind, y, z));
        };
    }

    /// <summary>The ranks of y, doubled: the part that the ranks of z explain linearly, and the rest.</summary>
    private static (double[] Fitted, double[] Residuals) Split(RankLevels y, RankLevels z)
    {
        double[] of = [.. y.DoubledRanks()], on = [.. z.DoubledRanks()];
        var (intercept, slope) = MathNet.Numerics.Fit.Line(on, of);
        double[] fitted = [.. on.Select(rank => intercept + slope * rank)];
        return (fitted, [.. of.Zip(fitted, (rank, fit) => rank - fit)]);
    }
}
