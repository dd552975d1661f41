using Gyre.Lab.Claims;
using Gyre.Lab.Figures;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Statistics;

namespace Gyre.Lab.Reports;

/// <summary>The report of `gyre advise`: a few plain sentences, a figure, and the same content as JSON.</summary>
/// <param name="Cost">The computing cost of the runs.</param>
/// <param name="Lines">The recommendation, the groups that were still improving, the confidence, and the
/// limits.</param>
/// <param name="Files">The paths of the figure's files and advice.json.</param>
internal sealed record AdviceReport(
    Advice Advice,
    SweepCost Cost,
    IReadOnlyList<string> Lines,
    IReadOnlyList<string> Files
)
{
    /// <summary>
    /// Reads a sweep, and optionally a second sweep over the remaining candidates. Writes the figure and advice.json
    /// into the first sweep's report/ folder, each file whole or not at all.
    /// </summary>
    /// <param name="first">Every candidate at the first seeds.</param>
    /// <param name="more">The candidates that may be the best, at more seeds; null if there is no second
    /// sweep.</param>
    /// <exception cref="RunFolderException">The folder cannot be read or written.</exception>
    public static AdviceReport Save(SweepReading first, SweepReading? more = null)
    {
        ArgumentNullException.ThrowIfNull(first);
        var sweep = first.Sweep;
        FolderLinks.Hold(sweep.Folder.Path, sweep.Folder.Report);
        var data = Data(first, more);
        var firstSeeds = FirstSeeds(sweep);
        var cost = SweepCost.Sum([.. first.Cells, .. more?.Cells ?? []]);
        var advice = Advice.Create(data.Claims, firstSeeds);
        var lines = Sentences(advice, cost);
        var files = AdviceFigure.Page(data, advice) is { } page
            ? FigureFiles.Write(sweep.Folder.Report, "advice", page).Paths
            : [];
        var json = Path.Combine(sweep.Folder.Report, "advice.json");
        RunFolder.Guarded(
            json,
            () =>
            {
                Directory.CreateDirectory(sweep.Folder.Report);
                WholeFile.Write(json, RunJson.Pretty(Record(advice, cost, firstSeeds.Length, lines)));
                return true;
            }
        );
        return new AdviceReport(advice, cost, lines, [.. files, json]);
    }

    /// <summary>
    /// Returns the advice from the first seeds, which decides the candidates worth more seeds. Writes nothing.
    /// </summary>
    public static Advice Decide(SweepReading sweep)
    {
        ArgumentNullException.ThrowIfNull(sweep);
        return Advice.Create(Data(sweep, null).Claims);
    }

    private static SweepReportData Data(SweepReading first, SweepReading? more)
    {
        var plan = first.Sweep.Plan;
        return SweepReport.Data(
            plan with
            {
                Cells = [.. plan.Cells, .. more?.Sweep.Plan.Cells ?? []],
            },
            [.. first.Cells, .. more?.Cells ?? []],
            [.. first.Finished, .. more?.Finished ?? []]
        );
    }

    private static int[] FirstSeeds(SweepReader sweep) =>
        [.. sweep.Plan.Cells.Select(cell => cell.Seed).Distinct().Order()];

    private static AdviceRecord Record(Advice advice, SweepCost cost, int first, IReadOnlyList<string> lines) =>
        new(
            RunFolder.Format,
            advice.Evidence,
            advice.Lack,
            Recorded(advice.Recommended),
            Recorded(advice.Best),
            Recorded(advice.Stable),
            advice.Score.Name,
            advice.Gain.Value,
            advice.Gain.Low,
            advice.Gain.High,
            advice.Seeds,
            Math.Min(first, advice.Seeds),
            advice.Sharpness.Value,
            2 / advice.Sharpness.Value,
            advice.UnstableFrom?.LearningRate,
            advice.CatapultsFrom?.LearningRate,
            advice.DivergesFrom?.LearningRate,
            cost.Runs,
            cost.Gradients,
            cost.Products,
            cost.Seconds,
            [.. advice.Tried.Select(one => Recorded(one)!)],
            lines
        );

    private static string[] Sentences(Advice advice, SweepCost cost) =>
        [Recommendation(advice), .. Unfinished(advice), Confidence(advice), Limits(advice, cost)];

    private static string Recommendation(Advice advice)
    {
        if (advice.Recommended is not { } one)
            return "No recommendation: every learning rate that was tried diverged at some seed. "
                + "Try smaller ones: --set sweep.axes.training.learning_rate.values=[0.01,0.03].";
        return $"Train at {Rate(one)}: {advice.Score.Text(one.Mean)}.{Regret(advice, one)}";
    }

    private static string Regret(Advice advice, TriedRate one)
    {
        if (one.Odds is { } odds)
            return $" Compared with the best of the {advice.Tried.Count} candidates, whichever it is, "
                + $"the expected loss is {advice.Score.Cost(odds.Regret)}, and it is at most "
                + $"{advice.Score.Cost(odds.MostLost)} (95 %).";
        return advice.Seedless ? "" : " One seed gives no bound on what another candidate would gain.";
    }

    /// <summary>
    /// Names the candidates whose score was still rising at the end: more steps may change their order.
    /// </summary>
    private static IEnumerable<string> Unfinished(Advice advice)
    {
        string Rise(TriedRate one) =>
            advice.Score.IsLoss
                ? $"the loss fell by {Percent.Format(1 - Math.Pow(10, -one.Rise), 0)}"
                : $"{NumberText.Signed(100 * one.Rise)} points";
        var rising = advice.Tried.Where(one => one.Rising).ToArray();
        if (rising.Length > 0)
            yield return "Still improving in the last fifth of the steps: "
                + $"{string.Join(", ", rising.Select(one => $"{one.Name} ({Rise(one)})"))}. More --steps may "
                + "change what is best.";
    }

    private static string Confidence(Advice advice)
    {
        if (advice.Recommended is null)
            return "No evidence.";
        var known = double.IsFinite(advice.Gain.Low);
        var against = advice.StableIsStable
            ? $"the best learning rate that stayed stable (eta = {Text(advice.Stable!.LearningRate)})"
            : $"the smallest learning rate tried (eta = {Text(advice.Stable!.LearningRate)}; none stayed stable)";
        var difference = known
            ? $"{advice.Score.Name} {advice.Score.Text(advice.Gain)} compared with {against}, chosen and compared on "
                + $"different seeds, {advice.Gain.Count} of them"
            : "";
        var kept = advice.Score.HeldOut ? "" : " There is no test set: this measures the fit, not generalization.";
        if (advice.Evidence)
            return $"Gain from instabilities:  {difference} (95 % interval).{kept}";
        var seen = difference.Length > 0 ? $" Seen: {difference}." : "";
        var settle =
            advice.Gain.Value > 0 && known && !advice.Seedless
                ? FormattableString.Invariant($" More seeds may settle it: --seeds {2 * advice.Seeds}.")
                : "";
        return $"There is no evidence that a larger learning rate, or one reduced later, is better than {against}: "
            + $"{advice.Lack}.{seen}{settle}{kept}";
    }

    private static string Limits(Advice advice, SweepCost cost)
    {
        string From(TriedRate? one, string what) =>
            one is null
                ? $"{what} at no constant learning rate tried"
                : $"{what} from eta = {Text(one.LearningRate)} ({Text(one.EdgeUnits)} edge units)";
        var sharpness = advice.Sharpness;
        var spread = double.IsFinite(sharpness.Low)
            ? $" ± {Text((sharpness.High - sharpness.Low) / 2)} over seeds"
            : "";
        return $"2/S at the start is {Text(2 / sharpness.Value)} (S = {Text(sharpness.Value)}{spread}); it reaches "
            + "the threshold "
            + $"{From(advice.UnstableFrom, "").TrimStart()}, {From(advice.CatapultsFrom, "catapults")}, "
            + $"{From(advice.DivergesFrom, "diverges")}. "
            + FormattableString.Invariant(
                $"This took {cost.Runs} runs: {cost.Gradients} gradients, {cost.Products} Hessian-vector products, "
            )
            + FormattableString.Invariant($"{cost.Seconds:0} s of computing.");
    }

    private static string Rate(TriedRate one) =>
        $"eta = {Text(one.LearningRate)} ({Text(one.EdgeUnits)} edge units){Reduction(one)}";

    private static string Reduction(TriedRate one) =>
        one.ReducedAt is { } step
            ? FormattableString.Invariant($", reduced to {Text(one.ReducedTo ?? double.NaN)} from step {step}")
            : "";

    private static TriedRecord? Recorded(TriedRate? one)
    {
        if (one is null)
            return null;
        return new TriedRecord(
            one.Name,
            one.LearningRate,
            one.EdgeUnits,
            one.ReducedTo,
            one.ReducedAt,
            one.Mean,
            one.Seeds,
            double.IsFinite(one.Rise) ? one.Rise : null,
            one.Rising,
            one.Odds?.Regret,
            one.Odds?.MostLost,
            one.Odds?.ChanceBest
        );
    }

    private static string Text(double value) => NumberText.Format(value, 3);
}
