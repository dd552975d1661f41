using Gyre.Lab.Dynamics;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;

namespace Gyre.Lab.Measuring;

/// <summary>
/// Tracks the last step of a run: the step after the one at which training.until holds. Pure; a resumed run replays
/// its records.
/// </summary>
internal sealed class EndTracker(TrainingSpec spec)
{
    private readonly StopRule _rule = new(spec.Until, RunSchedules.LastChange(spec));

    /// <summary>The last step, as far as it is known: that of the whole schedule, or an earlier one.</summary>
    public long Last { get; private set; } = spec.Steps;

    /// <summary>The condition that held, as a sentence; null if the run completes its schedule.</summary>
    public string? Reason { get; private set; }

    /// <summary>
    /// Adds a step and its measurement, if there is one; returns whether this step decides the end.
    /// </summary>
    public bool Next(long step, double loss, double accuracy, CurvatureRecord? curvature)
    {
        if (
            Reason is not null
            || step >= Last - 1
            || _rule.Next(step, loss, accuracy, curvature?.Sharpness) is not { } words
        )
            return false;
        (Last, Reason) = (step + 1, words);
        return true;
    }

    /// <summary>Adds all records of a run so far.</summary>
    public void Replay(IEnumerable<StepRecord> steps, IEnumerable<CurvatureRecord> curvature)
    {
        var measured = curvature.ToDictionary(record => record.Step);
        foreach (var step in steps)
            Next(step.Step, step.Loss, step.Accuracy, measured.GetValueOrDefault(step.Step));
    }
}
