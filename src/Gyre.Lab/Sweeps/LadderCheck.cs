using System.Globalization;
using Gyre.Lab.Specs;

namespace Gyre.Lab.Sweeps;

/// <summary>Checks a ladder once the sharpness at the start is known. Pure.</summary>
internal static class LadderCheck
{
    /// <summary>Returns the mistakes of the ladder's branches from one cell.</summary>
    /// <param name="sweep">The sweep.</param>
    /// <param name="parent">The run of the cell.</param>
    /// <param name="given">The cell's learning rate, in the unit of the ladder.</param>
    /// <param name="unit">The eta of one edge unit there; NaN if it was not measured.</param>
    public static IEnumerable<SpecMistake> Mistakes(SweepSpec sweep, RunSpec parent, double given, double unit)
    {
        var rungs = sweep.Reductions.Where(reduction => reduction is { Source: Ladder.Key }).ToArray();
        foreach (
            var small in rungs
                .Select(rung => rung.LearningRate)
                .OfType<double>()
                .Distinct()
                .Where(small => small >= unit)
        )
        {
            yield return new(
                $"{Ladder.Key}.small",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{small} is not below the threshold at the start, which is {Digits.Round(unit)} at seed "
                        + $"{parent.Seed}; "
                ) + "the small learning rate must stay below it throughout"
            );
        }
        var rates = RunSchedules.Rates(parent.Training);
        var moments = rungs.Where(rung => rung.Meant(given)).Select(rung => rung.Time!.Value).Distinct();
        var steps = moments.GroupBy(moment => rates.StepsUntil(moment, parent.Training.Steps));
        foreach (var same in steps.Where(same => same.Key is not null && same.Count() > 1))
        {
            yield return new(
                $"{Ladder.Key}.moments",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{string.Join(" and ", same)} are one step, {same.Key}, at eta = "
                        + $"{parent.Training.LearningRate}; choose moments farther apart"
                )
            );
        }
    }
}
