using Gyre.Lab.Statistics;

namespace Gyre.Dashboard.Charts;

/// <summary>
/// Labels of a logarithmic axis: powers of ten on a long axis, and numbers between them on a short one.
/// </summary>
internal static class LogTicks
{
    private const int Most = 8;
    private const int Fewest = 3;

    /// <summary>The numbers labeled in each decade, from coarse to fine.</summary>
    private static readonly double[][] Ladders =
    [
        [1],
        [1, 3],
        [1, 2, 5],
        [1, 2, 3, 5, 7],
        [1, 1.5, 2, 3, 4, 5, 6, 8],
    ];

    /// <summary>
    /// Returns the finest labels that fit; empty if the range is so short that the labels of a linear axis suffice.
    /// </summary>
    public static IReadOnlyList<Tick> Create(double low, double high)
    {
        if (!(low > 0) || !(high > low) || !double.IsFinite(high))
            return [];
        var found =
            Ladders.Select(ladder => Within(ladder, low, high)).LastOrDefault(ticks => ticks.Length <= Most)
            ?? Sparse(low, high);
        return found.Length < Fewest ? [] : [.. found.Select(at => new Tick(at, NumberText.Format(at, 3)))];
    }

    private static double[] Within(double[] ladder, double low, double high)
    {
        var (first, last) = ((int)Math.Floor(Math.Log10(low)), (int)Math.Floor(Math.Log10(high)));
        return
        [
            .. Enumerable
                .Range(first, last - first + 1)
                .SelectMany(power => ladder.Select(step => step * Math.Pow(10, power)))
                .Where(at => at >= low && at <= high),
        ];
    }

    /// <summary>Returns every n-th decade.</summary>
    private static double[] Sparse(double low, double high)
    {
        var (first, last) = ((int)Math.Ceiling(Math.Log10(low)), (int)Math.Floor(Math.Log10(high)));
        var step = (last - first) / Most + 1;
        return [.. Enumerable.Range(0, (last - first) / step + 1).Select(i => Math.Pow(10, first + i * step))];
    }
}
