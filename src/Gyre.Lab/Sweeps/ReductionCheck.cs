using Gyre.Lab.Specs;

namespace Gyre.Lab.Sweeps;

/// <summary>Checks a reduction before any sharpness is measured. Pure.</summary>
internal static class ReductionCheck
{
    private const string TimeKey = "training.time";

    /// <summary>
    /// Returns whether a cell can branch with this reduction; false only if no sharpness would change that.
    /// </summary>
    /// <param name="reduction">The reduction.</param>
    /// <param name="sweep">The sweep.</param>
    /// <param name="point">The cell's place in the sweep.</param>
    /// <param name="sketch">The run there, with an arbitrary learning rate if the axis is in edge units.</param>
    public static bool MayBranch(Reduction reduction, SweepSpec sweep, SweepPoint point, RunSpec sketch) =>
        sketch.Training.Edge.Share == 0
        && reduction.Meant(point.Rate?.Given ?? sketch.Training.LearningRate)
        && (
            point.Rate is { InEdgeUnits: true } rate
                ? BelowEdges(reduction, rate.Given)
                : Below(reduction, sketch.Training.LearningRate)
        )
        && (
            point.Rate is { InEdgeUnits: true }
                ? WithinTime(reduction, TimeOf(sweep, point), sketch)
                : Within(reduction, sketch)
        );

    /// <summary>Returns the mistake for a reduction that applies to no cell.</summary>
    public static SpecMistake NoCell(Reduction reduction) =>
        new(
            reduction.Source,
            $"the one {CellName.Moment(reduction)} has no cell to branch from: "
                + $"no rate {(reduction.Parents.Count > 0 ? "named in parents" : "of the sweep")} is above the "
                + "reduced one, or its moment is after the end"
        );

    private static bool BelowEdges(Reduction reduction, double given) => !(reduction.EdgeUnits >= given);

    private static bool Below(Reduction reduction, double eta) => !(reduction.LearningRate >= eta);

    /// <summary>
    /// The number of steps in a training time is unknown without the learning rate, but the order of two training
    /// times is known.
    /// </summary>
    private static bool WithinTime(Reduction reduction, double time, RunSpec sketch) =>
        time > 0 ? !(reduction.Time >= time) : !(reduction.Step >= sketch.Training.Steps);

    private static bool Within(Reduction reduction, RunSpec sketch)
    {
        var training = sketch.Training;
        var step = reduction.Step ?? RunSchedules.Rates(training).StepsUntil(reduction.Time!.Value, training.Steps);
        return step > 0 && step < training.Steps;
    }

    private static double TimeOf(SweepSpec sweep, SweepPoint point) =>
        (point.Values.GetValueOrDefault(TimeKey) ?? sweep.Base.GetValueOrDefault(TimeKey)) is { } given
            ? SpecCheck.AsNumber(given) ?? 0
            : 0;
}
