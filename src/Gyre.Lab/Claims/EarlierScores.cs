using Gyre.Lab.RunFiles;

namespace Gyre.Lab.Claims;

/// <summary>Scores during the run; NaN if nothing was evaluated by then.</summary>
/// <param name="TestAccuracy">Test accuracy, 0 to 1.</param>
/// <param name="TestLoss">Mean loss over the test set.</param>
/// <param name="TrainLoss">Training loss, weight decay included.</param>
internal sealed record EarlierScores(double TestAccuracy, double TestLoss, double TrainLoss)
{
    private const double Share = 0.8;

    /// <summary>The scores of a run that is too short.</summary>
    public static EarlierScores None { get; } = new(double.NaN, double.NaN, double.NaN);

    /// <summary>
    /// Returns the last scores at or before four fifths of the steps. Step 0 is left out, since nothing is trained
    /// there.
    /// </summary>
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
