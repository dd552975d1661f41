namespace Gyre.Lab.Statistics;

/// <summary>The kinds of rank correlation.</summary>
internal enum RankKind
{
    /// <summary>Spearman's rho: Pearson's correlation of the ranks.</summary>
    Spearman,

    /// <summary>Kendall's tau-b.</summary>
    Kendall,
}

/// <summary>
/// Rank correlations of paired values, plain or with a third quantity held fixed. The result is NaN if a side is
/// constant or has a value that is not a number.
/// </summary>
internal static class RankCorrelation
{
    private const double Tiny = 1e-12;

    /// <summary>Returns the coefficient, −1 to 1; ties have mean ranks.</summary>
    /// <exception cref="ArgumentException">The counts differ, or there are fewer than two pairs.</exception>
    public static double Compute(RankKind kind, IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        if (x.Count != y.Count || x.Count < 2)
            throw new ArgumentException(
                $"Two or more pairs are needed; got {x.Count} and {y.Count} values.",
                nameof(x)
            );
        return x.Any(double.IsNaN) || y.Any(double.IsNaN)
            ? double.NaN
            : Compute(kind, RankLevels.From(x), RankLevels.From(y));
    }

    /// <summary>
    /// Returns the first-order partial coefficient (r_xy − r_xz·r_yz)/√((1 − r_xz²)(1 − r_yz²)) (Kendall 1970,
    /// chapter 8): the association of x and y that z does not explain. NaN if x or y follows from z.
    /// </summary>
    /// <exception cref="ArgumentException">The counts differ, or there are fewer than two pairs.</exception>
    public static double Partial(
        RankKind kind,
        IReadOnlyList<double> x,
        IReadOnlyList<double> y,
        IReadOnlyList<double> z
    ) => Partial(Compute(kind, x, y), Compute(kind, x, z), Compute(kind, y, z));

    /// <summary>Returns the ranks from 1, with mean ranks for ties.</summary>
    public static double[] Ranks(IReadOnlyList<double> values) =>
        [.. RankLevels.From(values).DoubledRanks().Select(rank => rank / 2.0)];

    internal static double Compute(RankKind kind, RankLevels x, RankLevels y) =>
        kind == RankKind.Spearman ? RankLevels.Spearman(x, y) : RankLevels.Kendall(x, y);

    internal static double Partial(double xy, double xz, double yz)
    {
        var left = (1 - xz * xz) * (1 - yz * yz);
        return left > Tiny ? Math.Clamp((xy - xz * yz) / Math.Sqrt(left), -1, 1) : double.NaN;
    }
}
