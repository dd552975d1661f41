using Gyre.Lab.Dynamics;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;

namespace Gyre.Lab.Measuring;

/// <summary>
/// Passes the records of a run to <see cref="FollowUps"/>, and turns its decisions into places. Pure; a resumed run
/// replays its records.
/// </summary>
internal sealed class FollowTracker
{
    private readonly FollowUps? _follow;

    /// <param name="spec">The section [curvature] of the spec.</param>
    /// <param name="bursts">The regular bursts.</param>
    public FollowTracker(CurvatureSpec spec, BurstSchedule bursts)
    {
        if (spec.Follow is { On: true } follow)
            _follow = new FollowUps(
                new FollowOptions(follow.Rise, follow.Edge, follow.Growth, follow.Budget, spec.Burst),
                bursts.IsBetween
            );
    }

    /// <summary>
    /// Returns the place of a follow-up, as far as earlier steps determine it; null if none is due.
    /// </summary>
    public BurstPlace? Due(long step) => Place(_follow?.Due(step));

    /// <summary>Returns the same once the loss of the step is known.</summary>
    public BurstPlace? Due(long step, double loss) => Place(_follow?.Due(step, loss));

    /// <summary>Adds a step and its measurement, if there is one.</summary>
    public void Next(StepRecord step, CurvatureRecord? curvature) =>
        _follow?.Next(
            step.Step,
            step.Loss,
            step.UpdateNorm,
            curvature is null
                ? null
                : new FollowedMeasurement(
                    curvature.Sharpness,
                    curvature.Threshold,
                    curvature.Products,
                    ReasonOf(curvature)
                )
        );

    /// <summary>Adds all records of a run so far.</summary>
    public void Replay(IEnumerable<StepRecord> steps, IEnumerable<CurvatureRecord> curvature)
    {
        var measured = curvature.ToDictionary(record => record.Step);
        foreach (var step in steps)
            Next(step, measured.GetValueOrDefault(step.Step));
    }

    private static FollowReason? ReasonOf(CurvatureRecord record) =>
        record.Follow is { } word ? Enum.Parse<FollowReason>(word, ignoreCase: true) : null;

    private static BurstPlace? Place(FollowPlace? place) =>
        place is null ? null : new BurstPlace(0, place.Position) { Follow = place.Reason };
}
