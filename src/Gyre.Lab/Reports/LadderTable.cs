using System.Globalization;
using Gyre.Lab.Claims;
using Gyre.Lab.Statistics;

namespace Gyre.Lab.Reports;

/// <summary>
/// The table of a sweep's ladder: measures of every rung after its reduction, over seeds, with a note on how to read
/// them.
/// </summary>
internal static class LadderTable
{
    private const string PeakHead = "peak S after the reduction";

    private static readonly (string Head, Func<CellMeasures, double> Of, Bounds Bounds)[] Columns =
    [
        ("time unstable", cell => cell.UnstableTime, Bounds.Positive),
        ("flip meanwhile", cell => cell.FlipUnstable, Bounds.Share),
        (PeakHead, cell => cell.After.Peak, Bounds.Positive),
        ("time to the peak", cell => cell.After.TimeToPeak, Bounds.Positive),
        ("‖theta‖ at the end", cell => cell.ParameterNorm, Bounds.Positive),
        ("distance from the start", cell => cell.StartDistance, Bounds.Positive),
        ("distance from never large", cell => cell.ControlDistance, Bounds.Positive),
    ];

    /// <summary>Returns one row per rung; no rows if the sweep has no ladder.</summary>
    public static TableView Create(ClaimData data)
    {
        var ladders = LadderGroups.FromData(data);
        if (ladders.Count == 0)
            return new TableView([], []);
        var losses = LossPassage
            .Losses.Where(loss => data.Cells.Any(cell => cell.After.At(loss) is not null))
            .ToArray();
        var passages = losses.Select(loss => $"S and test accuracy at loss {Judge.Text(loss)}");
        var rows = ladders.SelectMany(Groups).Select(group => Row(group, losses));
        return new TableView(
            ["group", .. Columns.Select(column => column.Head), .. passages],
            [.. rows],
            Note(ladders, data)
        );
    }

    private static IEnumerable<ClaimGroup> Groups(LadderGroups ladder) =>
        [
            .. ladder.Rungs.Select(rung => rung.Group),
            .. ladder.Large is { } large ? [large] : Array.Empty<ClaimGroup>(),
        ];

    private static IReadOnlyList<CellView> Row(ClaimGroup group, double[] losses) =>
        [
            group.Name,
            .. Columns.Select(column =>
                Mean(group.GetValues(column.Of), column.Bounds, column.Head == PeakHead ? Cut(group) : "")
            ),
            .. losses.Select(loss =>
                Passage([.. group.Cells.Select(cell => cell.After.At(loss)).OfType<LossPassage>()], group.Cells.Count)
            ),
        ];

    private static string Cut(ClaimGroup group) =>
        group.Cells.Count(cell => !cell.After.PeakPassed) is var cut and > 0
            ? string.Create(CultureInfo.InvariantCulture, $"{cut} of {group.Cells.Count} lower bounds")
            : "";

    private static CellView Mean(double[] values, Bounds bounds, string more)
    {
        var mean = MeanInterval.Student([.. values.Where(double.IsFinite)], bounds);
        if (!double.IsFinite(mean.Value))
            return "—";
        string[] lines =
        [
            Text(mean.Value),
            double.IsFinite(mean.Low) ? $"t {Text(mean.Low)} to {Text(mean.High)}" : "",
            more,
        ];
        return new CellView([.. lines.Where(line => line.Length > 0)]);
    }

    private static CellView Passage(LossPassage[] passages, int cells)
    {
        double[] sharpness = [.. passages.Select(one => one.Sharpness).Where(double.IsFinite)];
        double[] accuracy = [.. passages.Select(one => one.TestAccuracy).Where(double.IsFinite)];
        if (sharpness.Length + accuracy.Length == 0)
            return "—";
        var passed =
            passages.Length == cells
                ? ""
                : string.Create(CultureInfo.InvariantCulture, $"{passages.Length} of {cells} runs");
        string[] lines = [$"S {Text(Average(sharpness))}", $"{Text(100 * Average(accuracy))} %", passed];
        return new CellView([.. lines.Where(line => line.Length > 0)]);
    }

    /// <summary>Explains how to read the table, and whether the value of the small learning rate matters.</summary>
    private static string Note(IReadOnlyList<LadderGroups> ladders, ClaimData data)
    {
        var small = string.Join(" and ", ladders.Select(ladder => ladder.Small));
        var rates =
            ladders.Count > 1
                ? $"The small learning rate has {ladders.Count} values, {small}. A part of a claim must hold at each of them, "
                    + "and its reason lists them separately."
                : $"The small learning rate has one value, {small}; set sweep.ladder.small to a list to see whether it matters.";
        var distance = ClaimCatalog.Decide(data).FirstOrDefault(verdict => verdict.Claim == "C2f");
        var answer = distance is null ? "Not asked" : $"C2f, {distance.Name}: {distance.Reason}";
        return "Mean over seeds; t: Student's 95 % interval. "
            + "A peak is a lower bound if sharpness had not fallen to 0.95 of it when the run ended. "
            + "Values at a loss are those where the training loss first passes it after the reduction, interpolated linearly "
            + "in training time between bursts. "
            + $"{rates} Does distance from the start alone flatten? {answer}.";
    }

    private static double Average(double[] values) => values.DefaultIfEmpty(double.NaN).Average();

    private static string Text(double value) => NumberText.Format(value, 3);
}
