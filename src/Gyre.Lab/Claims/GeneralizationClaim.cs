using Gyre.Lab.Statistics;

namespace Gyre.Lab.Claims;

/// <summary>
/// C3: large first, then reduced, generalizes better than small throughout, and there is a best range beyond which
/// accuracy falls.
/// </summary>
internal static class GeneralizationClaim
{
    private static readonly Bounds Range = Measure.TestPercent.Bounds.Differences();

    public static IReadOnlyList<Verdict> Parts(ClaimData data) =>
        [Reduced(data), BestRange(data), .. GeneralizationLadder.Parts(data)];

    private static Verdict Reduced(ClaimData data)
    {
        const string Statement = "large first, then reduced, generalizes better than small throughout";
        const string Rule =
            "test accuracy at the end, fork minus the group at the reduced learning rate, mean over forks by seed: t "
            + "interval above 0";
        var (pairs, lack) = ReductionPair.FromData(data);
        return pairs.Count == 0
            ? Judge.Missing("C3a", Statement, Rule, lack)
            : Judge.BySeed(
                "C3a",
                Statement,
                Rule,
                [.. pairs.Select(pair => (pair.Fork.Name, pair.Differences(Measure.TestPercent.Get)))],
                "gain in test accuracy",
                0,
                above: true,
                "no test accuracy was measured",
                Range,
                unit: Measure.PercentagePoints
            );
    }

    private static Verdict BestRange(ClaimData data)
    {
        const string Statement = "there is a best range of eta beyond which accuracy falls (Goldilocks)";
        const string Rule =
            "best group chosen on all seeds but one; on the remaining seed, its accuracy minus that of the "
            + "largest learning rate without divergence, and minus that of the smallest: both t intervals above 0; not "
            + "supported if the best group is at an end for every seed";
        var groups = data
            .SoundGroups.Where(group => group.Cells.All(cell => double.IsFinite(cell.TestAccuracy)))
            .ToArray();
        if (groups.Length < 3 || data.Seeds.Count < 2)
            return Judge.Missing("C3b", Statement, Rule, "this needs three learning rates and two seeds");
        var accuracy = groups.Select(group => group.GetValues(Measure.TestPercent.Get)).ToArray();
        var seeds = Enumerable.Range(0, data.Seeds.Count).ToArray();
        // Rounded, so that the order of the seeds cannot break a tie. The smaller learning rate wins ties.
        double Without(int left, int group) =>
            Math.Round(seeds.Where(seed => seed != left).Average(seed => accuracy[group][seed]), 12);
        var best = seeds
            .Select(left => Enumerable.Range(0, groups.Length).MaxBy(group => Without(left, group)))
            .ToArray();
        var overLargest = MeanInterval.Student(
            [.. seeds.Select(seed => accuracy[best[seed]][seed] - accuracy[^1][seed])],
            Range
        );
        var overSmallest = MeanInterval.Student(
            [.. seeds.Select(seed => accuracy[best[seed]][seed] - accuracy[0][seed])],
            Range
        );
        var atAnEnd = best.All(group => group == 0 || group == groups.Length - 1);
        var overBoth = overLargest.Low > 0 && overSmallest.Low > 0 ? VerdictKind.Supported : VerdictKind.Inconclusive;
        var kind = atAnEnd ? VerdictKind.NotSupported : overBoth;
        var chosen = string.Join(", ", best.Distinct().Order().Select(group => groups[group].Name));
        return new Verdict(
            "C3b",
            Statement,
            kind,
            Rule,
            $"best group, chosen for each seed by the others: {chosen}; gain over the largest learning rate "
                + $"{NumberText.Points(overLargest)}, over the smallest {NumberText.Points(overSmallest)}",
            [
                Gain("best minus the largest learning rate, points", overLargest, $"largest: {groups[^1].Name}"),
                Gain("best minus the smallest learning rate, points", overSmallest, $"smallest: {groups[0].Name}"),
                .. groups.Select(group =>
                    Judge.Number(
                        $"test accuracy, %, {group.Name}",
                        Measure.TestPercent.Mean(group.GetValues(Measure.TestPercent.Get))
                    )
                ),
            ]
        );
    }

    private static Evidence Gain(string name, Interval gain, string over) =>
        Judge.Number(name, gain) with
        {
            Note = $"{gain.Method}; {over}",
        };
}
