namespace Gyre.Lab.Coverage;

/// <summary>Counts how often the error bars of a run contain the truth, over its measurements.</summary>
internal sealed record CoverageTally
{
    /// <summary>The number of measurements checked.</summary>
    public int Measurements { get; init; }

    /// <summary>The number of Hessian-vector products used.</summary>
    public long Products { get; init; }

    /// <summary>
    /// The number of measurements at which products in float32 and float64 differ by more than error bars allow for,
    /// because a unit's input is on the other side of its kink. Zero in a smooth network.
    /// </summary>
    public int Kinks { get; init; }

    /// <summary>
    /// Largest rounding error of a product at the other measurements, divided by the dtype's epsilon and the
    /// sharpness.
    /// </summary>
    public double Rounding { get; init; }

    /// <summary>Eigenvectors with an angle error bar, and those whose true angle exceeds it.</summary>
    public Share Vectors { get; init; }

    /// <summary>The number of eigenvectors whose true angle exceeds three times the bar.</summary>
    public int FarOutside { get; init; }

    /// <summary>The largest ratio of a true angle to its bar.</summary>
    public double Worst { get; init; }

    /// <summary>The number of eigenvectors without a bar.</summary>
    public int Unresolved { get; init; }

    /// <summary>
    /// Eigenvalues, and those that differ from the true one of their index by more than the residual.
    /// </summary>
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
    /// Converged smallest eigenvalues, and those that differ from the true one by more than their error bar.
    /// </summary>
    public Share Bottoms { get; init; }

    /// <summary>The number of smallest eigenvalues that were sought but did not converge.</summary>
    public int BottomsOpen { get; init; }

    /// <summary>Values of the summary with an interval, and those whose interval excludes the true value.</summary>
    public Share Summaries { get; init; }

    /// <summary>One sentence for each eigenvector or eigenvalue outside its error bar.</summary>
    public IReadOnlyList<string> Failures { get; init; } = [];

    /// <summary>Adds up the counts of two runs.</summary>
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

/// <summary>The number of error bars, and how many of them fail.</summary>
/// <param name="Outside">Bars that do not contain the truth.</param>
/// <param name="All">All bars.</param>
internal readonly record struct Share(int Outside, int All)
{
    /// <summary>Adds one bar.</summary>
    public Share With(bool outside) => new(Outside + (outside ? 1 : 0), All + 1);

    /// <summary>Adds up two counts.</summary>
    public static Share operator +(Share one, Share other) => new(one.Outside + other.Outside, one.All + other.All);

    /// <summary>Formats the count for a table.</summary>
    public override string ToString() => FormattableString.Invariant($"{Outside} of {All}");
}
