using System.Text.Json.Serialization;

namespace Gyre.Lab.RunFiles;

/// <summary>summary.json, written last and once: the outcome and headline numbers.</summary>
internal sealed record SummaryRecord
{
    /// <summary>Version of the format.</summary>
    public required int Format { get; init; }

    /// <summary>stable, edge_of_stability, catapult, resolved, unresolved, diverged or unmeasured.</summary>
    public required string Outcome { get; init; }

    /// <summary>The rule that determined the outcome, with its numbers.</summary>
    public required string OutcomeRule { get; init; }

    /// <summary>The number of updates done.</summary>
    public required long Steps { get; init; }

    /// <summary>
    /// The condition of training.until that ended the run, as a sentence; not written if the run completed its steps.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? EndedBy { get; init; }

    /// <summary>
    /// Sentences on what the checkpoints of another program's training could not show; not written if this program
    /// does the training.
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

    /// <summary>The learning rate in edge units: eta / (2/S(theta_0)) for gradient descent.</summary>
    public required double EdgeUnits { get; init; }

    /// <summary>S at step 0.</summary>
    public required double InitialSharpness { get; init; }

    /// <summary>Largest S measured.</summary>
    public required double PeakSharpness { get; init; }

    /// <summary>The step at which it was measured.</summary>
    public required long PeakStep { get; init; }

    /// <summary>Mean S over the training time of the last fifth of the regular measurements.</summary>
    public required double FinalSharpness { get; init; }

    /// <summary>The optimizer's threshold at the last measurement: 2/eta for gradient descent.</summary>
    public required double FinalThreshold { get; init; }

    /// <summary>
    /// ‖theta‖ at the last measurement; null if nothing was measured, and in summaries of earlier versions.
    /// </summary>
    public double? FinalParameterNorm { get; init; }

    /// <summary>
    /// ‖theta − theta_0‖ at the last measurement; null if nothing was measured, and in summaries of earlier versions.
    /// </summary>
    public double? FinalStartDistance { get; init; }

    /// <summary>Every instability, in order.</summary>
    public required InstabilityRecord[] Cycles { get; init; }

    /// <summary>Progressive flattening over the cycles; null if there are fewer than three.</summary>
    public required FlatteningRecord? Flattening { get; init; }

    /// <summary>Mean rotation at lag 1 with its interval; null if it was not measured.</summary>
    public required RotationSummary? Flip { get; init; }

    /// <summary>Mean rotation at lag 2; null if it was not measured.</summary>
    public required RotationSummary? DriftPerBounce { get; init; }

    /// <summary>Mean rotation between bursts; null if it was not measured.</summary>
    public required RotationSummary? Drift { get; init; }

    /// <summary>Mean of the re-solve baseline; null if it was not measured.</summary>
    public required RotationSummary? Resolve { get; init; }

    /// <summary>The quantities that moved sharpness at the edge; null if they were not measured.</summary>
    public StabilizationSummary? SelfStabilisation { get; init; }

    /// <summary>
    /// Mean sharpness of the Hessian itself over the last fifth of its measurements, if another matrix was measured;
    /// not written otherwise.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? FinalHessianSharpness { get; init; }

    /// <summary>
    /// Mean batch sharpness over the last fifth of its measurements; not written if it was not measured.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? FinalBatchSharpness { get; init; }

    /// <summary>The effect of an intervention; not written if there was none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public InterventionSummary? Intervention { get; init; }

    /// <summary>The number of measurements.</summary>
    public required int Measurements { get; init; }

    /// <summary>The number of measurements that met their tolerance.</summary>
    public required int Converged { get; init; }

    /// <summary>Mean products per measurement.</summary>
    public required double ProductsPerMeasurement { get; init; }

    /// <summary>The measurements outside the regular bursts; not written if nothing is followed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public FollowSummary? FollowUps { get; init; }

    /// <summary>
    /// The seals of steps.jsonl, curvature.jsonl and events.jsonl at the end of the run; null in summaries of earlier
    /// versions.
    /// </summary>
    public FileSeal[]? Files { get; init; }

    /// <summary>
    /// The rises of the loss and how many of them were measured; null if the loss is not known at every step.
    /// </summary>
    public LossRiseSummary? LossRises { get; init; }
}

/// <summary>The measurements outside the regular bursts.</summary>
/// <param name="Count">Number of measurements.</param>
/// <param name="Products">Hessian-vector products used by these measurements.</param>
/// <param name="RegularProducts">Hessian-vector products of the regular measurements, without re-solves and
/// traces.</param>
internal sealed record FollowSummary(int Count, long Products, long RegularProducts);

/// <summary>Rises of the loss to 1.3 times its recent minimum or more (docs/theory.md).</summary>
/// <param name="Count">Number of rises.</param>
/// <param name="Unmeasured">Number of rises during which no sharpness was measured.</param>
/// <param name="OutsideInstability">Number of rises whose largest loss is not between the onset and the resolution of
/// a detected instability.</param>
internal sealed record LossRiseSummary(int Count, int Unmeasured, int OutsideInstability);

/// <summary>The effect of an intervention over a run.</summary>
/// <param name="Acted">Number of steps that it changed.</param>
/// <param name="Steps">Number of steps that it examined.</param>
/// <param name="MeanRemoved">Mean of ‖u − u'‖/‖u‖ over the steps that it changed; NaN if there are none.</param>
/// <param name="FreeTurnDegrees">Only for freeze-rotation: mean first-order turn of v1 over those steps before the
/// change; NaN otherwise.</param>
/// <param name="TurnDegrees">The same mean after the change.</param>
/// <param name="Products">Hessian-vector products used.</param>
internal sealed record InterventionSummary(
    int Acted,
    int Steps,
    double MeanRemoved,
    double FreeTurnDegrees,
    double TurnDegrees,
    long Products
);

/// <summary>Self-stabilization over a run.</summary>
/// <param name="Count">Number of measured steps with S within 15 % of the threshold, 2/eta.</param>
/// <param name="Sharpening">Share of training time over these steps with alpha &gt; 0; NaN if there are none.</param>
/// <param name="Pairs">Pairs of consecutive steps among them.</param>
/// <param name="Correlation">Spearman's rho, over these pairs, between the predicted and the observed change of S†;
/// NaN if there are fewer than three.</param>
internal sealed record StabilizationSummary(int Count, double Sharpening, int Pairs, double Correlation);

/// <summary>One instability.</summary>
/// <param name="Number">Number of the instability, from 1.</param>
/// <param name="Onset">Step of onset.</param>
/// <param name="PeakStep">Step of the largest S.</param>
/// <param name="PeakSharpness">The largest S.</param>
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
    /// <summary>
    /// The turn of the leading eigenvectors across the instability; null while unresolved, or if it was not measured.
    /// </summary>
    public InstabilityTurnRecord? Across { get; init; }

    /// <summary>
    /// Reconstructs the instabilities from the events, while there is no summary. Their peaks agree with those of a
    /// summary, since the event is written at the resolution or at the end of the run. Values that no event holds are
    /// NaN: both losses, and the peak of a cycle that is still open, whose peak step is then that of its onset.
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
/// The turn of the leading eigenvectors across an instability: 1 − overlap between those before it and those at its
/// resolution.
/// </summary>
/// <param name="Lag">Steps between the two measurements.</param>
/// <param name="Rotation">1 − overlap.</param>
/// <param name="Low">The lower end that the angle error bars allow.</param>
/// <param name="High">The upper end; an interval from 0 to 1 means unresolved.</param>
internal sealed record InstabilityTurnRecord(int Lag, double Rotation, double Low, double High);

/// <summary>The trend of peak S over the cycles' numbers.</summary>
/// <param name="Slope">Theil–Sen slope: change of peak S per cycle.</param>
/// <param name="SlopeLow">Lower end of the 95 % interval.</param>
/// <param name="SlopeHigh">Upper end of the 95 % interval.</param>
/// <param name="KendallTau">Kendall's tau-b.</param>
/// <param name="PValue">Two-sided p-value for tau = 0.</param>
/// <param name="Cycles">Number of peaks.</param>
/// <param name="FinalOverFirstPeak">S at the last resolution over S at the first peak; null if none is
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
/// <param name="Mean">Mean of 1 − overlap.</param>
/// <param name="Low">Mean of the lower ends that the angle error bars allow.</param>
/// <param name="High">Mean of the upper ends.</param>
/// <param name="Count">Number of measurements.</param>
/// <param name="Unresolved">Number of unresolved measurements.</param>
internal sealed record RotationSummary(double Mean, double Low, double High, int Count, int Unresolved);
