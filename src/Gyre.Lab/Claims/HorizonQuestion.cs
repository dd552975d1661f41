namespace Gyre.Lab.Claims;

/// <summary>
/// Does flattening continue? The question compares runs of the same learning rates and seeds over a training time and
/// over a longer one, by seed.
/// </summary>
internal static class HorizonQuestion
{
    private const string Axis = "training.time";

    public static IReadOnlyList<Verdict> Decide(ClaimData data)
    {
        var times = data
            .Cells.Select(cell => cell.Cell.Values.GetValueOrDefault(Axis, ""))
            .Distinct()
            .OrderBy(Number)
            .ToArray();
        const string Statement =
            "sharpness at the end of the longer run is lower than at the end of the shorter one: flattening continues";
        const string Rule =
            "sharpness of the last fifth, longer minus shorter, for each learning rate, by seed: t interval below 0";
        var pairs = times.Length < 2 ? [] : PairedGroups.FromData(data, Axis, times[0]);
        return pairs.Count == 0
            ?
            [
                Judge.Missing(
                    "Q4",
                    Statement,
                    Rule,
                    "this needs two training times, finished at every seed without diverging"
                ),
            ]
            :
            [
                .. pairs.Select(pair =>
                    Judge.BySeed(
                        $"Q4, {pair.Group.Name}",
                        Statement,
                        Rule,
                        [(pair.Group.Name, pair.Differences(cell => cell.FinalSharpness))],
                        "final sharpness, longer minus shorter,",
                        0,
                        above: false,
                        "final sharpness was not measured"
                    )
                ),
            ];
    }

    private static double Number(string text) =>
        double.TryParse(
            text,
            System.Globalization.NumberStyles.Float,
            System.Globalization.CultureInfo.InvariantCulture,
            out var number
        )
            ? number
            : double.NaN;
}
