using System.Globalization;
using Gyre.Lab.Dynamics;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Lab.Statistics;

namespace Gyre.Lab.Measuring;

/// <summary>
/// Combines steps and measurements into the points that the detector takes, and turns what it finds into events.
/// Pure; a resumed run replays its records.
/// </summary>
internal sealed class InstabilityTracker
{
    private readonly InstabilityDetector _detector;
    private readonly List<SharpnessPoint> _series = [];
    private readonly TrainingClock _clock = new();
    private double _peakLoss = double.NegativeInfinity;

    public InstabilityTracker(InstabilitySpec spec) =>
        _detector = new InstabilityDetector(spec.ResolvedBelow, spec.Hysteresis, spec.Smoothing);

    public IReadOnlyList<SharpnessPoint> Series => _series;

    public IReadOnlyList<Instability> Found => _detector.Found;

    /// <summary>Adds a step and its measurement, if there is one; returns the events that follow from them.</summary>
    public IReadOnlyList<EventRecord> Next(StepRecord step, CurvatureRecord? curvature)
    {
        _peakLoss = Math.Max(_peakLoss, step.Loss);
        var time = _clock.Next(step.Step, step.LearningRate);
        if (curvature is null || !double.IsFinite(curvature.Sharpness))
            return [];
        var point = new SharpnessPoint(step.Step, curvature.Sharpness, curvature.Threshold, step.Loss, _peakLoss)
        {
            Time = time,
            Regular = curvature.Follow is null,
        };
        _peakLoss = double.NegativeInfinity;
        _series.Add(point);
        return _detector.Next(point) switch
        {
            InstabilityChange.Onset => [Event(point, EventKinds.Onset, Found[^1].Number, null)],
            InstabilityChange.Resolution =>
            [
                Peak(Found[^1]),
                Event(point, EventKinds.Resolution, Found[^1].Number, null),
            ],
            _ => [],
        };
    }

    /// <summary>Returns the peak of a cycle that is still open at the end.</summary>
    public IReadOnlyList<EventRecord> End() => _detector.Open is { } open ? [Peak(open)] : [];

    /// <summary>
    /// Returns an event as it is written; a resolution states how far the leading eigenvectors rotated.
    /// </summary>
    public static EventRecord WithMeasurement(EventRecord happened, CurvatureRecord? measured)
    {
        if (happened.Kind != EventKinds.Resolution || measured?.Across is not { } across)
            return happened;
        var interval = $"[{NumberText.Fixed(1 - across.OverlapHigh, 3)}, {NumberText.Fixed(1 - across.OverlapLow, 3)}]";
        return happened with
        {
            Detail = string.Create(
                CultureInfo.InvariantCulture,
                $"across it the leading eigenvectors turned by {NumberText.Fixed(across.Rotation, 3)} {interval}, in "
                    + $"{across.Lag} steps"
            ),
        };
    }

    /// <summary>Adds all records of a run so far.</summary>
    public void Replay(IEnumerable<StepRecord> steps, IEnumerable<CurvatureRecord> curvature)
    {
        var measured = curvature.ToDictionary(record => record.Step);
        foreach (var step in steps)
            Next(step, measured.GetValueOrDefault(step.Step));
    }

    private static EventRecord Peak(Instability cycle) =>
        new(
            cycle.PeakStep,
            EventKinds.Peak,
            cycle.Number,
            cycle.PeakSharpness,
            cycle.PeakThreshold,
            null,
            cycle.Resolution is null ? "unresolved at the end" : null
        );

    private static EventRecord Event(SharpnessPoint point, string kind, int cycle, string? detail) =>
        new(point.Step, kind, cycle, point.Sharpness, point.Threshold, point.Loss, detail);
}
