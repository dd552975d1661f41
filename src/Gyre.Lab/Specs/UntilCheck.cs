using Gyre.Lab.Data;

namespace Gyre.Lab.Specs;

/// <summary>Finds conditions of training.until that no run of a spec can meet. Pure.</summary>
internal static class UntilCheck
{
    /// <summary>The fewest measurements between which sharpness can fall.</summary>
    private const int Fewest = 2;

    /// <summary>Returns the mistakes.</summary>
    /// <param name="spec">A spec without other mistakes.</param>
    public static IEnumerable<SpecMistake> Mistakes(RunSpec spec)
    {
        var (until, change) = (spec.Training.Until, RunSchedules.LastChange(spec.Training));
        if (
            until.Accuracy > 0
            && spec.Data.Name != RunSpec.Own
            && DataCatalog.Get(spec.Data.Name).Targets == TargetKind.Numbers
        )
        {
            yield return new(
                "training.until.accuracy",
                $"cannot be met: the targets of data.name = \"{spec.Data.Name}\" are numbers, which have no "
                    + "accuracy; set training.until.loss"
            );
        }
        if (until.SharpnessFallen > 0 && RunSchedules.Bursts(spec).StartsAfter(change) * spec.Curvature.Burst < Fewest)
        {
            var when = change > 0 ? $" after the last change of training.schedule, step {change}" : "";
            yield return new(
                "training.until.sharpness_fallen",
                $"cannot be met: sharpness is not measured twice{when}; lower curvature.every or "
                    + "curvature.every_time"
            );
        }
    }
}
