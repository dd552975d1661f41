using Gyre.Lab.Optimizers;

namespace Gyre.Lab.Specs;

/// <summary>Creates the schedules of a spec.</summary>
internal static class RunSchedules
{
    /// <summary>Returns the learning rates.</summary>
    public static LearningRateSchedule Rates(TrainingSpec spec) =>
        new(
            spec.LearningRate,
            [.. spec.Schedule.Select(change => new LearningRateChange(change.Step, change.LearningRate))]
        )
        {
            Warmup = spec.Warmup,
            Decay = Enum.Parse<LearningRateDecay>(spec.Decay, ignoreCase: true),
            DecayTo = spec.DecayTo,
            DecayEvery = spec.DecayEvery,
            Steps = spec.Steps,
        };

    /// <summary>Returns the step of the last change of the schedule; 0 if there is none.</summary>
    public static long LastChange(TrainingSpec spec) => spec.Schedule.Count == 0 ? 0 : spec.Schedule[^1].Step;

    /// <summary>Returns the measurements.</summary>
    public static BurstSchedule Bursts(RunSpec spec) => new(spec.Curvature, Rates(spec.Training), spec.Training.Steps);

    /// <summary>Returns whether the test set is evaluated at a step.</summary>
    /// <param name="spec">The spec of the run.</param>
    /// <param name="bursts">The regular measurements.</param>
    /// <param name="step">The step.</param>
    /// <param name="last">The last step of the run.</param>
    public static bool EvaluatesHeldOut(RunSpec spec, BurstSchedule bursts, long step, long last)
    {
        if (step == last)
            return true;
        return spec.Training.EvaluateEvery > 0
            ? step % spec.Training.EvaluateEvery == 0
            : spec.Curvature.EveryTime > 0 && bursts.Find(step) is { Position: 0 };
    }

    /// <summary>
    /// Returns whether the re-solve baseline is measured at a step: at the last burst of every <c>resolve_every</c>,
    /// which avoids the first burst, where eigenvalues are close together and a solve costs most.
    /// </summary>
    public static bool Resolves(CurvatureSpec spec, BurstPlace place) =>
        spec.Resolve && place.StartsBurst && (place.Number + 1) % spec.ResolveEvery == 0;
}
