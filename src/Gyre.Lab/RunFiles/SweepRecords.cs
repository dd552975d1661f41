using System.Text.Json.Serialization;

namespace Gyre.Lab.RunFiles;

// The files of a sweep folder (docs/formats.md is the contract).

/// <summary>The field common to every version of plan.json.</summary>
internal sealed record FormatRecord(int Format);

/// <summary>
/// plan.json: the current plan of a sweep. Cells of earlier plans stay in the folder and are used again if a later
/// plan names them.
/// </summary>
/// <param name="Format">Version of the format.</param>
/// <param name="Gyre">Version of the program that made the plan.</param>
/// <param name="Name">Name of the sweep.</param>
/// <param name="CommandLine">The command line, as given.</param>
/// <param name="Threads">libtorch threads of each cell. They are part of every cell's identity, so the first plan
/// fixes them for all later plans.</param>
/// <param name="Axes">Dotted keys that vary, except seeds, in the order of the spec.</param>
/// <param name="Cells">The cells, ordered so that parents precede their forks.</param>
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
/// <param name="Folder">Name of the cell's run folder under cells/.</param>
/// <param name="Group">Label, for people, shared by the cells that differ only in their seed: "0.25 edge units", "1 →
/// 0.0625 edge units at time 20".</param>
/// <param name="Seed">The seed, which pairs the cell with cells of other groups.</param>
/// <param name="LearningRate">eta from step 0.</param>
/// <param name="EdgeUnits">eta in units of 2/S(theta_0); NaN if S(theta_0) was not measured.</param>
/// <param name="Values">Value of each axis as written in a spec: "0.215", "\"relu\"", "[64, 64]".</param>
/// <param name="Parent">Folder of the parent cell from which this one forks, or null.</param>
/// <param name="ForkStep">First step after the fork, or null.</param>
/// <param name="ReducedTo">eta after the fork, or null.</param>
/// <param name="ReducedToEdgeUnits">eta after the fork in edge units, or null.</param>
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
    /// Whether the seed has no effect on the training, so that the plan has only this seed; not written if it has
    /// one.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Seedless { get; init; }
}

/// <summary>One line of probes.jsonl: the values measured at theta_0 before planning.</summary>
/// <param name="Id">Id of the spec, computed without the keys that cannot change these values (the learning rate and
/// its schedule, the number of steps, ...).</param>
/// <param name="Sharpness">S(theta_0).</param>
/// <param name="SharpnessResidual">Residual of the leading eigenpair: an eigenvalue lies within this distance of the
/// sharpness.</param>
/// <param name="Parameters">n, the number of parameters.</param>
/// <param name="GradientSeconds">Seconds per step without a measurement.</param>
/// <param name="MeasurementSeconds">Seconds per typical measurement of the eigenpairs within a burst, including the
/// step's own gradient.</param>
/// <param name="EvaluationSeconds">Seconds per evaluation of the test set.</param>
/// <param name="StartSeconds">Seconds from the start of a process to the end of its first measurement: the runtime,
/// libtorch, the data, the first solve.</param>
/// <param name="PeakBytes">Peak memory of the calibration's process, which is about that of a cell's process; 0 if it
/// is not known.</param>
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

/// <summary>One line of log.jsonl: an event in the history of the sweep.</summary>
/// <param name="Time">UTC, ISO 8601.</param>
/// <param name="Kind">planned, started, done, retried, failed, interrupted or ended.</param>
/// <param name="Cell">Folder of the cell, or null if the entry is about the whole sweep.</param>
/// <param name="Detail">A sentence for people, such as the last output of a process that died.</param>
internal sealed record SweepLogRecord(DateTimeOffset Time, string Kind, string? Cell = null, string? Detail = null);
