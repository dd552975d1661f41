using static TorchSharp.torch;

namespace Gyre.Spectral;

/// <summary>How new basis vectors are kept orthogonal to the old ones.</summary>
public enum Reorthogonalization
{
    /// <summary>
    /// Not at all: orthogonality is lost as pairs converge and copies of them ("ghosts") appear. For study only.
    /// </summary>
    None,

    /// <summary>One pass of Gram–Schmidt.</summary>
    OnePass,

    /// <summary>Always two passes: orthogonal to rounding.</summary>
    TwoPasses,

    /// <summary>
    /// A second pass only where the first took away more than its share ("twice is enough", Parlett 1998, §6.9):
    /// orthogonal to rounding, nearly at the price of one.
    /// </summary>
    ParlettKahan,
}

/// <summary>Which eigenpairs are looked for, by algebraic value.</summary>
/// <param name="Top">How many of the largest; at least this many are returned when <paramref name="Level"/> is
/// set.</param>
/// <param name="Bottom">How many of the smallest.</param>
/// <param name="Level">Where set, every eigenvalue at or above it is looked for too: the count grows by itself.</param>
/// <param name="AtMost">Bound of that count.</param>
public sealed record Wanted(int Top, int Bottom = 0, double? Level = null, int AtMost = 64)
{
    /// <summary>The k largest.</summary>
    public static Wanted Largest(int count) => new(count);

    /// <summary>The k smallest.</summary>
    public static Wanted Smallest(int count) => new(0, count);

    /// <summary>Every eigenvalue at or above the level.</summary>
    public static Wanted Above(double level, int atMost = 64) => new(0, 0, level, atMost);

    /// <summary>Throws where nothing or an impossible number is asked for.</summary>
    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Top);
        ArgumentOutOfRangeException.ThrowIfNegative(Bottom);
        ArgumentOutOfRangeException.ThrowIfLessThan(AtMost, 1);
        if (Top + Bottom == 0 && Level is null)
            throw new ArgumentException("Nothing is wanted: ask for at least one pair or for a level.");
        if (Level is { } level && !double.IsFinite(level))
            throw new ArgumentException($"The level must be finite; got {level}.");
    }

    /// <summary>The most pairs that can be asked for.</summary>
    internal int Most => Math.Max(Top, Level is null ? 0 : AtMost) + Bottom;
}

/// <summary>Options of <see cref="Lanczos"/>. A pair is done when every tolerance that is set holds for it.</summary>
public sealed record LanczosOptions
{
    /// <summary>The pairs looked for. Default: the largest.</summary>
    public Wanted Wanted { get; init; } = Wanted.Largest(1);

    /// <summary>
    /// Bound of each pair's angle error bar, degrees; null asks for none. Default 1: rotations of interest are tens of
    /// degrees.
    /// </summary>
    public double? AngleToleranceDegrees { get; init; } = 1;

    /// <summary>Bound of each residual over the largest |Ritz value|; null asks for none (the default).</summary>
    public double? ResidualTolerance { get; init; }

    /// <summary>
    /// Products that may be used. Default 200: ten times what an edge-of-stability measurement of four pairs needs.
    /// </summary>
    public int MaxProducts { get; init; } = 200;

    /// <summary>
    /// Basis vectors kept before a thick restart; raised where fewer than the wanted pairs + 8. Memory: 2·basis·n
    /// numbers. Default 32 (chosen: above what a measurement usually needs).
    /// </summary>
    public int Basis { get; init; } = 32;

    /// <summary>Default <see cref="Reorthogonalization.ParlettKahan"/>.</summary>
    public Reorthogonalization Reorthogonalization { get; init; } = Reorthogonalization.ParlettKahan;

    /// <summary>Seed of every random vector.</summary>
    public long Seed { get; init; }

    /// <summary>
    /// Random start vectors where no warm start is given. Default 1; an eigenvalue of multiplicity m needs m of them
    /// unless an invariant subspace is met.
    /// </summary>
    public int StartVectors { get; init; } = 1;

    /// <summary>
    /// How many times residual over gap is brought below the angle tolerance before a pair counts as done. An
    /// eigenvalue that
    /// the start hardly holds shows up late, and no residual can know of it before; how often one is missed falls in
    /// proportion.
    /// Default 100, for a random start: a factor of ten costs 1.4 products (docs/decisions/0003-warm-start.md).
    /// </summary>
    public double Safety { get; init; } = 100;

    /// <summary>
    /// Vectors known before, rows <c>[m, n]</c>, such as the eigenvectors of an earlier step; null for none. Where a
    /// space that
    /// seems done lacks more than half of the length of one of them, the part it lacks joins it, at one product, and
    /// the solve
    /// continues: in a start that sums them up, parts of an eigenvector may cancel.
    /// </summary>
    public Tensor? Reference { get; init; }

    /// <summary>
    /// Factor on residual over gap in every angle error bar: the gap to an eigenvalue outside may be overstated while
    /// that
    /// eigenvalue is not yet resolved. Default 3, and never above <see cref="Safety"/>, so that a pair that is done
    /// lies within
    /// its tolerance (measured on trajectories: docs/theory.md, the section on coverage).
    /// </summary>
    public double GapAllowance { get; init; } = 3;

    /// <summary>
    /// Leading Ritz vectors beyond the wanted top ones that are returned as well (<see cref="EigenSolution.Guards"/>),
    /// with no
    /// tolerance of their own: the next warm start needs them to see the first pair outside. Default 0.
    /// </summary>
    public int Guards { get; init; }

    /// <summary>
    /// Where set, the smallest eigenvalue is converged as well: its error bar
    /// (<see cref="EigenSolution.LambdaMinError"/>) is brought below
    /// this share of the larger of |its value| and a hundredth of the largest |Ritz value|. Products beyond those of
    /// the wanted pairs come on top, up to
    /// <see cref="MaxProducts"/> in all; whether it was reached is <see cref="EigenSolution.LambdaMinConverged"/>.
    /// </summary>
    public double? BottomTolerance { get; init; }

    /// <summary>Throws where an option is out of its range.</summary>
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
                "An angle tolerance lies between 0 and 90 degrees."
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
