using Gyre.Lab.Statistics;

namespace Gyre.Lab.Claims;

/// <summary>Page's test of a measure over the rates of a sweep.</summary>
internal static class Trend
{
    public static PageTrend Test(IReadOnlyList<ClaimGroup> groups, Func<CellMeasures, double> measure) =>
        PageTrend.Test(
            [
                .. Enumerable
                    .Range(0, groups[0].Cells.Count)
                    .Select(seed => groups.Select(group => measure(group.Cells[seed])).ToArray()),
            ],
            ClaimCatalog.Seed
        );
}
