using System.Text.Json.Serialization;

namespace Gyre.Lab.RunFiles;

// The lines of a run folder (docs/formats.md is the contract; JSON names are snake_case). A number that is not finite
// is written as null and read back as NaN. Everything here except TimingRecord and SessionRecord is byte-identical
// between a run that was killed and resumed and an uninterrupted run.

/// <summary>One line of steps.jsonl: the state theta(step), before the update that leads to step + 1.</summary>
/// <param name="Step">0 is the initialization; the last line is the state after the last update.</param>
/// <param name="Loss">Full-batch loss, weight decay included.</param>
/// <param name="Accuracy">Share of the N training samples classified correctly, 0 to 1.</param>
/// <param name="GradientNorm">‖∇L‖, weight decay included.</param>
/// <param name="LearningRate">eta of the update that starts here.</param>
/// <param name="TestLoss">Mean loss on the test set without weight decay, if it was evaluated.</param>
/// <param name="TestAccuracy">Accuracy on the test set, 0 to 1, if it was evaluated.</param>
internal sealed record StepRecord(
    long Step,
    double Loss,
    double Accuracy,
    double GradientNorm,
    double LearningRate,
    double? TestLoss = null,
    double? TestAccuracy = null
)
{
    /// <summary>The effect of an intervention on the update that starts here; not written if there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public InterventionRecord? Intervention { get; init; }

    /// <summary>
    /// Norm of the update that starts here; null at the last step, if it is not finite, and if it is not known
    /// (training in another program).
    /// </summary>
    public double? UpdateNorm { get; init; }

    /// <summary>
    /// The checkpoint of another program from which theta came; not written if this program does the training.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CheckpointSourceRecord? Checkpoint { get; init; }
}

/// <summary>The checkpoint of another program's training from which a theta came.</summary>
/// <param name="Name">Name of the file, or of the folder if the checkpoint is a folder.</param>
/// <param name="Sha256">SHA-256 of the file with its weights.</param>
internal sealed record CheckpointSourceRecord(string Name, string Sha256);

/// <summary>The effect of an intervention on an update u, which becomes u'.</summary>
/// <param name="Sharpness">Largest eigenvalue that the intervention found.</param>
/// <param name="Removed">‖u − u'‖/‖u‖; 0 if the intervention did not act.</param>
/// <param name="Products">Number of Hessian-vector products used; a third derivative counts as three.</param>
/// <param name="FreeTurnDegrees">Only for freeze-rotation: the turn of v1 caused by u, to first order.</param>
/// <param name="TurnDegrees">Only for freeze-rotation: the turn of v1 caused by u', to first order.</param>
internal sealed record InterventionRecord(
    double Sharpness,
    double Removed,
    int Products,
    double? FreeTurnDegrees,
    double? TurnDegrees
);

/// <summary>
/// One line of curvature.jsonl: the leading eigenpairs, at theta(step), of the full-batch loss Hessian or of the
/// matrix named by <see cref="CurvatureRecord.Operator"/>.
/// </summary>
public sealed record CurvatureRecord
{
    /// <summary>The step measured.</summary>
    public required long Step { get; init; }

    /// <summary>Position in its burst: 0, 1, 2, ...</summary>
    public required int Burst { get; init; }

    /// <summary>
    /// The reason for a measurement outside the regular bursts: loss, update or edge (docs/theory.md); not written
    /// for a regular measurement.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Follow { get; init; }

    /// <summary>
    /// The measured matrix if it is not the Hessian: gauss_newton, or preconditioned_hessian, P^-1/2 H P^-1/2 with
    /// the P of the next update, or both; not written for the Hessian.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Operator { get; init; }

    /// <summary>
    /// The point measured if it is not theta(step): midpoint, (theta(step − 2) + 2·theta(step − 1) + theta(step))/4.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? At { get; init; }

    /// <summary>
    /// The largest eigenvalue of the Hessian itself, at a burst's first step, if <see cref="Operator"/> is another
    /// matrix.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public HessianSharpnessRecord? Hessian { get; init; }

    /// <summary>Batch sharpness, at a burst's first step, if it was requested.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BatchSharpnessRecord? BatchSharpness { get; init; }

    /// <summary>‖theta(step)‖; null in lines of earlier versions.</summary>
    public double? ParameterNorm { get; init; }

    /// <summary>
    /// ‖theta(step) − theta_0‖, where theta_0 is the initialization; null in lines of earlier versions.
    /// </summary>
    public double? StartDistance { get; init; }

    /// <summary>
    /// The threshold of the optimizer at this step: 2/eta for gradient descent (docs/optimizers.md); null if the
    /// optimizer has none.
    /// </summary>
    public required double Threshold { get; init; }

    /// <summary>Largest algebraic eigenvalue.</summary>
    public required double Sharpness { get; init; }

    /// <summary>The k leading eigenvalues, largest first.</summary>
    public required double[] Eigenvalues { get; init; }

    /// <summary>The residual ‖H v − lambda v‖ of each eigenpair.</summary>
    public required double[] Residuals { get; init; }

    /// <summary>Distance of each eigenvalue to the nearest other eigenvalue estimate.</summary>
    public required double[] Gaps { get; init; }

    /// <summary>
    /// Davis–Kahan bound on each eigenvector's angle error, in degrees; null if residual ≥ gap ("unresolved").
    /// </summary>
    public required double?[] AngleErrorsDegrees { get; init; }

    /// <summary>Distance of the k eigenvalues, as a block, to the nearest other eigenvalue estimate.</summary>
    public required double BlockGap { get; init; }

    /// <summary>
    /// Bound on the largest principal angle between the computed and the true k-dimensional space, in degrees; null
    /// if unresolved.
    /// </summary>
    public required double? BlockAngleErrorDegrees { get; init; }

    /// <summary>
    /// The smallest Ritz value of the same Krylov space: an upper bound on the smallest eigenvalue.
    /// </summary>
    public required double LambdaMin { get; init; }

    /// <summary>
    /// The residual of that Ritz pair: an eigenvalue lies within this distance of <see cref="LambdaMin"/>.
    /// </summary>
    public required double LambdaMinResidual { get; init; }

    /// <summary>
    /// The error bar of <see cref="LambdaMin"/> if it converged: ten times its residual, plus rounding; null
    /// otherwise.
    /// </summary>
    public double? LambdaMinError { get; init; }

    /// <summary>
    /// Whether that error bar reached the share set by curvature.bottom; null if the smallest eigenvalue was not
    /// sought (within a burst, or with curvature.bottom = 0).
    /// </summary>
    public bool? LambdaMinConverged { get; init; }

    /// <summary>
    /// Returns the smallest eigenvalue if it converged, otherwise null. Means, figures and comparisons use this
    /// value.
    /// </summary>
    public double? ConvergedLambdaMin() => LambdaMinConverged == true ? LambdaMin : null;

    /// <summary>The number of Hessian-vector products used, not counting the re-solve baseline.</summary>
    public required int Products { get; init; }

    /// <summary>
    /// The reason why the solver stopped: converged, rounding, product_limit, invariant_subspace, ...
    /// </summary>
    public required string StopReason { get; init; }

    /// <summary>Whether the solver started from the eigenvectors of earlier steps.</summary>
    public required bool Warm { get; init; }

    /// <summary>The share of ‖∇L‖² inside the span of the k eigenvectors.</summary>
    public required double GradientAlignment { get; init; }

    /// <summary>Inverse participation ratio Σ_j v_j⁴ of each eigenvector.</summary>
    public required double[] ParticipationRatios { get; init; }

    /// <summary>The share of ‖v‖² of each eigenvector in each parameter tensor: name → k shares.</summary>
    public required IReadOnlyDictionary<string, double[]> LayerShares { get; init; }

    /// <summary>The trace of the Hessian, at a burst's first step, if it was requested.</summary>
    public TraceRecord? Trace { get; init; }

    /// <summary>
    /// The quantities that move sharpness at the edge of stability; null if they were not requested, or if v1 is
    /// unresolved.
    /// </summary>
    public StabilizationRecord? SelfStabilisation { get; init; }

    /// <summary>Rotation relative to the previous step (lag 1); null if it was not measured.</summary>
    public RotationRecord? Flip { get; init; }

    /// <summary>Rotation relative to two steps earlier (lag 2); null if it was not measured.</summary>
    public RotationRecord? DriftPerBounce { get; init; }

    /// <summary>Rotation between the first steps of consecutive regular bursts; null elsewhere.</summary>
    public RotationRecord? Drift { get; init; }

    /// <summary>
    /// Rotation between two solves at this theta from different starting vectors: the reading of the instrument when
    /// nothing has turned. Null if it was not requested.
    /// </summary>
    public RotationRecord? Resolve { get; init; }

    /// <summary>
    /// Rotation across an instability that is resolved at this measurement: relative to the last measurement before
    /// its onset, or to the onset's own if a run starts above the threshold; not written otherwise.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RotationRecord? Across { get; init; }

    /// <summary>
    /// Returns whether a regular burst begins here. The first steps of regular bursts are evenly spaced, whatever is
    /// measured between them.
    /// </summary>
    public bool StartsBurst() => Burst == 0 && Follow is null;
}

/// <summary>The sharpness of the Hessian, measured in addition to that of another matrix.</summary>
/// <param name="Sharpness">The Hessian's largest eigenvalue.</param>
/// <param name="Residual">The residual ‖H v − lambda v‖: an eigenvalue lies within this distance of the
/// sharpness.</param>
/// <param name="Products">The number of Hessian-vector products used.</param>
public sealed record HessianSharpnessRecord(double Sharpness, double Residual, int Products);

/// <summary>
/// E_B[g_Bᵀ H_B g_B/‖g_B‖²]: the mean over batches of the curvature of a batch's loss along its own gradient
/// (2412.20553).
/// </summary>
/// <param name="Value">The mean over the batches.</param>
/// <param name="Error">The standard error of the mean over the batches.</param>
/// <param name="Batches">The number of batches.</param>
/// <param name="Size">The number of samples per batch.</param>
public sealed record BatchSharpnessRecord(double Value, double Error, int Batches, int Size);

/// <summary>
/// A stochastic estimate of the trace of the Hessian: the known eigenvalues, plus random probes (Hutchinson 1989) of
/// the rest.
/// </summary>
/// <param name="Value">The estimate of the trace.</param>
/// <param name="Error">The standard error of the estimate, from the spread of the probes.</param>
/// <param name="Probes">The number of probes, each of which takes one Hessian-vector product.</param>
public sealed record TraceRecord(double Value, double Error, int Probes);

/// <summary>Self-stabilization (2209.15594), where S is the sharpness and u its eigenvector.</summary>
/// <param name="Displacement">x = (u·∇L)/S, with the sign of u.</param>
/// <param name="Distance">S† − 2/eta, where S† = S − x·(u·∇S) is the sharpness at the bottom of the valley.</param>
/// <param name="Descent">∇L·∇S.</param>
/// <param name="Alpha">−∇L·∇S orthogonal to u, at the bottom of the valley: progressive sharpening if
/// positive.</param>
/// <param name="Beta">‖∇S‖² orthogonal to u.</param>
/// <param name="Drive">alpha − beta·x²/2: the change of S† per unit of eta.</param>
public sealed record StabilizationRecord(
    double Displacement,
    double Distance,
    double Descent,
    double Alpha,
    double Beta,
    double Drive
);

/// <summary>The rotation of the k eigenvectors over a stated lag.</summary>
/// <param name="Lag">The number of steps between the two measurements; 0 for the re-solve baseline.</param>
/// <param name="Overlap">Overlap ‖VᵀV'‖_F²/k, 0 to 1.</param>
/// <param name="OverlapLow">The lower end of the overlap that both measurements' angle error bars allow; 0 if
/// unresolved.</param>
/// <param name="OverlapHigh">The upper end of the overlap; 1 if unresolved.</param>
/// <param name="Rotation">1 − Overlap.</param>
/// <param name="Chance">The overlap of random spaces, k/n.</param>
/// <param name="Similarity">|⟨v_i, v_i'⟩| of each pair of eigenvectors with equal rank.</param>
/// <param name="SimilarityLow">The lower ends of the similarities that the angle error bars allow.</param>
/// <param name="SimilarityHigh">The upper ends of the similarities.</param>
/// <param name="Matched">|⟨v_i, v_m(i)'⟩| after the best matching of the k pairs of eigenvectors.</param>
/// <param name="Match">m(i): the rank, from 0, of the later eigenvector matched to the earlier eigenvector i.</param>
/// <param name="Polarity">⟨v_i, v_i'⟩ with signs chosen by continuity (polarity).</param>
public sealed record RotationRecord(
    int Lag,
    double Overlap,
    double OverlapLow,
    double OverlapHigh,
    double Rotation,
    double Chance,
    double[] Similarity,
    double[] SimilarityLow,
    double[] SimilarityHigh,
    double[] Matched,
    int[] Match,
    double[] Polarity
);

/// <summary>
/// One line of events.jsonl: an event of the training dynamics. Process history is in sessions.jsonl.
/// </summary>
/// <param name="Kind">onset, peak, resolution, learning_rate, fork, until, diverged or ended
/// (<see cref="EventKinds"/>).</param>
/// <param name="Cycle">Number of the instability, from 1, if the event belongs to one.</param>
/// <param name="Sharpness">S at that step.</param>
/// <param name="Threshold">The optimizer's threshold at that step: 2/eta for gradient descent.</param>
/// <param name="Loss">L at that step.</param>
/// <param name="Detail">A sentence for people.</param>
internal sealed record EventRecord(
    long Step,
    string Kind,
    int? Cycle = null,
    double? Sharpness = null,
    double? Threshold = null,
    double? Loss = null,
    string? Detail = null
);

/// <summary>One line of timings.jsonl: seconds of wall time by part, for one step.</summary>
/// <param name="Gradient">Loss, gradient and update.</param>
/// <param name="Curvature">Eigenpairs and the quantities derived from them.</param>
/// <param name="Evaluation">Evaluation of the test set.</param>
/// <param name="Files">Writing of lines and checkpoints.</param>
/// <param name="Total">The whole step.</param>
internal sealed record TimingRecord(
    long Step,
    double Gradient,
    double Curvature,
    double Evaluation,
    double Files,
    double Total
)
{
    /// <summary>
    /// Seconds of data transfer between ranks, not included in the other parts; not written for a single process.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Exchange { get; init; }

    /// <summary>
    /// Seconds of waiting for another rank's part of a sum, not included in the other parts; not written for a single
    /// process.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Waiting { get; init; }

    /// <summary>
    /// Adds up all timings; null if there are none. The records are enumerated one by one and not kept.
    /// </summary>
    public static TimingRecord? Sum(IEnumerable<TimingRecord> timings)
    {
        ArgumentNullException.ThrowIfNull(timings);
        TimingRecord? sum = null;
        foreach (var one in timings)
            sum = sum is null ? one : Plus(sum, one);
        return sum;
    }

    private static TimingRecord Plus(TimingRecord sum, TimingRecord one) =>
        new(
            one.Step,
            sum.Gradient + one.Gradient,
            sum.Curvature + one.Curvature,
            sum.Evaluation + one.Evaluation,
            sum.Files + one.Files,
            sum.Total + one.Total
        )
        {
            Exchange = sum.Exchange is null ? one.Exchange : sum.Exchange + (one.Exchange ?? 0),
            Waiting = sum.Waiting is null ? one.Waiting : sum.Waiting + (one.Waiting ?? 0),
        };
}

/// <summary>One line of sessions.jsonl: the history of the processes that worked on the run.</summary>
/// <param name="Time">UTC, ISO 8601.</param>
/// <param name="Kind">data (a remark on the data's files), started, resumed, checkpoint, skipped (a checkpoint that
/// could not be used), interrupted, failed, ended, or another of <see cref="SessionKinds"/>.</param>
/// <param name="Step">The next step to be done.</param>
/// <param name="Detail">A sentence for people, such as the last output of a process that died.</param>
internal sealed record SessionRecord(DateTimeOffset Time, string Kind, long Step, int Process, string? Detail = null)
{
    /// <summary>The kind of a remark on the data's files, written before started or resumed.</summary>
    public const string DataKind = "data";

    /// <summary>The number of processes that shared the run; not written for a single process.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Ranks { get; init; }
}
