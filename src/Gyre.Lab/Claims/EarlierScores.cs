using Gyre.Lab.RunFiles;

namespace Gyre.Lab.Claims;

/// <summary>Scores on the way; NaN where nothing was evaluated by then.</summary>
/// <param name="TestAccuracy">0 to 1.</param>
/// <param name="TestLoss">Mean over the test set.</param>
/// <param name="TrainLoss">Weight decay included.</param>
internal sealed record EarlierScores(double TestAccuracy, double TestLoss, double TrainLoss)
{
    private const double Share = 0.8;

    /// <summary>Of a run that is not that long.</summary>
    public static EarlierScores None { get; } = new(double.NaN, double.NaN, double.NaN);

    /// <summary>The last evaluation at or before four fifths of the steps, the first step left out: it is of no
    /// training.</summary>
    public static EarlierScores FromSteps(IReadOnlyList<StepRecord> steps)
    {
        ArgumentNullException.ThrowIfNull(steps);
        var before = steps.Where(step => step.Step > 0 && step.Step <= Share * steps[^1].Step).ToArray();
        return before.Length == 0
            ? None
            : new EarlierScores(
                before.LastOrDefault(step => step.TestAccuracy is not null)?.TestAccuracy ?? double.NaN,
                before.LastOrDefault(step => step.TestLoss is not null)?.TestLoss ?? double.NaN,
                before[^1].Loss
            );
    }
}
