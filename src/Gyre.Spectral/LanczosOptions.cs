using static TorchSharp.torch;

namespace Gyre.Spectral;

/// <summary>The way in which new basis vectors are kept orthogonal to the old ones.</summary>
public enum Reorthogonalization
{
    /// <summary>
    /// No orthogonalization: orthogonality is lost as pairs converge, and copies of them ("ghosts") appear. For study
    /// only.
    /// </summary>
    None,

    /// <summary>One pass of Gram–Schmidt.</summary>
    OnePass,

    /// <summary>Always two passes, which gives orthogonality to rounding.</summary>
    TwoPasses,

    /// <summary>
    /// Another pass only if the previous one took away more than its share ("twice is enough", Parlett 1998, §6.9).
    /// This gives orthogonality to rounding at nearly the cost of one pass.
    /// </summary>
    ParlettKahan,
}

/// <summary>The eigenpairs to compute, by algebraic value.</summary>
/// <param name="Top">The number of largest eigenvalues; at least this many are returned if <paramref name="Level"/>
/// is set.</param>
/// <param name="Bottom">The number of smallest eigenvalues.</param>
/// <param name="Level">If set, every eigenvalue at or above this level is wanted too, so the count adapts to the
/// spectrum.</param>
/// <param name="AtMost">The cap on the number of pairs at or above the level; <paramref name="Top"/> applies if it
/// is larger.</param>
public sealed record Wanted(int Top, int Bottom = 0, double? Level = null, int AtMost = 64)
{
    /// <summary>Returns a request for the k largest eigenvalues.</summary>
    public static Wanted Largest(int count) => new(count);

    /// <summary>Returns a request for the k smallest eigenvalues.</summary>
    public static Wanted Smallest(int count) => new(0, count);

    /// <summary>Returns a request for every eigenvalue at or above a level.</summary>
    public static Wanted Above(double level, int atMost = 64) => new(0, 0, level, atMost);

    /// <summary>Throws if nothing or an impossible number of pairs is requested.</summary>
    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Top);
        ArgumentOutOfRangeException.ThrowIfNegative(Bottom);
        ArgumentOutOfRangeException.ThrowIfLessThan(AtMost, 1);
        if (Top + Bottom == 0 && Level is null)
            throw new ArgumentException("No pair is requested: request at least one pair or give a level.");
        if (Level is { } level && !double.IsFinite(level))
            throw new ArgumentException($"The level must be finite; got {level}.");
    }

    /// <summary>The largest number of pairs that can be returned.</summary>
    internal int Most => Math.Max(Top, Level is null ? 0 : AtMost) + Bottom;
}

/// <summary>
/// Represents the options of <see cref="Lanczos"/>. A pair is done when it meets every tolerance that is set.
/// </summary>
public sealed record LanczosOptions
{
    /// <summary>The wanted pairs. Default: the pair of the largest eigenvalue.</summary>
    public Wanted Wanted { get; init; } = Wanted.Largest(1);

    /// <summary>
    /// Upper bound for each pair's angle error bar, in degrees; null sets no bound. Default 1: rotations of interest
    /// are tens of degrees.
    /// </summary>
    public double? AngleToleranceDegrees { get; init; } = 1;

    /// <summary>
    /// Upper bound for each residual over the largest |Ritz value|; null (the default) sets no bound.
    /// </summary>
    public double? ResidualTolerance { get; init; }

    /// <summary>
    /// The maximum number of products. Default 200: ten times what an edge-of-stability measurement of four pairs
    /// needs.
    /// </summary>
    public int MaxProducts { get; init; } = 200;

    /// <summary>
    /// The number of basis vectors kept before a thick restart, raised if it is less than the number of wanted pairs
    /// + 8. Memory: 2·basis·n numbers. Default 32 (chosen: above what a measurement usually needs).
    /// </summary>
    public int Basis { get; init; } = 32;

    /// <summary>
    /// The way in which basis vectors are kept orthogonal. Default <see cref="Reorthogonalization.ParlettKahan"/>.
    /// </summary>
    public Reorthogonalization Reorthogonalization { get; init; } = Reorthogonalization.ParlettKahan;

    /// <summary>The seed of every random vector.</summary>
    public long Seed { get; init; }

    /// <summary>
    /// The number of random start vectors if no warm start is given. Default 1. An eigenvalue of multiplicity m needs
    /// m of them unless the space becomes invariant.
    /// </summary>
    public int StartVectors { get; init; } = 1;

    /// <summary>
    /// The factor by which residual over gap must lie below the angle tolerance before a pair counts as done. An
    /// eigenvector that is barely present in the start shows up late, and no residual can reveal it before that; the
    /// rate at which one is missed falls in proportion to this factor. Default 100, for a random start: a factor of
    /// ten costs 1.4 products (docs/decisions/0003-warm-start.md).
    /// </summary>
    public double Safety { get; init; } = 100;

    /// <summary>
    /// Previously known vectors, rows <c>[m, n]</c>, such as the eigenvectors of an earlier step; null if there are
    /// none. If a space that seems done lacks more than half of the length of one of them, the missing part is added
    /// to it, at the cost of one product, and the solve continues. This guards against a start vector that is their
    /// sum, in which parts of an eigenvector may cancel.
    /// </summary>
    public Tensor? Reference { get; init; }

    /// <summary>
    /// The factor applied to residual over gap in every angle error bar: the gap to an eigenvalue outside may be
    /// overstated while that eigenvalue is not yet resolved. Default 3, and never above <see cref="Safety"/>, so that
    /// a pair that is done lies within its tolerance (measured on trajectories: docs/theory.md, the section on
    /// coverage).
    /// </summary>
    public double GapAllowance { get; init; } = 3;

    /// <summary>
    /// The number of leading Ritz vectors beyond the wanted top ones that are returned as well
    /// (<see cref="EigenSolution.Guards"/>). They have no tolerance of their own. The next warm start needs them to
    /// resolve the first pair outside. Default 0.
    /// </summary>
    public int Guards { get; init; }

    /// <summary>
    /// If set, the smallest eigenvalue is converged as well: its error bar
    /// (<see cref="EigenSolution.LambdaMinError"/>) is brought below this share of the larger of |its value| and a
    /// hundredth of the largest |Ritz value|. This takes products in addition to those of the wanted pairs, up to
    /// <see cref="MaxProducts"/> in total. <see cref="EigenSolution.LambdaMinConverged"/> reports whether the
    /// tolerance was met.
    /// </summary>
    public double? BottomTolerance { get; init; }

    /// <summary>Throws if an option is out of range.</summary>
    internal void Check()
    {
        Wanted.Check();
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxProducts, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Basis, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(StartVectors, 1);
        if (AngleToleranceDegrees is null && ResidualTolerance is null)
            throw new ArgumentException(
                "Set an angle tolerance, a residual tolerance, or both: without one the solver cannot know "
                    + "when to stop."
            );
        if (AngleToleranceDegrees is { } angle && !(angle > 0 && angle < 90))
            throw new ArgumentOutOfRangeException(
                nameof(AngleToleranceDegrees),
                angle,
                "An angle tolerance is between 0 and 90 degrees."
            );
        if (!(Safety >= 1))
            throw new ArgumentOutOfRangeException(nameof(Safety), Safety, "A safety factor is at least 1.");
        if (!(GapAllowance >= 1))
            throw new ArgumentOutOfRangeException(nameof(GapAllowance), GapAllowance, "An allowance is at least 1.");
        ArgumentOutOfRangeException.ThrowIfNegative(Guards);
        if (BottomTolerance is { } bottom && !(bottom > 0))
            throw new ArgumentOutOfRangeException(nameof(BottomTolerance), bottom, "A tolerance is positive.");
        if (ResidualTolerance is { } residual && !(residual > 0))
            throw new ArgumentOutOfRangeException(
                nameof(ResidualTolerance),
                residual,
                "A residual tolerance is positive."
            );
    }
}
