using Gyre.Lab.Optimizers;

namespace Gyre.Lab.Specs;

/// <summary>The schedules that a spec stands for.</summary>
internal static class RunSchedules
{
    /// <summary>Step sizes.</summary>
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

    /// <summary>Step of the last change of the schedule; 0 without one.</summary>
    public static long LastChange(TrainingSpec spec) => spec.Schedule.Count == 0 ? 0 : spec.Schedule[^1].Step;

    /// <summary>Measurements.</summary>
    public static BurstSchedule Bursts(RunSpec spec) => new(spec.Curvature, Rates(spec.Training), spec.Training.Steps);

    /// <summary>Whether the test set is evaluated at a step.</summary>
    /// <param name="spec">Of the run.</param>
    /// <param name="bursts">Its regular measurements.</param>
    /// <param name="step">The step.</param>
    /// <param name="last">The run's last one.</param>
    public static bool EvaluatesHeldOut(RunSpec spec, BurstSchedule bursts, long step, long last)
    {
        if (step == last)
            return true;
        return spec.Training.EvaluateEvery > 0
            ? step % spec.Training.EvaluateEvery == 0
            : spec.Curvature.EveryTime > 0 && bursts.Find(step) is { Position: 0 };
    }

    /// <summary>
    /// Whether the re-solve baseline is measured there: at the last of every <c>resolve_every</c> bursts, so that the
    /// first burst, where eigenvalues crowd and a solve costs most, is spared.
    /// </summary>
    public static bool Resolves(CurvatureSpec spec, BurstPlace place) =>
        spec.Resolve && place.StartsBurst && (place.Number + 1) % spec.ResolveEvery == 0;
}
