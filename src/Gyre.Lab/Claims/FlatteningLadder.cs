using Gyre.Lab.Statistics;

namespace Gyre.Lab.Claims;

/// <summary>C2 the paper's way: one large rate is reduced at several moments, and how high sharpness then climbs says
/// how flat the region is.</summary>
internal static class FlatteningLadder
{
    public static IReadOnlyList<Verdict> Parts(ClaimData data)
    {
        var ladders = LadderGroups.Of(data);
        return ladders.Count == 0 ? [] : [Peaks(ladders), AtEqualLoss(ladders), AtEqualDistance(ladders)];
    }

    private static Verdict Peaks(IReadOnlyList<LadderGroups> ladders)
    {
        const string Statement = "the later the large rate is reduced, the lower sharpness climbs afterwards";
        const string Rule = "Page's trend test of the peak after the reduction over moments, never large among them, blocks are seeds, peaks that a run's end cut off as lower bounds: falls with p < 0.05 at every small rate";
        var measured = ladders.Where(ladder => ladder.Rungs.All(rung => rung.Group.Cells.All(cell => double.IsFinite(cell.After.Peak)))).ToArray();
        if (measured.Length < ladders.Count)
            return Judge.Missing("C2d", Statement, Rule, "sharpness was not measured after every reduction");
        var tests = measured.Select(ladder => ("the peak" + After(ladder, measured), Test(ladder)));
        var verdict = Judge.ByTrend("C2d", Statement, Rule, [.. tests], rising: false, levels: "moments");
        return verdict with
        {
            Reason = $"{verdict.Reason}; {string.Join("; ", measured.Select(Effect))}",
            Evidence = [.. verdict.Evidence, .. measured.SelectMany(PeaksOf)],
        };
    }

    private static PageTrend Test(LadderGroups ladder) => PageTrend.OfBounds(
        [.. Seeds(ladder).Select(seed => ladder.Rungs.Select(rung => rung.Group.Cells[seed].After).Select(after => (after.Peak, !after.PeakPassed)).ToArray())], ClaimCatalog.Seed);

    private static string Effect(LadderGroups ladder)
    {
        var (first, last) = (Peak(ladder.Rungs[0]), Peak(ladder.Last));
        var cut = ladder.Rungs.Sum(rung => rung.Group.Cells.Count(cell => !cell.After.PeakPassed));
        var bounds = cut == 0 ? "" : $", {cut} of {ladder.Rungs.Sum(rung => rung.Group.Cells.Count)} peaks are lower bounds";
        return $"from {Judge.Text(first)} never large to {Judge.Text(last)} {ladder.Last.Name}{bounds}{ladder.MetThreshold()}";
    }

    private static Interval Peak(Rung rung) => MeanInterval.Student(rung.Group.Of(cell => cell.After.Peak), Bounds.Positive);

    private static IEnumerable<Evidence> PeaksOf(LadderGroups ladder)
    {
        foreach (var rung in ladder.Rungs)
        {
            var (mean, error) = (Peak(rung), rung.Group.Cells.Max(cell => cell.After.PeakError));
            yield return new Evidence($"peak after the reduction, {rung.Group.Name}", mean.Value, mean.Low, mean.High, $"{mean.Method}; residuals at most {Judge.Text(error)}");
        }
        var fall = Fall(ladder, ladder.Rungs.Select(rung => rung.Group.Of(cell => cell.After.Peak)).ToArray());
        yield return new Evidence($"fall of the peak, never large less {ladder.Last.Name}", fall.Value, fall.Low, fall.High, fall.Method);
    }

    private static Verdict AtEqualLoss(IReadOnlyList<LadderGroups> ladders)
    {
        const string Statement = "the same at equal training loss: progress of the training does not explain it";
        const string Rule = "Page's trend test over moments, blocks are seeds, of sharpness where the training loss passes the smallest of the listed values that every run passes: falls with p < 0.05 at every small rate";
        var found = ladders.Select(ladder => (Ladder: ladder, Loss: ladder.CommonLoss(passage => passage.Sharpness))).ToArray();
        if (found.Any(one => one.Loss is null))
            return Judge.Missing("C2e", Statement, Rule, $"no loss of {string.Join(", ", LossPassage.Losses.Select(Judge.Text))} is passed by every run where sharpness is known");
        var values = found.Select(one => (one.Ladder, Loss: one.Loss!.Value, Values: one.Ladder.AtLoss(one.Loss!.Value, passage => passage.Sharpness))).ToArray();
        var tests = values.Select(one => ($"sharpness at loss {Judge.Text(one.Loss)}{After(one.Ladder, ladders)}", Test(one.Values)));
        var verdict = Judge.ByTrend("C2e", Statement, Rule, [.. tests], rising: false, levels: "moments");
        return verdict with
        {
            Reason = $"{verdict.Reason}; {string.Join("; ", values.Select(one => Remaining(one.Ladder, one.Values)))}",
            Evidence = [.. verdict.Evidence, .. values.SelectMany(one => one.Ladder.Rungs.Zip(one.Values, (rung, of) => Mean($"sharpness at loss {Judge.Text(one.Loss)}, {rung.Group.Name}", of)))],
        };
    }

    private static PageTrend Test(double[][] rungs) => PageTrend.Of([.. Enumerable.Range(0, rungs[0].Length).Select(seed => rungs.Select(rung => rung[seed]).ToArray())], ClaimCatalog.Seed);

    /// <summary>How much of the fall of the peaks is left at equal loss.</summary>
    private static string Remaining(LadderGroups ladder, double[][] values)
    {
        var (fall, whole) = (Fall(ladder, values), Fall(ladder, ladder.Rungs.Select(rung => rung.Group.Of(cell => cell.After.Peak)).ToArray()));
        return $"it falls by {Judge.Text(fall)}, {Judge.Text(100 * fall.Value / whole.Value)} % of the fall of the peaks";
    }

    private static Verdict AtEqualDistance(IReadOnlyList<LadderGroups> ladders)
    {
        const string Statement = "distance alone does not do it: as far from the start, a run that was never large still climbs higher";
        const string Rule = "peak after the reduction less the largest sharpness of the small rate throughout from where it is as far from the start as the branch at its reduction, mean over moments by seed: t interval below 0; decides nothing";
        return LadderGroups.Together("C2f", Statement, Rule, ladders, ladder => OfDistance(ladder, Statement, Rule));
    }

    private static Verdict OfDistance(LadderGroups ladder, string statement, string rule)
    {
        var pairs = ladder.Reduced.SelectMany(rung => Seeds(ladder).Select(seed => (Seed: seed, Difference: Beyond(rung.Group.Cells[seed], ladder.Control.Cells[seed])))).ToArray();
        var reached = pairs.Where(pair => double.IsFinite(pair.Difference)).ToArray();
        double[] seeds = [.. reached.GroupBy(pair => pair.Seed).Select(seed => seed.Average(pair => pair.Difference))];
        var left = reached.Length == pairs.Length ? "" : $" ({pairs.Length - reached.Length} of {pairs.Length} branches left out: the small rate throughout never came so far)";
        return seeds.Length < 2
            ? Judge.Missing("C2f", statement, rule, $"the small rate throughout came as far as a branch at {seeds.Length} of {ladder.Control.Cells.Count} seeds; two are needed")
            : Judge.BySide("C2f", statement, rule, MeanInterval.Student(seeds), $"peak less that of the small rate at equal distance{left}", 0, above: false);
    }

    /// <summary>The peak of a branch less the control's largest sharpness from where it was as far from the start; NaN
    /// where it never was.</summary>
    private static double Beyond(CellMeasures branch, CellMeasures control)
    {
        var beyond = control.SharpnessByDistance.Where(point => point.Distance >= branch.ForkDistance && double.IsFinite(point.Sharpness)).ToArray();
        return beyond.Length == 0 ? double.NaN : branch.After.Peak - beyond.Max(point => point.Sharpness);
    }

    private static Interval Fall(LadderGroups ladder, double[][] rungs) => MeanInterval.Student([.. Seeds(ladder).Select(seed => rungs[0][seed] - rungs[^1][seed])]);

    private static Evidence Mean(string name, double[] values) => MeanInterval.Student(values, Bounds.Positive) is var mean ? new Evidence(name, mean.Value, mean.Low, mean.High, mean.Method) : null!;

    private static IEnumerable<int> Seeds(LadderGroups ladder) => Enumerable.Range(0, ladder.Control.Cells.Count);

    private static string After(LadderGroups ladder, IReadOnlyList<LadderGroups> all) => all.Count == 1 ? "" : $" with {ladder.Small} after";
}
