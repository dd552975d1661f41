using System.Globalization;
using Gyre.Lab.Claims;
using Gyre.Lab.Runs;

namespace Gyre.Lab.Reports;

/// <summary>An advice for people: three plain lines, a figure, and the same as JSON.</summary>
/// <param name="Advice">What was found.</param>
/// <param name="Cost">What it took.</param>
/// <param name="Lines">The recommendation, how sure it is, and where the limits are.</param>
/// <param name="Files">The figure's files and advice.json.</param>
public sealed record AdviceReport(Advice Advice, SweepCost Cost, IReadOnlyList<string> Lines, IReadOnlyList<string> Files)
{
    /// <summary>Reads a sweep, and writes the figure and advice.json into its folder report/, each file whole or not at all.</summary>
    /// <exception cref="RunFolderException">The folder cannot be read or written.</exception>
    public static AdviceReport Save(SweepReader sweep)
    {
        ArgumentNullException.ThrowIfNull(sweep);
        var cells = sweep.Cells();
        var data = SweepReport.Data(sweep.Plan, cells);
        var (advice, cost) = (Advice.Of(data.Claims), SweepCost.Of(cells));
        var lines = Sentences(advice, cost);
        var files = AdviceFigure.Page(data, advice) is { } page ? FigureFiles.Write(sweep.Folder.Report, "advice", page).Paths : [];
        var json = Path.Combine(sweep.Folder.Report, "advice.json");
        RunFolder.Guarded(json, () =>
        {
            Directory.CreateDirectory(sweep.Folder.Report);
            WholeFile.Write(json, RunJson.Pretty(new AdviceRecord(RunFolder.Format, advice.Evidence, advice.Lack, Recorded(advice.Recommended), Recorded(advice.Best), Recorded(advice.Stable), advice.Score.Name,
                advice.Gain.Value, advice.Gain.Low, advice.Gain.High, advice.Seeds, advice.Sharpness.Value, 2 / advice.Sharpness.Value, advice.UnstableFrom?.LearningRate, advice.CatapultsFrom?.LearningRate,
                advice.DivergesFrom?.LearningRate, cost.Runs, cost.Gradients, cost.Products, cost.Seconds, lines)));
            return true;
        });
        return new AdviceReport(advice, cost, lines, [.. files, json]);
    }

    private static string[] Sentences(Advice advice, SweepCost cost) => [Recommendation(advice), Confidence(advice), Limits(advice, cost)];

    private static string Recommendation(Advice advice) => advice.Recommended is not { } one
        ? "No recommendation: every rate that was tried diverged at some seed. Try smaller ones: --set sweep.axes.training.learning_rate.values=[0.01,0.03]."
        : $"Train at {Rate(one)}{(advice.Evidence ? "" : advice.StableIsStable ? ", the best of the rates that stayed stable" : ", the smallest rate tried")}: {advice.Score.Text(one.Mean)}.";

    private static string Confidence(Advice advice)
    {
        if (advice.Recommended is null)
            return "No evidence.";
        var against = advice.StableIsStable ? $"the best rate that stayed stable (eta = {Text(advice.Stable!.LearningRate)})" : $"the smallest rate tried (eta = {Text(advice.Stable!.LearningRate)}; none stayed stable)";
        var difference = double.IsFinite(advice.Gain.Low) ? $"{advice.Score.Name} {advice.Score.Text(advice.Gain)} against {against}, chosen and compared on different seeds, {advice.Seeds} of them" : "";
        var kept = advice.Score.HeldOut ? "" : " There is no test set: this is how well it is fitted, not how well it generalizes.";
        if (advice.Evidence)
            return $"How sure: {difference} (95 % interval).{kept}";
        var seen = advice.Best is { } best && best != advice.Stable ? $" The best seen was {Rate(best)}: {advice.Score.Text(best.Mean)}{(difference.Length > 0 ? $"; {difference}" : "")}." : "";
        return $"No evidence that a larger rate, or one reduced later, does better: {advice.Lack}.{seen}{(advice.Gain.Value > 0 && double.IsFinite(advice.Gain.Low) ? string.Create(CultureInfo.InvariantCulture, $" More seeds may settle it: --seeds {2 * advice.Seeds}.") : "")}{kept}";
    }

    private static string Limits(Advice advice, SweepCost cost)
    {
        string From(TriedRate? one, string what) => one is null ? $"{what} at no rate tried" : $"{what} from eta = {Text(one.LearningRate)} ({Text(one.EdgeUnits)} edge units)";
        var start = $"2/S at the start is {Text(2 / advice.Sharpness.Value)} (S = {Text(advice.Sharpness.Value)}{(double.IsFinite(advice.Sharpness.Low) ? $" ± {Text((advice.Sharpness.High - advice.Sharpness.Low) / 2)} over seeds" : "")})";
        return string.Create(CultureInfo.InvariantCulture,
            $"{start}; it reaches the threshold {From(advice.UnstableFrom, "").TrimStart()}, {From(advice.CatapultsFrom, "catapults")}, {From(advice.DivergesFrom, "diverges")}. This took {cost.Runs} runs: {cost.Gradients} gradients, {cost.Products} Hessian-vector products, {cost.Seconds:0} s of processes.");
    }

    private static string Rate(TriedRate one) => string.Create(CultureInfo.InvariantCulture,
        $"eta = {Text(one.LearningRate)} ({Text(one.EdgeUnits)} edge units){(one.ReducedAt is { } step ? $", down to {Text(one.ReducedTo ?? double.NaN)} from step {step} on" : "")}");

    private static TriedRecord? Recorded(TriedRate? one) => one is null ? null : new TriedRecord(one.Name, one.LearningRate, one.EdgeUnits, one.ReducedTo, one.ReducedAt, one.Mean);

    private static string Text(double value) => RunTable.Text(value, 3);
}
