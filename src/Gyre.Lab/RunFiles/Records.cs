using System.Text.Json.Serialization;

namespace Gyre.Lab.RunFiles;

// The lines of a run folder (docs/formats.md is the contract; JSON names are snake_case). A number that is not finite
// is written as null and read back as NaN. Everything here but TimingRecord and SessionRecord is equal byte for byte
// between a run killed and resumed and a run left alone.

/// <summary>One line of steps.jsonl: the state theta(step), before the update that leads to step + 1.</summary>
/// <param name="Step">0 is the initialisation; the last line is the state after the last update.</param>
/// <param name="Loss">Full-batch loss, weight decay included.</param>
/// <param name="Accuracy">Share of the N training samples classified correctly, 0 to 1.</param>
/// <param name="GradientNorm">‖∇L‖, weight decay included.</param>
/// <param name="LearningRate">eta of the update that starts here.</param>
/// <param name="TestLoss">Mean loss on the test set without weight decay, where it was evaluated.</param>
/// <param name="TestAccuracy">0 to 1, where it was evaluated.</param>
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
    /// <summary>What an intervention did to the update that starts here; not written where there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public InterventionRecord? Intervention { get; init; }

    /// <summary>
    /// Norm of the update that starts here; null at the last step, where it is not finite, and where it is not known (a
    /// training in a program of its own).
    /// </summary>
    public double? UpdateNorm { get; init; }

    /// <summary>
    /// The checkpoint of another program that theta came from; not written where the program trains itself.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CheckpointSourceRecord? Checkpoint { get; init; }
}

/// <summary>The checkpoint of another program's training that a theta came from.</summary>
/// <param name="Name">Of the file, or of the folder of a checkpoint that is one.</param>
/// <param name="Sha256">Of the file with its weights.</param>
internal sealed record CheckpointSourceRecord(string Name, string Sha256);

/// <summary>What an intervention did to an update u.</summary>
/// <param name="Sharpness">Largest eigenvalue that it found.</param>
/// <param name="Removed">‖u − u'‖/‖u‖; 0 where it did not act.</param>
/// <param name="Products">Hessian-vector products it took; a third derivative counts as three.</param>
/// <param name="FreeTurnDegrees">freeze-rotation: the turn of v1 that u makes, to first order.</param>
/// <param name="TurnDegrees">The same of u'.</param>
internal sealed record InterventionRecord(
    double Sharpness,
    double Removed,
    int Products,
    double? FreeTurnDegrees,
    double? TurnDegrees
);

/// <summary>
/// One line of curvature.jsonl: the leading eigenpairs of the full-batch loss Hessian at theta(step), or of what
/// <see cref="CurvatureRecord.Operator"/> says.
/// </summary>
public sealed record CurvatureRecord
{
    /// <summary>The step measured.</summary>
    public required long Step { get; init; }

    /// <summary>Position in its burst: 0, 1, 2, ...</summary>
    public required int Burst { get; init; }

    /// <summary>
    /// Why it was measured beyond the regular bursts: loss, update or edge (docs/theory.md); not written of a regular
    /// measurement.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Follow { get; init; }

    /// <summary>
    /// The matrix measured where it is not the Hessian: gauss_newton, or preconditioned_hessian, P^-1/2 H P^-1/2 with
    /// the P of the next update, or both; not written where it is the Hessian.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Operator { get; init; }

    /// <summary>
    /// Where it was measured if not at theta(step): midpoint, (theta(step − 2) + 2·theta(step − 1) + theta(step))/4.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? At { get; init; }

    /// <summary>
    /// The largest eigenvalue of the Hessian itself, at a burst's first step, where <see cref="Operator"/> is another.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public HessianSharpnessRecord? Hessian { get; init; }

    /// <summary>Batch sharpness, at a burst's first step where it was asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BatchSharpnessRecord? BatchSharpness { get; init; }

    /// <summary>‖theta(step)‖; null in lines of earlier versions.</summary>
    public double? ParameterNorm { get; init; }

    /// <summary>‖theta(step) − theta_0‖, theta_0 the initialisation; null in lines of earlier versions.</summary>
    public double? StartDistance { get; init; }

    /// <summary>
    /// The edge of the optimizer at this step: 2/eta of gradient descent (docs/optimizers.md); null where it has none.
    /// </summary>
    public required double Threshold { get; init; }

    /// <summary>Largest algebraic eigenvalue.</summary>
    public required double Sharpness { get; init; }

    /// <summary>The k leading eigenvalues, largest first.</summary>
    public required double[] Eigenvalues { get; init; }

    /// <summary>‖H v − lambda v‖ of each pair.</summary>
    public required double[] Residuals { get; init; }

    /// <summary>Distance of each eigenvalue to the nearest other eigenvalue estimate.</summary>
    public required double[] Gaps { get; init; }

    /// <summary>
    /// Davis–Kahan bound of each eigenvector's angle error, degrees; null where residual ≥ gap ("unresolved").
    /// </summary>
    public required double?[] AngleErrorsDegrees { get; init; }

    /// <summary>Distance of the k eigenvalues, as a block, to the nearest other estimate.</summary>
    public required double BlockGap { get; init; }

    /// <summary>
    /// Bound of the largest principal angle between the computed and the true k-dimensional space, degrees; null when
    /// unresolved.
    /// </summary>
    public required double? BlockAngleErrorDegrees { get; init; }

    /// <summary>Smallest Ritz value of the same Krylov space: an upper bound of the smallest eigenvalue.</summary>
    public required double LambdaMin { get; init; }

    /// <summary>
    /// Residual of that Ritz pair: an eigenvalue lies within this distance of <see cref="LambdaMin"/>.
    /// </summary>
    public required double LambdaMinResidual { get; init; }

    /// <summary>
    /// Error bar of <see cref="LambdaMin"/> where it was converged: ten times its residual, plus rounding; null
    /// elsewhere.
    /// </summary>
    public double? LambdaMinError { get; init; }

    /// <summary>
    /// Whether that bar was brought to the share of curvature.bottom; null where the smallest eigenvalue was not sought
    /// (within a burst, or with curvature.bottom = 0).
    /// </summary>
    public bool? LambdaMinConverged { get; init; }

    /// <summary>
    /// The smallest eigenvalue where it was converged, else null: what means, figures and comparisons use.
    /// </summary>
    public double? ConvergedLambdaMin() => LambdaMinConverged == true ? LambdaMin : null;

    /// <summary>Hessian-vector products used, the re-solve baseline not counted.</summary>
    public required int Products { get; init; }

    /// <summary>Why the solver stopped: converged, rounding, product_limit, invariant_subspace, ...</summary>
    public required string StopReason { get; init; }

    /// <summary>Whether the solver started from the eigenvectors of earlier steps.</summary>
    public required bool Warm { get; init; }

    /// <summary>Share of ‖∇L‖² inside the span of the k eigenvectors.</summary>
    public required double GradientAlignment { get; init; }

    /// <summary>Inverse participation ratio Σ_j v_j⁴ of each eigenvector.</summary>
    public required double[] ParticipationRatios { get; init; }

    /// <summary>Share of ‖v‖² of each eigenvector by parameter tensor: name → k shares.</summary>
    public required IReadOnlyDictionary<string, double[]> LayerShares { get; init; }

    /// <summary>Trace of the Hessian, at a burst's first step where it was asked for.</summary>
    public TraceRecord? Trace { get; init; }

    /// <summary>
    /// What moves sharpness at the edge of stability; null where it was not asked for, or v1 is unresolved.
    /// </summary>
    public StabilizationRecord? SelfStabilisation { get; init; }

    /// <summary>Rotation against the step before (lag 1); null where that was not measured.</summary>
    public RotationRecord? Flip { get; init; }

    /// <summary>Rotation against two steps before (lag 2); null where that was not measured.</summary>
    public RotationRecord? DriftPerBounce { get; init; }

    /// <summary>Rotation between the first steps of consecutive regular bursts; null elsewhere.</summary>
    public RotationRecord? Drift { get; init; }

    /// <summary>
    /// Rotation between two solves at this theta from different starts: what the instrument reads where nothing turned.
    /// Null when not asked for.
    /// </summary>
    public RotationRecord? Resolve { get; init; }

    /// <summary>
    /// Rotation across an instability, where this measurement resolves it: against the last measurement before its
    /// onset, or the onset's own where a run starts above; not written elsewhere.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RotationRecord? Across { get; init; }

    /// <summary>
    /// Whether a regular burst begins here: regular bursts' first steps lie evenly apart, whatever is measured between
    /// them.
    /// </summary>
    public bool StartsBurst() => Burst == 0 && Follow is null;
}

/// <summary>Sharpness of the Hessian beside that of another matrix.</summary>
/// <param name="Sharpness">Its largest eigenvalue.</param>
/// <param name="Residual">‖H v − lambda v‖.</param>
/// <param name="Products">Hessian-vector products it took.</param>
public sealed record HessianSharpnessRecord(double Sharpness, double Residual, int Products);

/// <summary>
/// E_B[g_Bᵀ H_B g_B/‖g_B‖²]: mean over batches of the curvature of a batch's loss along its own gradient (2412.20553).
/// </summary>
/// <param name="Value">The mean.</param>
/// <param name="Error">Its standard error over the batches.</param>
/// <param name="Batches">How many.</param>
/// <param name="Size">Samples a batch.</param>
public sealed record BatchSharpnessRecord(double Value, double Error, int Batches, int Size);

/// <summary>
/// Stochastic estimate of the trace of the Hessian: the eigenvalues known, and random probes (Hutchinson 1989) of the
/// rest.
/// </summary>
/// <param name="Value">The estimate.</param>
/// <param name="Error">Its standard error, from the spread of the probes.</param>
/// <param name="Probes">Hessian-vector products it took.</param>
public sealed record TraceRecord(double Value, double Error, int Probes);

/// <summary>Self-stabilisation (2209.15594): S the sharpness, u its eigenvector.</summary>
/// <param name="Displacement">x = (u·∇L)/S, signed as u is.</param>
/// <param name="Distance">S† − 2/eta, with S† = S − x·(u·∇S) the sharpness at the bottom of the valley.</param>
/// <param name="Descent">∇L·∇S.</param>
/// <param name="Alpha">−∇L·∇S off u, at the bottom of the valley: progressive sharpening where positive.</param>
/// <param name="Beta">‖∇S‖² off u.</param>
/// <param name="Drive">alpha − beta·x²/2: change of S† per unit of eta.</param>
public sealed record StabilizationRecord(
    double Displacement,
    double Distance,
    double Descent,
    double Alpha,
    double Beta,
    double Drive
);

/// <summary>How far the k eigenvectors turned over a stated lag.</summary>
/// <param name="Lag">Steps between the two measurements; 0 for the re-solve baseline.</param>
/// <param name="Overlap">SubspaceOverlap ‖VᵀV'‖_F²/k, 0 to 1.</param>
/// <param name="OverlapLow">Lower end that both measurements' angle error bars allow; 0 when unresolved.</param>
/// <param name="OverlapHigh">Upper end; 1 when unresolved.</param>
/// <param name="Rotation">1 − Overlap.</param>
/// <param name="Chance">Overlap of random spaces, k/n.</param>
/// <param name="Similarity">|⟨v_i, v_i'⟩| of each pair by rank.</param>
/// <param name="SimilarityLow">Lower ends by the angle error bars.</param>
/// <param name="SimilarityHigh">Upper ends.</param>
/// <param name="Matched">|⟨v_i, v_m(i)'⟩| after the best matching of the k pairs.</param>
/// <param name="Match">m(i): the rank, from 0, of the later vector matched to earlier vector i.</param>
/// <param name="Polarity">⟨v_i, v_i'⟩ with the sign carried along by continuity (polarity).</param>
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
/// One line of events.jsonl: something of the training dynamics. Process history is in sessions.jsonl.
/// </summary>
/// <param name="Step">When.</param>
/// <param name="Kind">onset, peak, resolution, learning_rate, diverged or ended.</param>
/// <param name="Cycle">Number of the instability, from 1, where it belongs to one.</param>
/// <param name="Sharpness">S then.</param>
/// <param name="Threshold">2/eta then.</param>
/// <param name="Loss">L then.</param>
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
/// <param name="Step">The step.</param>
/// <param name="Gradient">Loss, gradient and update.</param>
/// <param name="Curvature">Eigenpairs and what is derived from them.</param>
/// <param name="Evaluation">Test set.</param>
/// <param name="Files">Writing lines and checkpoints.</param>
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
    /// <summary>Numbers under way between ranks, left out of the other parts; not written of a process alone.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Exchange { get; init; }

    /// <summary>
    /// Waiting for another rank's part of a sum, left out of the other parts; not written of a process alone.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Waiting { get; init; }

    /// <summary>The sum of all parts; null of none. The records are asked for one by one, and none is kept.</summary>
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
/// could not be used), interrupted, failed or ended.</param>
/// <param name="Step">The next step to be done.</param>
/// <param name="Process">Process id.</param>
/// <param name="Detail">A sentence for people, such as the last words of a process that died.</param>
internal sealed record SessionRecord(DateTimeOffset Time, string Kind, long Step, int Process, string? Detail = null)
{
    /// <summary>Kind of a remark on the data's files, written before started or resumed.</summary>
    public const string DataKind = "data";

    /// <summary>How many processes shared the run; not written of one alone.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Ranks { get; init; }
}
