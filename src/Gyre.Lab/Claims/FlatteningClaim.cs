using Gyre.Lab.Statistics;

namespace Gyre.Lab.Claims;

/// <summary>
/// C2, progressive flattening: peaks fall from one instability to the next, final sharpness falls with eta, and after
/// a reduction sharpness stays below that of a run that was never unstable.
/// </summary>
internal static class FlatteningClaim
{
    /// <summary>
    /// Parts that are shown but decide nothing: instabilities are rarely distinct enough (C2a), and C2f only rules
    /// out a confounder.
    /// </summary>
    public static IReadOnlyList<string> Shown { get; } = ["C2a", "C2f"];

    public static IReadOnlyList<Verdict> Parts(ClaimData data) =>
        [Peaks(data), Final(data), AfterReduction(data), .. FlatteningLadder.Parts(data)];

    private static Verdict Peaks(ClaimData data)
    {
        const string Statement = "peaks of sharpness fall from instability to instability";
        const string Rule =
            "Kendall's tau of peak sharpness against the number of the instability, in every cell with at least three, mean "
            + "by seed: t interval below 0";
        var cells = data.Throughout.Where(cell => double.IsFinite(cell.PeaksTau)).ToArray();
        var seeds = cells
            .GroupBy(cell => cell.Cell.Seed)
            .Select(group => group.Average(cell => cell.PeaksTau))
            .ToArray();
        // Tau has few values, so seeds may agree by chance. An interval of zero width decides nothing.
        if (seeds.Length >= 2 && seeds.Max() - seeds.Min() < 1e-9)
            return Judge.Missing(
                "C2a",
                Statement,
                Rule,
                $"mean tau is {Judge.Text(seeds[0])} at each of {seeds.Length} seeds ({cells.Length} cells); "
                    + "equal values give no spread"
            );
        if (seeds.Length < 2)
            return Judge.Missing(
                "C2a",
                Statement,
                Rule,
                cells.Length == 0
                    ? "no cell had three instabilities; this needs some at two seeds"
                    : $"only one seed has cells with three instabilities ({cells.Length}); this needs two seeds"
            );
        return Judge.BySide(
            "C2a",
            Statement,
            Rule,
            MeanInterval.Student(seeds, Bounds.Coefficient),
            $"mean tau ({cells.Length} cells)",
            0,
            above: false
        );
    }

    private static Verdict Final(ClaimData data)
    {
        const string Statement = "final sharpness falls with eta";
        const string Rule = "Page's trend test over learning rates, with seeds as blocks: falls with p < 0.05";
        var groups = data
            .SoundGroups.Where(group => group.Cells.All(cell => double.IsFinite(cell.FinalSharpness)))
            .ToArray();
        return groups.Length < 3
            ? Judge.Missing("C2b", Statement, Rule, "fewer than three learning rates were measured at every seed")
            : Judge.ByTrend(
                "C2b",
                Statement,
                Rule,
                [("final sharpness", Trend.Test(groups, cell => cell.FinalSharpness))],
                rising: false
            );
    }

    private static Verdict AfterReduction(ClaimData data)
    {
        const string Statement = "after a reduction, sharpness stays below that of a run that was never unstable";
        const string Rule =
            "mean sharpness over the bursts after the fork, minus that of the stable group at the reduced "
            + "learning rate at equal training time, mean over forks by seed: t interval below 0";
        var (pairs, lack) = ReductionPair.FromData(data);
        if (pairs.Count == 0)
            return Judge.Missing("C2c", Statement, Rule, lack);
        var stable = pairs.Where(pair => pair.Control.Cells.All(cell => !cell.Unstable)).ToArray();
        if (stable.Length == 0)
            return Judge.Missing(
                "C2c",
                Statement,
                Rule,
                "the runs at the reduced learning rate had instabilities themselves"
            );
        var differences = stable
            .Select(pair =>
                (pair.Fork.Name, Values: pair.Differences((fork, control) => fork.SharpnessAfterForkLess(control)))
            )
            .ToArray();
        return Judge.BySeed(
            "C2c",
            Statement,
            Rule,
            differences,
            "sharpness after the reduction minus the control's",
            0,
            above: false,
            "no burst after the fork has a burst of the control at equal training time"
        );
    }
}
