using Gyre.Lab.Statistics;

namespace Gyre.Lab.Claims;

/// <summary>
/// C3 along a ladder: test accuracy against the time spent unstable, at equal training loss and at equal training
/// time.
/// </summary>
internal static class GeneralizationLadder
{
    private const double Points = 100;

    private static readonly Bounds Range = Bounds.Coefficient.Times(Points);

    public static IReadOnlyList<Verdict> Parts(ClaimData data)
    {
        var ladders = LadderGroups.FromData(data);
        return ladders.Count == 0 ? [] : [AtEqualLoss(ladders), AtEqualTime(ladders, data)];
    }

    private static Verdict AtEqualLoss(IReadOnlyList<LadderGroups> ladders)
    {
        const string Statement =
            "at equal training loss, test accuracy rises with the time spent unstable, up to a best moment";
        const string Rule =
            "the moment with the highest mean test accuracy at the point where the training loss passes the smallest of the listed "
            + "values that every run passes, chosen on all seeds but one, including never large; on the remaining "
            + "seed, its accuracy "
            + "minus that of never large: t interval above 0 at every small learning rate; "
            + "not supported if never large is the best for every seed";
        Verdict Decide(LadderGroups ladder) =>
            ladder.CommonLoss(passage => passage.TestAccuracy) is { } loss
                ? DecideAtLoss(ladder, loss, Statement, Rule)
                : Judge.Missing(
                    "C3c",
                    Statement,
                    Rule,
                    "no loss is passed by every run at a point where test accuracy is known"
                );
        return LadderGroups.Together("C3c", Statement, Rule, ladders, Decide);
    }

    private static Verdict DecideAtLoss(LadderGroups ladder, double loss, string statement, string rule)
    {
        var accuracy = ladder.AtLoss(loss, passage => Points * passage.TestAccuracy);
        if (accuracy[0].Length < 2)
            return Judge.Missing("C3c", statement, rule, "this needs two seeds");
        var best = BestOfOthers(accuracy);
        var (gain, beyond) = (Chosen(accuracy, best, accuracy[0]), Chosen(accuracy, best, accuracy[^1]));
        var kind = best.All(rung => rung == 0) ? VerdictKind.NotSupported : Side(gain);
        var reason =
            $"at loss {Judge.Text(loss)}, best moment, chosen for each seed by the others: "
            + $"{Names(best.Select(rung => ladder.Rungs[rung]))}; "
            + $"gain over never large {NumberText.Points(gain)}, over {ladder.Last.Name} {NumberText.Points(beyond)}";
        return new Verdict(
            "C3c",
            statement,
            kind,
            rule,
            reason,
            [
                Judge.Number("best minus never large, points", gain),
                Judge.Number($"best minus {ladder.Last.Name}, points", beyond),
                .. ladder.Rungs.Zip(
                    accuracy,
                    (rung, values) =>
                        Judge.Number(
                            $"test accuracy at loss {Judge.Text(loss)}, %, {rung.Group.Name}",
                            MeanInterval.Student(values, Bounds.Share.Times(Points))
                        )
                ),
                .. ladder.Rungs.Select(rung =>
                    Judge.Number($"time spent unstable, {rung.Group.Name}", Unstable(rung.Group))
                ),
            ]
        );
    }

    private static Interval Unstable(ClaimGroup group) =>
        MeanInterval.Student(group.GetValues(cell => cell.UnstableTime), Bounds.Positive);

    private static Verdict AtEqualTime(IReadOnlyList<LadderGroups> ladders, ClaimData data)
    {
        const string Statement =
            "at equal training time, the best moment generalizes better than the small learning rate throughout, "
            + "and better than the largest learning rate that stays below the threshold throughout";
        const string Rule =
            "the reduced group with the highest mean gain in test accuracy over the small learning rate throughout, at the end of "
            + "the branch, chosen on all seeds but one; on the remaining seed, its gain over that learning rate, and over "
            + "the largest learning rate that had "
            + "no instability at any seed: both t intervals above 0 at every small learning rate";
        var stable = data.SoundGroups.LastOrDefault(group => group.Cells.All(cell => !cell.Unstable));
        return LadderGroups.Together(
            "C3d",
            Statement,
            Rule,
            ladders,
            ladder =>
                stable is null
                    ? Judge.Missing(
                        "C3d",
                        Statement,
                        Rule,
                        "no learning rate stayed below the threshold throughout at every seed"
                    )
                    : DecideAtTime(ladder, stable, Statement, Rule)
        );
    }

    private static Verdict DecideAtTime(LadderGroups ladder, ClaimGroup stable, string statement, string rule)
    {
        var (overSmall, overStable) = (Gains(ladder, ladder.Control), Gains(ladder, stable));
        if (overSmall[0].Length < 2 || !overSmall.Concat(overStable).All(gains => gains.All(double.IsFinite)))
        {
            return Judge.Missing(
                "C3d",
                statement,
                rule,
                "this needs test accuracy at the same training time, in every branch and both controls, and two seeds"
            );
        }
        var best = BestOfOthers(overSmall);
        var (small, larger) = (Chosen(overSmall, best), Chosen(overStable, best));
        var kind = OverBoth(small, larger);
        var other =
            stable == ladder.Control
                ? ", which is also the largest learning rate below the threshold"
                : $", over {stable.Name}, the largest below the threshold, {NumberText.Points(larger)}";
        var reason =
            $"best moment, chosen for each seed by the others: {Names(best.Select(rung => ladder.Rungs[rung + 1]))}; "
            + $"gain over {ladder.Small} throughout {NumberText.Points(small)}{other}";
        return new Verdict(
            "C3d",
            statement,
            kind,
            rule,
            reason,
            [
                Judge.Number($"best minus {ladder.Small} throughout, points", small),
                .. stable == ladder.Control
                    ? Array.Empty<Evidence>()
                    : [Judge.Number($"best minus {stable.Name} throughout, points", larger)],
            ]
        );
    }

    /// <summary>
    /// Returns the points of test accuracy at the end of each branch minus those of a control at that training time,
    /// by reduced rung and in order of seed.
    /// </summary>
    private static double[][] Gains(LadderGroups ladder, ClaimGroup control) =>
        [.. ladder.Reduced.Select(rung => rung.Group.Cells.Zip(control.Cells, Gain).ToArray())];

    private static double Gain(CellMeasures branch, CellMeasures control) =>
        Points
        * (branch.TestAccuracy - LossPassage.At(control.AccuracyInTime, Math.Min(branch.EndTime, control.EndTime)));

    /// <summary>
    /// Returns, for each seed, the rung with the largest mean over the other seeds. The earlier moment wins ties.
    /// </summary>
    private static int[] BestOfOthers(double[][] rungs)
    {
        var seeds = Enumerable.Range(0, rungs[0].Length).ToArray();
        double Without(int left, int rung) =>
            Math.Round(seeds.Where(seed => seed != left).Average(seed => rungs[rung][seed]), 10);
        return [.. seeds.Select(left => Enumerable.Range(0, rungs.Length).MaxBy(rung => Without(left, rung)))];
    }

    /// <summary>
    /// Returns the mean over seeds of the chosen rung's value, minus that of another rung if one is given.
    /// </summary>
    private static Interval Chosen(double[][] rungs, int[] best, double[]? less = null) =>
        MeanInterval.Student([.. best.Select((rung, seed) => rungs[rung][seed] - (less?[seed] ?? 0))], Range);

    private static VerdictKind Side(Interval gain)
    {
        if (gain.Low > 0)
            return VerdictKind.Supported;
        return gain.High < 0 ? VerdictKind.Opposite : VerdictKind.Inconclusive;
    }

    private static VerdictKind OverBoth(Interval small, Interval larger)
    {
        if (small.High < 0 || larger.High < 0)
            return VerdictKind.Opposite;
        return small.Low > 0 ? Side(larger) : VerdictKind.Inconclusive;
    }

    private static string Names(IEnumerable<Rung> rungs) =>
        string.Join(", ", rungs.Distinct().OrderBy(rung => rung.Moment).Select(rung => rung.Name));
}
