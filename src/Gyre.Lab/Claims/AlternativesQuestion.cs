using Gyre.Lab.Optimizers;

namespace Gyre.Lab.Claims;

/// <summary>
/// Do other rules find what large learning rates find? The question compares the sharpness of the Hessian and the
/// test accuracy at the point where each run first reaches a common training loss, one that every run reaches.
/// </summary>
internal static class AlternativesQuestion
{
    private const string Axis = "optimizer.name";
    private const string Statement =
        "gradient descent at a large learning rate ends flatter than every other update rule at equal training loss";

    public static IReadOnlyList<Verdict> Decide(ClaimData data)
    {
        var sound = data.SoundGroups.Where(group => group.Cells.All(cell => cell.Moments.Count > 0)).ToArray();
        if (sound.Length < 2 || data.Seeds.Count < 2)
            return [Judge.Missing("Q2", Statement, "", "this needs two groups and two seeds")];
        var loss = sound.SelectMany(group => group.Cells).Max(cell => cell.Moments.Min(moment => moment.Loss));
        string Rule(ClaimGroup group) => group.Cells[0].Cell.Values.GetValueOrDefault(Axis, "").Trim('"');
        var descent = sound
            .Where(group => Rule(group) == OptimizerNames.GradientDescent)
            .MaxBy(group => group.LearningRate);
        if (descent is null)
            return [Judge.Missing("Q2", Statement, "", "no group of gradient descent finished without diverging")];
        return [.. sound.Where(group => group != descent).SelectMany(group => AtLoss(loss, group, descent))];
    }

    /// <summary>Compares one group with gradient descent where each run first reaches the loss.</summary>
    private static Verdict[] AtLoss(double loss, ClaimGroup group, ClaimGroup descent)
    {
        var rule =
            $"at the first burst whose training loss is {Judge.Text(loss)} or less, a loss that every run reaches; "
            + "by seed, t interval";
        return
        [
            Decide(
                $"Q2 flatness, {group.Name}",
                $"ends sharper than {descent.Name} at equal training loss",
                rule + " above 0",
                group,
                descent,
                new("sharpness of the Hessian", cell => At(cell, loss).Sharpness, nameof(CellMeasures.FinalSharpness)),
                above: true
            ),
            Decide(
                $"Q2 accuracy, {group.Name}",
                $"ends less accurate than {descent.Name} at equal training loss",
                rule + " below 0",
                group,
                descent,
                Measure.TestPercent with
                {
                    Get = cell => 100 * At(cell, loss).TestAccuracy,
                },
                above: false
            ),
        ];
    }

    private static (double Loss, double Sharpness, double TestAccuracy) At(CellMeasures cell, double loss) =>
        cell.Moments.First(moment => moment.Loss <= loss);

    private static Verdict Decide(
        string part,
        string statement,
        string rule,
        ClaimGroup group,
        ClaimGroup descent,
        Measure measure,
        bool above
    ) =>
        Judge.BySeed(
            part,
            statement,
            rule,
            [(group.Name, new PairedGroups(group.Name, group, descent).Differences(measure.Get))],
            $"{measure.Name}, {group.Name} minus {descent.Name},",
            0,
            above,
            $"{measure.Name} was not measured",
            measure.Bounds.Differences(),
            unit: measure.DifferenceUnit
        );
}
