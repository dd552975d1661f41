using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Torch;

namespace Gyre.Lab.Trajectories;

/// <summary>
/// Lists what the checkpoints of a training cannot show, one sentence each: it is left out, and named. Pure.
/// </summary>
internal static class LeftOut
{
    /// <summary>How a script saves the checkpoints that flip and drift per bounce need.</summary>
    public const string BurstHint = "save bursts of three: if step % 100 < 3: save(step)";

    /// <summary>Returns the sentences for the steps that were measured.</summary>
    /// <param name="spec">The resolved spec of the run.</param>
    /// <param name="steps">The records of the checkpoints, by ascending step.</param>
    /// <param name="curvature">Every measurement.</param>
    public static IReadOnlyList<string> Find(
        RunSpec spec,
        IReadOnlyList<StepRecord> steps,
        IReadOnlyList<CurvatureRecord> curvature
    )
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(steps);
        ArgumentNullException.ThrowIfNull(curvature);
        var between = steps.Zip(steps.Skip(1), (one, next) => next.Step - one.Step).ToArray();
        return
        [
            .. Start(steps),
            .. Lags(steps),
            .. Odd(curvature),
            .. between.Any(gap => gap > 1) ? Gaps(steps, between.Max()) : [],
            .. Rates(spec, between),
            .. steps.Where(step => !double.IsFinite(step.Loss)).Select(NotFinite),
            .. curvature.Count == 0 && steps.Count > 0 ? ["sharpness: no checkpoint has a finite loss"] : Nothing,
        ];
    }

    private static string[] Nothing => [];

    private static IEnumerable<string> Start(IReadOnlyList<StepRecord> steps)
    {
        if (steps is not [{ Step: > 0 and var first }, ..])
            yield break;
        yield return $"start: the first checkpoint is of step {first}, so the sharpness at the start, eta in "
            + "edge units and the distance from the start are unknown; save one before the first update, as step 0";
    }

    private static IEnumerable<string> Lags(IReadOnlyList<StepRecord> steps)
    {
        var there = steps.Select(step => step.Step).ToHashSet();
        bool Any(int lag) => there.Any(step => there.Contains(step + lag));
        var (flip, bounce) = (Any(1), Any(2));
        if (flip && bounce)
            yield break;
        var (name, lag) = (flip, bounce) switch
        {
            (false, false) => ("flip and drift per bounce", "one or two steps"),
            (false, true) => ("flip", "one step"),
            _ => ("drift per bounce", "two steps"),
        };
        yield return $"{name}: no two checkpoints are {lag} apart; {BurstHint}";
    }

    /// <summary>At the edge of stability, iterates bounce with period 2, and eigenvectors flip with them.</summary>
    private static IEnumerable<string> Odd(IReadOnlyList<CurvatureRecord> curvature)
    {
        var odd = curvature.Count(record => record.Drift is { Lag: > 1 and var lag } && lag % 2 == 1);
        if (odd > 0)
            yield return $"drift without flips: {Counted.Format(odd, "drift")} span an odd number of steps, and at "
                + "the edge of stability eigenvectors flip from step to step; save at even distances";
    }

    private static IEnumerable<string> Gaps(IReadOnlyList<StepRecord> steps, long widest)
    {
        var consecutive = steps.Count > 0 && steps[^1].Step - steps[0].Step == steps.Count - 1;
        yield return $"instabilities between checkpoints (up to {widest} steps apart): those within a gap "
            + "are missed, onsets and resolutions are dated by the first checkpoint that shows them, and peaks are "
            + "the largest values at checkpoints";
        if (!consecutive)
            yield return "rises of the loss: they need the loss of every step";
    }

    /// <summary>
    /// Training time is a sum of learning rates, and the records contain only those at checkpoints.
    /// </summary>
    private static IEnumerable<string> Rates(RunSpec spec, long[] between)
    {
        var training = spec.Training;
        var changes = training.Schedule.Count > 0 || training.Warmup > 0 || training.Decay != DecayNames.None;
        if (changes && between.Any(gap => gap > 1))
            yield return "changes of the learning rate between checkpoints: training time, over which means are taken, uses "
                + "the learning rate of the earlier checkpoint for all steps up to the next";
    }

    private static string NotFinite(StepRecord step) =>
        $"step {step.Step}: its loss is not finite, so it has no curvature";
}
