namespace Gyre.Lab.Claims;

/// <summary>
/// A group whose learning rate was reduced, and the group that ran at the reduced learning rate throughout. The cells
/// of both are in the same order of seed.
/// </summary>
internal sealed record ReductionPair(ClaimGroup Fork, ClaimGroup Control)
{
    /// <summary>Returns a measure of each fork minus that of its control.</summary>
    public double[] Differences(Func<CellMeasures, double> measure) =>
        Differences((fork, control) => measure(fork) - measure(control));

    /// <summary>Returns a number of each fork and its control.</summary>
    public double[] Differences(Func<CellMeasures, CellMeasures, double> of) => [.. Fork.Cells.Zip(Control.Cells, of)];

    /// <summary>Returns every pair of the sweep, and the reason if there is none.</summary>
    public static (IReadOnlyList<ReductionPair> Pairs, string Lack) FromData(ClaimData data)
    {
        ReductionPair[] pairs =
        [
            .. data
                .Forks.Select(fork => data.ReducedTo(fork) is { } control ? new ReductionPair(fork, control) : null)
                .OfType<ReductionPair>(),
        ];
        return (pairs, WhyNone(data));
    }

    private static string WhyNone(ClaimData data)
    {
        var forks = data.Cells.Where(cell => cell.Cell.Parent is not null).GroupBy(cell => cell.Cell.Group).ToArray();
        if (forks.Length == 0)
            return "the sweep has no finished reduction";
        if (data.Forks.Count > 0)
            return "no reduction is to a learning rate that also has runs of its own, finished at every seed without "
                + "divergence";
        return forks.All(fork => fork.Any(cell => cell.Diverged))
            ? "a cell of every reduction diverged"
            : "no reduction is finished at every seed without divergence";
    }
}
