using System.Text.Json.Serialization;

namespace Gyre.Lab.RunFiles;

/// <summary>summary.json, written last and once: outcome and headline numbers.</summary>
internal sealed record SummaryRecord
{
    /// <summary>Version of the format.</summary>
    public required int Format { get; init; }

    /// <summary>stable, edge_of_stability, catapult, resolved, unresolved, diverged or unmeasured.</summary>
    public required string Outcome { get; init; }

    /// <summary>The rule that named it, with its numbers.</summary>
    public required string OutcomeRule { get; init; }

    /// <summary>Updates done.</summary>
    public required long Steps { get; init; }

    /// <summary>What of training.until held, a sentence; not written where the run went through its steps.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? EndedBy { get; init; }

    /// <summary>
    /// What the checkpoints of another program's training could not show, a sentence each; not written where the
    /// program trains itself.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string[]? LeftOut { get; init; }

    /// <summary>n, the number of parameters.</summary>
    public required long Parameters { get; init; }

    /// <summary>N, the number of training samples.</summary>
    public required long Samples { get; init; }

    /// <summary>Full-batch loss at the last step.</summary>
    public required double FinalLoss { get; init; }

    /// <summary>Training accuracy at the last step.</summary>
    public required double FinalAccuracy { get; init; }

    /// <summary>Test accuracy at the last evaluation; null without a test set.</summary>
    public required double? FinalTestAccuracy { get; init; }

    /// <summary>Best test accuracy over the run's evaluations.</summary>
    public required double? BestTestAccuracy { get; init; }

    /// <summary>eta / (2/S(theta_0)).</summary>
    public required double EdgeUnits { get; init; }

    /// <summary>S at step 0.</summary>
    public required double InitialSharpness { get; init; }

    /// <summary>Largest S measured.</summary>
    public required double PeakSharpness { get; init; }

    /// <summary>Where.</summary>
    public required long PeakStep { get; init; }

    /// <summary>Mean S over the training time of the last fifth of the regular measurements.</summary>
    public required double FinalSharpness { get; init; }

    /// <summary>2/eta at the end.</summary>
    public required double FinalThreshold { get; init; }

    /// <summary>
    /// ‖theta‖ at the last measurement; null where nothing was measured, and in summaries of earlier versions.
    /// </summary>
    public double? FinalParameterNorm { get; init; }

    /// <summary>
    /// ‖theta − theta_0‖ at the last measurement; null where nothing was measured, and in summaries of earlier
    /// versions.
    /// </summary>
    public double? FinalStartDistance { get; init; }

    /// <summary>Every instability, in order.</summary>
    public required InstabilityRecord[] Cycles { get; init; }

    /// <summary>Progressive flattening over the cycles; null with fewer than three.</summary>
    public required FlatteningRecord? Flattening { get; init; }

    /// <summary>Mean rotation at lag 1 with its interval; null where none was measured.</summary>
    public required RotationSummary? Flip { get; init; }

    /// <summary>Mean rotation at lag 2.</summary>
    public required RotationSummary? DriftPerBounce { get; init; }

    /// <summary>Mean rotation between bursts.</summary>
    public required RotationSummary? Drift { get; init; }

    /// <summary>Mean of the re-solve baseline.</summary>
    public required RotationSummary? Resolve { get; init; }

    /// <summary>What moved sharpness at the edge; null where it was not measured.</summary>
    public StabilizationSummary? SelfStabilisation { get; init; }

    /// <summary>
    /// Mean sharpness of the Hessian itself over the last fifth of where it was measured beside another matrix; not
    /// written elsewhere.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? FinalHessianSharpness { get; init; }

    /// <summary>
    /// Mean batch sharpness over the last fifth of where it was measured; not written where it was not.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? FinalBatchSharpness { get; init; }

    /// <summary>What an intervention did; not written where there was none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public InterventionSummary? Intervention { get; init; }

    /// <summary>How many measurements were made.</summary>
    public required int Measurements { get; init; }

    /// <summary>How many of them met their tolerance.</summary>
    public required int Converged { get; init; }

    /// <summary>Mean products a measurement.</summary>
    public required double ProductsPerMeasurement { get; init; }

    /// <summary>What was measured beyond the regular bursts; not written where nothing is followed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public FollowSummary? FollowUps { get; init; }

    /// <summary>
    /// What steps.jsonl, curvature.jsonl and events.jsonl held when the run ended; null in summaries of earlier
    /// versions.
    /// </summary>
    public FileSeal[]? Files { get; init; }

    /// <summary>
    /// Rises of the loss, and what of them was measured; null where the loss is not known at every step.
    /// </summary>
    public LossRiseSummary? LossRises { get; init; }
}

/// <summary>Measurements beyond the regular bursts.</summary>
/// <param name="Count">How many.</param>
/// <param name="Products">Hessian-vector products that they took.</param>
/// <param name="RegularProducts">Hessian-vector products of the regular measurements, re-solves and traces left
/// out.</param>
internal sealed record FollowSummary(int Count, long Products, long RegularProducts);

/// <summary>Rises of the loss to 1.3 times its recent minimum or more (docs/theory.md).</summary>
/// <param name="Count">How many.</param>
/// <param name="Unmeasured">Those during which no sharpness was measured.</param>
/// <param name="OutsideInstability">Those whose largest loss does not lie between the onset and the resolution of an
/// instability that was found.</param>
internal sealed record LossRiseSummary(int Count, int Unmeasured, int OutsideInstability);

/// <summary>An intervention over a run.</summary>
/// <param name="Acted">Steps that it changed.</param>
/// <param name="Steps">Steps that it looked at.</param>
/// <param name="MeanRemoved">Mean of ‖u − u'‖/‖u‖ over those that it changed; NaN of none.</param>
/// <param name="FreeTurnDegrees">freeze-rotation: mean first-order turn of v1 over those, before; NaN
/// elsewhere.</param>
/// <param name="TurnDegrees">After.</param>
/// <param name="Products">Hessian-vector products it took.</param>
internal sealed record InterventionSummary(
    int Acted,
    int Steps,
    double MeanRemoved,
    double FreeTurnDegrees,
    double TurnDegrees,
    long Products
);

/// <summary>Self-stabilisation over a run.</summary>
/// <param name="Count">Measured steps with S within 0.15 of 2/eta, the edge.</param>
/// <param name="Sharpening">Share of them with alpha &gt; 0; NaN of none.</param>
/// <param name="Pairs">Pairs of consecutive steps among them.</param>
/// <param name="Correlation">Spearman's rho over them of the change of S† that the model predicts and the one seen; NaN
/// of fewer than three.</param>
internal sealed record StabilizationSummary(int Count, double Sharpening, int Pairs, double Correlation);

/// <summary>One instability.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Onset">Step of onset.</param>
/// <param name="PeakStep">Step of the largest S.</param>
/// <param name="PeakSharpness">That S.</param>
/// <param name="PeakLoss">Largest loss from onset to resolution.</param>
/// <param name="OnsetLoss">Loss just before onset.</param>
/// <param name="Resolution">Step of resolution; null while unresolved.</param>
internal sealed record InstabilityRecord(
    int Number,
    long Onset,
    long PeakStep,
    double PeakSharpness,
    double PeakLoss,
    double OnsetLoss,
    long? Resolution
)
{
    /// <summary>How far the leading eigenvectors turned across it; null while unresolved.</summary>
    public InstabilityTurnRecord? Across { get; init; }

    /// <summary>
    /// The instabilities that events tell of, while there is no summary. Their peaks are those that a summary would
    /// have, from the event that is written at the resolution or at the end of the run. What no event holds is NaN: both
    /// losses, and the peak of a cycle that is still open, whose step is then that of its onset.
    /// </summary>
    internal static InstabilityRecord[] FromEvents(IReadOnlyList<EventRecord> events)
    {
        var ofCycle = events.Where(happened => happened.Cycle is not null).ToLookup(happened => happened.Cycle!.Value);
        EventRecord? First(int cycle, string kind) => ofCycle[cycle].FirstOrDefault(happened => happened.Kind == kind);
        return
        [
            .. ofCycle
                .SelectMany(cycle => cycle)
                .Where(happened => happened.Kind == EventKinds.Onset)
                .OrderBy(onset => onset.Step)
                .Select(onset =>
                    (Onset: onset, Number: onset.Cycle!.Value, Peak: First(onset.Cycle!.Value, EventKinds.Peak))
                )
                .Select(one => new InstabilityRecord(
                    one.Number,
                    one.Onset.Step,
                    one.Peak?.Step ?? one.Onset.Step,
                    one.Peak?.Sharpness ?? double.NaN,
                    double.NaN,
                    double.NaN,
                    First(one.Number, EventKinds.Resolution)?.Step
                )),
        ];
    }
}

/// <summary>
/// How far the leading eigenvectors turned across an instability: 1 − overlap of those before with those at its
/// resolution.
/// </summary>
/// <param name="Lag">Steps between the two measurements.</param>
/// <param name="Rotation">1 − overlap.</param>
/// <param name="Low">What the angle error bars allow at least.</param>
/// <param name="High">At most; 0 and 1: unresolved.</param>
internal sealed record InstabilityTurnRecord(int Lag, double Rotation, double Low, double High);

/// <summary>Peak S per cycle against the cycle's number.</summary>
/// <param name="Slope">Theil–Sen slope: change of peak S a cycle.</param>
/// <param name="SlopeLow">95 % interval, lower end.</param>
/// <param name="SlopeHigh">Upper end.</param>
/// <param name="KendallTau">Kendall's tau-b.</param>
/// <param name="PValue">Two-sided, of tau = 0.</param>
/// <param name="Cycles">How many peaks.</param>
/// <param name="FinalOverFirstPeak">S after the last resolution over S at the first peak; null while none
/// resolved.</param>
internal sealed record FlatteningRecord(
    double Slope,
    double SlopeLow,
    double SlopeHigh,
    double KendallTau,
    double PValue,
    int Cycles,
    double? FinalOverFirstPeak
);

/// <summary>Mean rotation over a run's training time.</summary>
/// <param name="Mean">Mean of 1 − SubspaceOverlap.</param>
/// <param name="Low">Mean of the lower ends that the angle error bars allow.</param>
/// <param name="High">Mean of the upper ends.</param>
/// <param name="Count">Measurements.</param>
/// <param name="Unresolved">How many of them were unresolved.</param>
internal sealed record RotationSummary(double Mean, double Low, double High, int Count, int Unresolved);
