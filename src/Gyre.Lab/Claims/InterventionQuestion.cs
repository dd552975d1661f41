using Gyre.Lab.Interventions;

namespace Gyre.Lab.Claims;

/// <summary>
/// Is it the rotation that finds flatter minima? The question compares the same seeds with and without
/// freeze-rotation, and lists the other interventions as evidence.
/// </summary>
internal static class InterventionQuestion
{
    private const string Axis = "intervention.name";
    private const string Frozen = InterventionCatalog.FreezeRotation;
    private const string Control = InterventionCatalog.ShorterStep;

    private static readonly Measure[] Measures =
    [
        Measure.FinalSharpness,
        Measure.Flip,
        Measure.Drift,
        Measure.TestPercent,
        new("training loss", cell => cell.TrainLoss, nameof(CellMeasures.TrainLoss)),
    ];

    public static IReadOnlyList<Verdict> Decide(ClaimData data)
    {
        var pairs = PairedGroups.FromData(data, Axis, InterventionCatalog.None);
        Verdict[] parts =
        [
            Decide(
                pairs,
                "Q1a",
                "frozen, the leading eigenvectors turn less: the intervention works",
                "rotation between bursts, frozen minus free, by seed: t interval below 0",
                Measure.Drift with
                {
                    Name = "rotation between bursts",
                },
                above: false
            ),
            Decide(
                pairs,
                "Q1b",
                "frozen, runs end sharper: without rotation there is less flattening",
                "sharpness of the last fifth, frozen minus free, by seed: t interval above 0",
                Measure.FinalSharpness,
                above: true
            ),
            Decide(
                pairs,
                "Q1c",
                "frozen, the test accuracy is lower",
                "test accuracy at the end, frozen minus free, by seed: t interval below 0",
                Measure.TestPercent,
                above: false
            ),
            Decide(
                PairedGroups.FromData(data, Axis, Control),
                "Q1d",
                "frozen, runs end sharper than with steps that bounce as much and are only "
                    + "as short: rotation is the cause, not the length of the steps",
                "sharpness of the last fifth, frozen minus shorter-step, by seed: t interval above 0",
                Measure.FinalSharpness,
                above: true,
                "shortened"
            ),
        ];
        var whole = Judge.Whole("Q1", "rotation causes flattening", [parts[0], parts[1], parts[3]]);
        return
        [
            whole with
            {
                Rule = "Q1a, Q1b and Q1d supported; not supported if one of them is not supported",
                Evidence = Others(pairs),
            },
            .. parts,
        ];
    }

    private static Verdict Decide(
        IReadOnlyList<PairedGroups> pairs,
        string part,
        string statement,
        string rule,
        Measure measure,
        bool above,
        string baseline = "free"
    )
    {
        var frozen = pairs.Where(pair => pair.Name == Frozen).ToArray();
        return frozen.Length == 0
            ? Judge.Missing(
                part,
                statement,
                rule,
                $"the sweep has no pair of groups, frozen and {baseline}, that finished without diverging"
            )
            : Judge.BySeed(
                part,
                statement,
                rule,
                [.. frozen.Select(pair => (pair.Group.Name, pair.Differences(measure.Get)))],
                $"{measure.Name}, frozen minus {baseline},",
                0,
                above,
                $"{measure.Name} was not measured",
                measure.Bounds.Differences(),
                unit: measure.DifferenceUnit
            );
    }

    private static Evidence[] Others(IReadOnlyList<PairedGroups> pairs) =>
        [.. pairs.SelectMany(pair => Measures.Select(measure => pair.Difference(measure)))];
}
