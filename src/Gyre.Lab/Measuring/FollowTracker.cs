using Gyre.Lab.Dynamics;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;

namespace Gyre.Lab.Measuring;

/// <summary>
/// Feeds the records of a run to <see cref="FollowUps"/>, and turns what it decides into places. Pure; a resumed run
/// feeds it the records again.
/// </summary>
internal sealed class FollowTracker
{
    private readonly FollowUps? _follow;

    /// <param name="spec">Of what is measured.</param>
    /// <param name="bursts">Its regular bursts.</param>
    public FollowTracker(CurvatureSpec spec, BurstSchedule bursts)
    {
        if (spec.Follow is { On: true } follow)
            _follow = new FollowUps(
                new FollowOptions(follow.Rise, follow.Edge, follow.Growth, follow.Budget, spec.Burst),
                bursts.IsBetween
            );
    }

    /// <summary>A follow-up's place, as far as the steps before tell; null where none is due.</summary>
    public BurstPlace? Due(long step) => Place(_follow?.Due(step));

    /// <summary>The same once the loss of the step is known.</summary>
    public BurstPlace? Due(long step, double loss) => Place(_follow?.Due(step, loss));

    /// <summary>Takes a step and its measurement, if there is one.</summary>
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

    /// <summary>Takes all records of a run so far.</summary>
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
