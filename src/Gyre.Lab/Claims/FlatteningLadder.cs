using Gyre.Lab.Statistics;

namespace Gyre.Lab.Claims;

/// <summary>
/// C2 as in the paper: one large learning rate is reduced at several moments. The height to which sharpness then
/// climbs measures how flat the region is.
/// </summary>
internal static class FlatteningLadder
{
    public static IReadOnlyList<Verdict> Parts(ClaimData data)
    {
        var ladders = LadderGroups.FromData(data);
        return ladders.Count == 0 ? [] : [DecidePeaks(ladders), AtEqualLoss(ladders), AtEqualDistance(ladders)];
    }

    private static Verdict DecidePeaks(IReadOnlyList<LadderGroups> ladders)
    {
        const string Statement =
            "the later the large learning rate is reduced, the lower the peak of sharpness afterwards";
        const string Rule =
            "Page's trend test of the peak after the reduction over moments, including never large, "
            + "with seeds as blocks and peaks cut off by the end of a run as lower bounds: falls with p < 0.05 at every "
            + "small rate";
        if (ladders.Any(ladder => Peaks(ladder).Any(rung => !rung.All(double.IsFinite))))
            return Judge.Missing("C2d", Statement, Rule, "sharpness was not measured after every reduction");
        var tests = ladders.Select(ladder => ("the peak" + After(ladder, ladders), TestOfPeaks(ladder)));
        var verdict = Judge.ByTrend("C2d", Statement, Rule, [.. tests], rising: false, levels: "moments");
        return verdict with
        {
            Reason = $"{verdict.Reason}; {string.Join("; ", ladders.Select(Effect))}",
            Evidence = [.. verdict.Evidence, .. ladders.SelectMany(EvidenceOf)],
        };
    }

    private static PageTrend TestOfPeaks(LadderGroups ladder)
    {
        (double, bool)[] Block(int seed) =>
            [
                .. ladder
                    .Rungs.Select(rung => rung.Group.Cells[seed].After)
                    .Select(after => (after.Peak, !after.PeakPassed)),
            ];
        return PageTrend.FromBounds([.. Seeds(ladder).Select(Block)], ClaimCatalog.Seed);
    }

    /// <summary>
    /// Describes the range over which the peaks fall, the number of lower bounds among them, and the runs that met
    /// the threshold.
    /// </summary>
    private static string Effect(LadderGroups ladder)
    {
        var peaks = Peaks(ladder);
        var cells = ladder.Rungs.SelectMany(rung => rung.Group.Cells).ToArray();
        var cut = cells.Count(cell => !cell.After.PeakPassed);
        var bounds = cut == 0 ? "" : $", {cut} of {cells.Length} peaks are lower bounds";
        return $"from {Judge.Text(Mean(peaks[0]))} never large to {Judge.Text(Mean(peaks[^1]))} {ladder.Last.Name}"
            + bounds
            + ladder.MetThreshold();
    }

    private static IEnumerable<Evidence> EvidenceOf(LadderGroups ladder)
    {
        var peaks = Peaks(ladder);
        foreach (var (rung, values) in ladder.Rungs.Zip(peaks))
        {
            var residual = $"residuals at most {Judge.Text(rung.Group.Cells.Max(cell => cell.After.PeakError))}";
            var mean = Mean(values);
            yield return Judge.Number(
                $"peak after the reduction, {rung.Group.Name}",
                mean with
                {
                    Method = $"{mean.Method}; {residual}",
                }
            );
        }
        yield return Judge.Number($"fall of the peak, never large minus {ladder.Last.Name}", Fall(peaks));
    }

    private static Verdict AtEqualLoss(IReadOnlyList<LadderGroups> ladders)
    {
        const string Statement =
            "the same holds at equal training loss: the progress of the training does not explain it";
        const string Rule =
            "Page's trend test over moments, with seeds as blocks, of sharpness where the training loss passes "
            + "the smallest of the listed values that every run passes: falls with p < 0.05 at every small learning rate";
        var found = ladders
            .Select(ladder => new Passage(ladder, ladder.CommonLoss(passage => passage.Sharpness) ?? double.NaN))
            .ToArray();
        if (found.Any(one => double.IsNaN(one.Loss)))
        {
            var losses = string.Join(", ", LossPassage.Losses.Select(Judge.Text));
            return Judge.Missing(
                "C2e",
                Statement,
                Rule,
                $"no loss of {losses} is passed by every run at a point where sharpness is known"
            );
        }
        var tests = found.Select(one =>
            ($"{one.Name}{After(one.Ladder, ladders)}", PageTrend.Test(Transposed(one.Values), ClaimCatalog.Seed))
        );
        var verdict = Judge.ByTrend("C2e", Statement, Rule, [.. tests], rising: false, levels: "moments");
        return verdict with
        {
            Reason = $"{verdict.Reason}; {string.Join("; ", found.Select(Remaining))}",
            Evidence = [.. verdict.Evidence, .. found.SelectMany(one => one.Numbers)],
        };
    }

    /// <summary>Describes how much of the fall of the peaks remains at equal loss.</summary>
    private static string Remaining(Passage one)
    {
        var (fall, whole) = (Fall(one.Values), Fall(Peaks(one.Ladder)));
        return $"it falls by {Judge.Text(fall)}, {Judge.Text(100 * fall.Value / whole.Value)} % of the fall of the "
            + "peaks";
    }

    private static Verdict AtEqualDistance(IReadOnlyList<LadderGroups> ladders)
    {
        const string Statement =
            "distance alone does not explain it: at the same distance from the start, a run that was never large climbs higher";
        const string Rule =
            "peak after the reduction minus the largest sharpness of the run at the small learning rate from where it is "
            + "as far from the start as the branch at its reduction, mean over moments by seed: t interval "
            + "below 0; not part of the verdict on C2";
        return LadderGroups.Together(
            "C2f",
            Statement,
            Rule,
            ladders,
            ladder => DecideDistance(ladder, Statement, Rule)
        );
    }

    private static Verdict DecideDistance(LadderGroups ladder, string statement, string rule)
    {
        var pairs = (
            from rung in ladder.Reduced
            from seed in Seeds(ladder)
            select (Seed: seed, Difference: Beyond(rung.Group.Cells[seed], ladder.Control.Cells[seed]))
        ).ToArray();
        var reached = pairs.Where(pair => double.IsFinite(pair.Difference)).ToArray();
        double[] seeds = [.. reached.GroupBy(pair => pair.Seed).Select(seed => seed.Average(pair => pair.Difference))];
        if (seeds.Length < 2)
        {
            return Judge.Missing(
                "C2f",
                statement,
                rule,
                $"the run at the small learning rate came as far as a branch at {seeds.Length} of "
                    + $"{ladder.Control.Cells.Count} seeds; "
                    + "this needs two"
            );
        }
        var left =
            reached.Length == pairs.Length
                ? ""
                : $" ({pairs.Length - reached.Length} of {pairs.Length} branches left out: the run at the small learning rate "
                    + "never came that far)";
        var name = $"peak minus that of the small learning rate at equal distance{left}";
        return Judge.BySide("C2f", statement, rule, MeanInterval.Student(seeds), name, 0, above: false);
    }

    /// <summary>
    /// Returns the peak of a branch minus the control's largest sharpness from the point where it was as far from the
    /// start; NaN if it never was.
    /// </summary>
    private static double Beyond(CellMeasures branch, CellMeasures control)
    {
        var points = control.SharpnessByDistance.Where(point => point.Distance >= branch.ForkDistance);
        double[] beyond = [.. points.Select(point => point.Sharpness).Where(double.IsFinite)];
        return beyond.Length == 0 ? double.NaN : branch.After.Peak - beyond.Max();
    }

    /// <summary>Returns the peaks by rung, in order of seed.</summary>
    private static double[][] Peaks(LadderGroups ladder) =>
        [.. ladder.Rungs.Select(rung => rung.Group.GetValues(cell => cell.After.Peak))];

    private static Interval Mean(double[] values) => MeanInterval.Student(values, Bounds.Positive);

    private static Interval Fall(double[][] rungs) =>
        MeanInterval.Student([.. rungs[0].Zip(rungs[^1], (first, last) => first - last)]);

    private static double[][] Transposed(double[][] rungs) =>
        [.. Enumerable.Range(0, rungs[0].Length).Select(seed => rungs.Select(rung => rung[seed]).ToArray())];

    private static IEnumerable<int> Seeds(LadderGroups ladder) => Enumerable.Range(0, ladder.Control.Cells.Count);

    private static string After(LadderGroups ladder, IReadOnlyList<LadderGroups> all) =>
        all.Count == 1 ? "" : $" with {ladder.Small} after";

    /// <summary>Sharpness where the runs of a ladder pass one loss.</summary>
    private sealed record Passage(LadderGroups Ladder, double Loss)
    {
        /// <summary>Sharpness by rung, in order of seed.</summary>
        public double[][] Values { get; } = Ladder.AtLoss(Loss, passage => passage.Sharpness);

        public string Name => $"sharpness at loss {Judge.Text(Loss)}";

        public IEnumerable<Evidence> Numbers =>
            Ladder.Rungs.Zip(Values, (rung, values) => Judge.Number($"{Name}, {rung.Group.Name}", Mean(values)));
    }
}
