using System.Globalization;

namespace Gyre.Lab.Claims;

/// <summary>
/// Does a learning rate that follows the edge do better? The question compares every share c of the edge with the
/// constant learning rate and with that rate reduced by plan, at equal steps and measurements.
/// </summary>
internal static class EdgeRateQuestion
{
    private const string Axis = "training.edge_rate";

    public static IReadOnlyList<Verdict> Decide(ClaimData data)
    {
        bool Follows(ClaimGroup group) =>
            double.TryParse(
                group.Cells[0].Cell.Values.GetValueOrDefault(Axis, "0"),
                NumberStyles.Float,
                CultureInfo.InvariantCulture,
                out var share
            )
            && share > 0;
        var following = data.SoundGroups.Where(Follows).ToArray();
        ClaimGroup[] others = [.. data.SoundGroups.Except(following), .. data.Forks];
        return following.Length == 0 || others.Length == 0
            ?
            [
                Judge.Missing(
                    "Q5",
                    "a learning rate that follows the edge does better",
                    "",
                    "this needs a group with training.edge_rate and one without, both finished without diverging"
                ),
            ]
            : [.. following.SelectMany(group => others.SelectMany(other => Compared(group, other)))];
    }

    private static IEnumerable<Verdict> Compared(ClaimGroup group, ClaimGroup other)
    {
        var pair = new PairedGroups(group.Name, group, other);
        Verdict Decide(string part, string statement, string side, Measure measure, bool above) =>
            Judge.BySeed(
                $"Q5 {part}, {group.Name}",
                $"{statement} than {other.Name}",
                $"{measure.Name} at the end, by seed: t interval {side} 0",
                [(group.Name, pair.Differences(measure.Get))],
                $"{measure.Name}, minus that of {other.Name},",
                0,
                above,
                $"{measure.Name} was not measured",
                measure.Bounds.Differences(),
                unit: measure.DifferenceUnit
            );
        yield return Decide("accuracy", "ends more accurate", "above", Measure.TestPercent, above: true);
        yield return Decide("flatness", "ends flatter", "below", Measure.FinalSharpness, above: false);
    }
}
