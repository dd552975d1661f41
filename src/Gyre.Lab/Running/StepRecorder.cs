using System.Globalization;
using Gyre.Lab.Measuring;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Lab.Statistics;

namespace Gyre.Lab.Running;

/// <summary>Records the results of a step: its line, its measurement, and the events in their order.</summary>
internal sealed class StepRecorder(
    RunSetup setup,
    RunState state,
    RunTrackers trackers,
    EigenvectorFiles vectors,
    RunJournal journal
)
{
    private readonly RunSpec _spec = setup.Spec;

    /// <param name="step">The line of the step.</param>
    /// <param name="curvature">The measurement of the step; null if there is none.</param>
    /// <param name="decidesEnd">Whether this step decides the end of the run.</param>
    public void Write(StepRecord step, CurvatureRecord? curvature, bool decidesEnd)
    {
        var changes = trackers.Instabilities.Next(step, curvature);
        var reducesRate = trackers.NextRate(curvature);
        if (curvature is not null)
            curvature = state.Measurer.WithRotationAcross(curvature, changes);
        journal.Append(step);
        foreach (var happened in ScheduledEvents(step))
            journal.Append(happened);
        if (curvature is not null)
            Write(curvature);
        if (reducesRate)
            journal.Append(RateReduced(step.Step, curvature!.Sharpness));
        foreach (var happened in changes)
            journal.Append(InstabilityTracker.WithMeasurement(happened, curvature));
        if (decidesEnd)
            journal.Append(Decided(step, curvature));
        trackers.Next(step, curvature);
    }

    /// <summary>
    /// Writes the line of a measurement; at the first step of a regular burst, its eigenvectors are kept too.
    /// </summary>
    private void Write(CurvatureRecord curvature)
    {
        journal.Append(curvature);
        if (curvature.StartsBurst())
            journal.Write(_ =>
                vectors.Write(
                    curvature.Step,
                    state.Measurer.LastVectors!,
                    state.Start is { IsInitial: true } start ? start.Displacement(setup.Objective.Parameters) : null
                )
            );
    }

    /// <summary>Returns the events that the spec schedules at a step.</summary>
    private IEnumerable<EventRecord> ScheduledEvents(StepRecord step)
    {
        if (_spec.Fork is { } fork && fork.Step == step.Step)
            yield return new EventRecord(
                step.Step,
                EventKinds.Fork,
                Detail: "the earlier steps are those of "
                    + $"{fork.Parent}{(fork.OtherChunk ? ", whose sums ran over other chunks" : "")}"
            );
        if (trackers.Rates.WarmupEndsAt(step.Step))
            yield return new EventRecord(
                step.Step,
                EventKinds.LearningRate,
                Detail: $"the warmup ends at {NumberText.Format(step.LearningRate, 6)}"
            );
        if (trackers.Rates.ChangesAt(step.Step))
            yield return new EventRecord(
                step.Step,
                EventKinds.LearningRate,
                Detail: $"from {NumberText.Format(trackers.Rates.At(step.Step - 1), 6)} to {NumberText.Format(step.LearningRate, 6)}"
            );
    }

    private EventRecord RateReduced(long step, double sharpness) =>
        new(
            step,
            EventKinds.LearningRate,
            Sharpness: sharpness,
            Detail: string.Create(
                CultureInfo.InvariantCulture,
                $"peaks have stopped falling: from the next step on eta is "
                    + $"{_spec.Training.Edge.ReducedTo} of the threshold rate, now {NumberText.Format(trackers.RateAt(step), 6)}"
            )
        );

    private EventRecord Decided(StepRecord step, CurvatureRecord? curvature) =>
        new(
            step.Step,
            EventKinds.Until,
            Sharpness: curvature?.Sharpness,
            Loss: step.Loss,
            Detail: $"{trackers.End.Reason}: the next step is the last"
        );
}
