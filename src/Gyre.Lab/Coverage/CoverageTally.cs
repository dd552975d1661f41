namespace Gyre.Lab.Coverage;

/// <summary>How often error bars of a run hold the truth: counts over its measurements.</summary>
internal sealed record CoverageTally
{
    /// <summary>Measurements judged.</summary>
    public int Measurements { get; init; }

    /// <summary>Hessian-vector products they took.</summary>
    public long Products { get; init; }

    /// <summary>
    /// Measurements where products in float32 and float64 differ by more than error bars allow for: a unit's input on
    /// the other side of its kink. None in a smooth network.
    /// </summary>
    public int Kinks { get; init; }

    /// <summary>Largest rounding error of a product elsewhere, over the dtype's epsilon and the sharpness.</summary>
    public double Rounding { get; init; }

    /// <summary>Eigenvectors with an angle error bar, and those whose true angle exceeds it.</summary>
    public Share Vectors { get; init; }

    /// <summary>Eigenvectors whose true angle exceeds three times the bar.</summary>
    public int FarOutside { get; init; }

    /// <summary>Largest true angle over its bar.</summary>
    public double Worst { get; init; }

    /// <summary>Eigenvectors without a bar.</summary>
    public int Unresolved { get; init; }

    /// <summary>Eigenvalues, and those farther from the true one of their index than the residual.</summary>
    public Share Values { get; init; }

    /// <summary>
    /// Blocks of all k vectors, and those whose largest true principal angle exceeds the block's bar.
    /// </summary>
    public Share Blocks { get; init; }

    /// <summary>Intervals of rotation, and those that exclude the true value.</summary>
    public Share Intervals { get; init; }

    /// <summary>Intervals of rotation across an instability, and those that exclude the true value.</summary>
    public Share Across { get; init; }

    /// <summary>
    /// Smallest eigenvalues that were converged, and those farther from the true one than their error bar.
    /// </summary>
    public Share Bottoms { get; init; }

    /// <summary>Smallest eigenvalues sought and not converged.</summary>
    public int BottomsOpen { get; init; }

    /// <summary>Numbers of the summary with an interval, and those that exclude the true one.</summary>
    public Share Summaries { get; init; }

    /// <summary>A sentence for each eigenvector or eigenvalue that lies outside.</summary>
    public IReadOnlyList<string> Failures { get; init; } = [];

    /// <summary>Counts of two runs together.</summary>
    public static CoverageTally operator +(CoverageTally one, CoverageTally other) =>
        new()
        {
            Measurements = one.Measurements + other.Measurements,
            Products = one.Products + other.Products,
            Kinks = one.Kinks + other.Kinks,
            Rounding = Math.Max(one.Rounding, other.Rounding),
            Vectors = one.Vectors + other.Vectors,
            FarOutside = one.FarOutside + other.FarOutside,
            Worst = Math.Max(one.Worst, other.Worst),
            Unresolved = one.Unresolved + other.Unresolved,
            Values = one.Values + other.Values,
            Blocks = one.Blocks + other.Blocks,
            Intervals = one.Intervals + other.Intervals,
            Across = one.Across + other.Across,
            Bottoms = one.Bottoms + other.Bottoms,
            BottomsOpen = one.BottomsOpen + other.BottomsOpen,
            Summaries = one.Summaries + other.Summaries,
            Failures = [.. one.Failures, .. other.Failures],
        };
}

/// <summary>How many of a number of bars fail.</summary>
/// <param name="Outside">Those that do not hold the truth.</param>
/// <param name="All">All of them.</param>
internal readonly record struct Share(int Outside, int All)
{
    /// <summary>One more bar.</summary>
    public Share With(bool outside) => new(Outside + (outside ? 1 : 0), All + 1);

    /// <summary>Both together.</summary>
    public static Share operator +(Share one, Share other) => new(one.Outside + other.Outside, one.All + other.All);

    /// <summary>As a table shows it.</summary>
    public override string ToString() => FormattableString.Invariant($"{Outside} of {All}");
}
