using System.Text.Json.Serialization;

namespace Gyre.Lab.RunFiles;

// The files of a sweep folder (docs/formats.md is the contract).

/// <summary>What every version of plan.json has.</summary>
/// <param name="Format">Version of the format.</param>
internal sealed record FormatRecord(int Format);

/// <summary>
/// plan.json: what a sweep is made of now. Cells of earlier plans stay in the folder and are taken up again when a plan
/// names them.
/// </summary>
/// <param name="Format">Version of the format.</param>
/// <param name="Gyre">Version of the program that made the plan.</param>
/// <param name="Name">Of the sweep.</param>
/// <param name="CommandLine">As given.</param>
/// <param name="Threads">libtorch threads of each cell: part of every cell's identity, so the first plan decides it for
/// all later ones.</param>
/// <param name="Axes">Dotted keys that vary, seeds left out, in the order of the spec.</param>
/// <param name="Cells">In the order of the plan: parents before their forks.</param>
internal sealed record SweepPlanRecord(
    int Format,
    string Gyre,
    string Name,
    string CommandLine,
    int Threads,
    string[] Axes,
    SweepCellRecord[] Cells
);

/// <summary>One cell of a sweep: one run.</summary>
/// <param name="Folder">Name of its run folder under cells/.</param>
/// <param name="Group">What it has in common with the cells that differ by seed alone, for people: "0.25 edge units",
/// "1 → 0.0625 edge units at time 20".</param>
/// <param name="Seed">Pairs it with the cells of other groups.</param>
/// <param name="LearningRate">eta from step 0.</param>
/// <param name="EdgeUnits">The same in units of 2/S(theta_0); NaN where S(theta_0) was not measured.</param>
/// <param name="Values">Value of each axis, as it is written in a spec: "0.215", "\"relu\"", "[64, 64]".</param>
/// <param name="Parent">Folder of the cell it forks from, or null.</param>
/// <param name="ForkStep">First step of its own, or null.</param>
/// <param name="ReducedTo">eta after the fork, or null.</param>
/// <param name="ReducedToEdgeUnits">The same in edge units.</param>
internal sealed record SweepCellRecord(
    string Folder,
    string Group,
    int Seed,
    double LearningRate,
    double EdgeUnits,
    IReadOnlyDictionary<string, string> Values,
    string? Parent = null,
    long? ForkStep = null,
    double? ReducedTo = null,
    double? ReducedToEdgeUnits = null
)
{
    /// <summary>
    /// Whether the seed changes nothing of the training, so that the plan has this seed alone; not written where it
    /// does.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Seedless { get; init; }
}

/// <summary>One line of probes.jsonl: what was measured at theta_0 before the plan.</summary>
/// <param name="Id">Of the spec without what cannot change the answer (the learning rate and its schedule, the number
/// of steps, ...).</param>
/// <param name="Sharpness">S(theta_0).</param>
/// <param name="SharpnessResidual">Residual of that eigenpair: an eigenvalue lies within it.</param>
/// <param name="Parameters">n.</param>
/// <param name="GradientSeconds">Of one step without a measurement.</param>
/// <param name="MeasurementSeconds">Of a usual measurement of the eigenpairs within a burst, with the step's own
/// gradient.</param>
/// <param name="EvaluationSeconds">Of one evaluation of the test set.</param>
/// <param name="StartSeconds">Of a process until its first measurement is done: the runtime, libtorch, the data, the
/// first solve.</param>
/// <param name="PeakBytes">The most memory that the calibration's process had: what a cell's takes, about; 0 where it is not
/// known.</param>
internal sealed record CalibrationRecord(
    string Id,
    double Sharpness,
    double SharpnessResidual,
    long Parameters,
    double GradientSeconds,
    double MeasurementSeconds,
    double EvaluationSeconds,
    double StartSeconds,
    long PeakBytes = 0
);

/// <summary>One line of log.jsonl: what happened to the sweep.</summary>
/// <param name="Time">UTC, ISO 8601.</param>
/// <param name="Kind">planned, started, done, retried, failed, interrupted or ended.</param>
/// <param name="Cell">Folder of the cell, or null where the whole sweep is meant.</param>
/// <param name="Detail">A sentence for people, such as the last words of a process that died.</param>
internal sealed record SweepLogRecord(DateTimeOffset Time, string Kind, string? Cell = null, string? Detail = null);
