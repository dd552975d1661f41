using Gyre.Lab.Dynamics;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;

namespace Gyre.Lab.Measuring;

/// <summary>The last step of a run, known once training.until holds: the step after. Pure; a resumed run feeds it the
/// records again.</summary>
internal sealed class EndTracker(TrainingSpec spec)
{
    private readonly StopRule _rule = new(spec.Until, RunSchedules.LastChange(spec));

    /// <summary>The last step, as far as is known: of the whole schedule, or earlier.</summary>
    public long Last { get; private set; } = spec.Steps;

    /// <summary>What held, in a sentence; null where the run goes through its schedule.</summary>
    public string? Reason { get; private set; }

    /// <summary>Takes a step and its measurement, if there is one; returns whether it is the one that decides the
    /// end.</summary>
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

    /// <summary>Takes all records of a run so far.</summary>
    public void Replay(IEnumerable<StepRecord> steps, IEnumerable<CurvatureRecord> curvature)
    {
        var measured = curvature.ToDictionary(record => record.Step);
        foreach (var step in steps)
            Next(step.Step, step.Loss, step.Accuracy, measured.GetValueOrDefault(step.Step));
    }
}
