using Gyre.Lab.Dynamics;
using Gyre.Lab.Interventions;
using Gyre.Lab.Models;
using Gyre.Lab.Optimizers;

namespace Gyre.Lab.Specs;

/// <summary>Everything that decides a run, every default written out. Its hash is the run's id.</summary>
public sealed record RunSpec
{
    /// <summary>
    /// Name of data, a model and a loss that are a program's own and known to it alone: of runs that a CurvatureMonitor
    /// writes.
    /// </summary>
    public const string Own = "own";

    /// <summary>The device of a spec that leaves the choice to the machine.</summary>
    internal const string AutoDevice = "auto";

    /// <summary>Name of the run, first part of its folder's name.</summary>
    public required string Name { get; init; }

    /// <summary>Seed of the subset, the initialisation and the solver's starts.</summary>
    public required int Seed { get; init; }

    /// <summary>libtorch threads: float32 sums depend on the number, so it is part of the run.</summary>
    public required int Threads { get; init; }

    /// <summary>cpu, cuda or auto.</summary>
    public required string Device { get; init; }

    /// <summary>Whether products of float32 may be computed in TF32 on a CUDA device.</summary>
    public bool Tf32 { get; init; }

    /// <summary>float32 or float64.</summary>
    public required string Dtype { get; init; }

    /// <summary>[data]</summary>
    public required DataSpec Data { get; init; }

    /// <summary>[model]</summary>
    public required ModelSpec Model { get; init; }

    /// <summary>[objective]</summary>
    public required ObjectiveSpec Objective { get; init; }

    /// <summary>[training]</summary>
    public required TrainingSpec Training { get; init; }

    /// <summary>[optimizer]</summary>
    public required OptimizerSpec Optimizer { get; init; }

    /// <summary>[intervention]</summary>
    public required InterventionSpec Intervention { get; init; }

    /// <summary>[curvature]</summary>
    public required CurvatureSpec Curvature { get; init; }

    /// <summary>[instability]</summary>
    public required InstabilitySpec Instability { get; init; }

    /// <summary>[run]</summary>
    public required KeepingSpec Keeping { get; init; }

    /// <summary>[fork]; null where the run begins at its initialisation.</summary>
    public ForkSpec? Fork { get; init; }
}

/// <summary>What is learned from.</summary>
/// <param name="Name">A name of the data catalog.</param>
/// <param name="Samples">N of data that is drawn from.</param>
/// <param name="Subset">balanced (equal classes, by seed) or first (the first N).</param>
/// <param name="Path">Folder of files that are not shipped; empty for shipped data.</param>
/// <param name="Degree">Of the Chebyshev polynomial.</param>
/// <param name="Targets">y of the data set targets.</param>
public sealed record DataSpec(
    string Name,
    int Samples,
    string Subset,
    string Path,
    int Degree,
    IReadOnlyList<double> Targets
)
{
    /// <summary>SHA-256 of its files (<see cref="Data.DataChecksum"/>); "" for data that the program makes.</summary>
    public string Checksum { get; init; } = "";

    /// <summary>Whether arrays and tables are standardised.</summary>
    public bool Standardise { get; init; } = true;

    /// <summary>Share of training labels that are replaced by another class.</summary>
    public double LabelNoise { get; init; }

    /// <summary>Deviation of the noise of two-moons.</summary>
    public double Noise { get; init; }

    /// <summary>Characters a sequence of a text.</summary>
    public int Context { get; init; }

    /// <summary>Side that image files are resized to.</summary>
    public int Size { get; init; }

    /// <summary>Columns of a table to be predicted, between commas.</summary>
    public string Target { get; init; } = "";

    /// <summary>Share of a table's rows that is held out.</summary>
    public double HoldOut { get; init; }

    /// <summary>Samples that take more stream from where they are.</summary>
    public int MemoryMegabytes { get; init; }
}

/// <summary>What learns.</summary>
/// <param name="Name">A name of the model catalog.</param>
/// <param name="Widths">Hidden widths, or channels.</param>
/// <param name="Depth">Layers, blocks or factors; 0 is the network's own default.</param>
/// <param name="Activation">A name of the activation catalog.</param>
/// <param name="Initialisation">A name of the initialisation catalog.</param>
/// <param name="Start">theta at step 0, <c>[n]</c>; empty where it is drawn.</param>
public sealed record ModelSpec(
    string Name,
    IReadOnlyList<int> Widths,
    int Depth,
    string Activation,
    string Initialisation,
    IReadOnlyList<double> Start
) : Architecture(Widths, Depth, Activation);

/// <summary>What is minimised.</summary>
/// <param name="Loss">A name of the loss catalog.</param>
/// <param name="WeightDecay">wd: adds wd/2·‖theta‖² to the loss.</param>
/// <param name="Chunk">Samples a chunk; sums run over chunks in fixed order.</param>
/// <param name="CacheMegabytes">Memory budget of cached gradient graphs; what does not fit is recomputed.</param>
public sealed record ObjectiveSpec(string Loss, double WeightDecay, int Chunk, int CacheMegabytes)
{
    /// <summary>The budget in bytes.</summary>
    public long CacheBytes => CacheMegabytes * 1_000_000L;
}

/// <summary>By which rule theta is updated; seed and cache are those of the run.</summary>
public sealed record OptimizerSpec : OptimizerOptions;

/// <summary>What is changed of the updates; the seed is that of the run.</summary>
public sealed record InterventionSpec : InterventionOptions;

/// <summary>At which step sizes, and how long.</summary>
/// <param name="Steps">Updates.</param>
/// <param name="Time">Where above 0: training time, the sum of the step sizes, that <paramref name="Steps"/> was made
/// from.</param>
/// <param name="LearningRate">eta from step 0.</param>
/// <param name="Schedule">Changes of eta: piecewise constant, steps strictly increasing.</param>
/// <param name="Warmup">Steps over which eta rises linearly at first.</param>
/// <param name="Decay">none, cosine or step: a factor on eta over the whole run.</param>
/// <param name="DecayTo">Cosine: the factor at the last step. Step: the factor of each decay.</param>
/// <param name="DecayEvery">Step: updates between decays.</param>
/// <param name="DivergenceMultiple">A loss above this multiple of the loss at step 0 counts towards divergence.</param>
/// <param name="DivergenceSteps">For this many steps in a row it is divergence.</param>
/// <param name="EvaluateEvery">Steps between evaluations of the test set; 0: at the first step of each burst where
/// bursts are spaced in training time, else at the end alone. The last step is always evaluated.</param>
public sealed record TrainingSpec(
    int Steps,
    double Time,
    double LearningRate,
    IReadOnlyList<RateChange> Schedule,
    int Warmup,
    string Decay,
    double DecayTo,
    int DecayEvery,
    double DivergenceMultiple,
    int DivergenceSteps,
    int EvaluateEvery
)
{
    /// <summary>How eta follows the sharpness; a share of 0 where a schedule decides it.</summary>
    public EdgeRateOptions Edge { get; init; } = new(0, 5, 0.1);

    /// <summary>When the run ends before <see cref="Steps"/>; looked at after the last change of
    /// <see cref="Schedule"/>.</summary>
    public StopConditions Until { get; init; } = StopConditions.None;
}

/// <summary>
/// From <paramref name="Step"/> on, eta is <paramref name="LearningRate"/>. A factor in a spec is on the rate before,
/// and is resolved to the rate.
/// </summary>
public sealed record RateChange(int Step, double LearningRate);

/// <summary>What is measured.</summary>
/// <param name="Pairs">k.</param>
/// <param name="Every">Steps between the first steps of bursts; 0 measures nothing.</param>
/// <param name="EveryTime">Where above 0: training time between the first steps of bursts, in place of
/// <paramref name="Every"/>.</param>
/// <param name="Burst">Consecutive steps measured each time.</param>
/// <param name="BurstAtStart">Whether the burst at step 0 is whole; otherwise step 0 is measured alone.</param>
/// <param name="AngleToleranceDegrees">Every pair's angle error bar is brought below this.</param>
/// <param name="MaxProducts">Products a measurement may use.</param>
/// <param name="Basis">Krylov vectors kept before a thick restart.</param>
/// <param name="Resolve">Whether the re-solve baseline is measured at the first step of bursts (doubles the cost
/// there).</param>
/// <param name="ResolveEvery">At every which burst.</param>
/// <param name="TraceProbes">Random vectors of the trace estimate at the first step of each burst; 0 estimates
/// none.</param>
/// <param name="SelfStabilisation">Whether the gradient of the sharpness is measured too.</param>
public sealed record CurvatureSpec(
    int Pairs,
    int Every,
    double EveryTime,
    int Burst,
    bool BurstAtStart,
    double AngleToleranceDegrees,
    int MaxProducts,
    int Basis,
    bool Resolve,
    int ResolveEvery,
    int TraceProbes,
    bool SelfStabilisation
)
{
    /// <summary>iterate or midpoint: where eigenpairs are measured.</summary>
    public string At { get; init; } = Iterate;

    /// <summary>hessian or gauss-newton: whose eigenpairs are measured.</summary>
    public string Operator { get; init; } = Hessian;

    /// <summary>The Hessian of the loss.</summary>
    internal const string Hessian = "hessian";

    /// <summary>
    /// The generalized Gauss–Newton matrix: the Hessian less the part that the curvature of the network's outputs
    /// makes.
    /// </summary>
    internal const string GaussNewton = "gauss-newton";

    /// <summary>
    /// Share of |lambda_min| that its error bar is brought below at the first step of each burst; 0 seeks none.
    /// </summary>
    public double Bottom { get; init; }

    /// <summary>Batches that the batch sharpness is a mean over; 0 measures none.</summary>
    public int BatchProbes { get; init; }

    /// <summary>When measurements follow the training beyond the regular bursts.</summary>
    public FollowSpec Follow { get; init; } = FollowSpec.None;

    /// <summary>theta(t) itself.</summary>
    internal const string Iterate = "iterate";

    /// <summary>
    /// (theta(t−2) + 2·theta(t−1) + theta(t))/4, where the bounce between two walls of a valley cancels.
    /// </summary>
    internal const string Midpoint = "midpoint";
}

/// <summary>When measurements follow the training (docs/theory.md, "Follow-ups").</summary>
/// <param name="On">Whether they do.</param>
/// <param name="Rise">The loss above its recent minimum by this fraction starts a burst.</param>
/// <param name="Edge">So does sharpness at or above this share of the threshold, half way between two regular
/// bursts.</param>
/// <param name="Growth">So does an update of this many times the norm of the one before.</param>
/// <param name="Budget">Products of follow-ups over those of the regular bursts, at most.</param>
public sealed record FollowSpec(bool On, double Rise, double Edge, double Growth, double Budget)
{
    /// <summary>Regular bursts alone.</summary>
    public static FollowSpec None { get; } = new(false, 1, 1, 1, 0);
}

/// <summary>What counts as an instability.</summary>
/// <param name="ResolvedBelow">Resolution needs S ≤ this share of the threshold.</param>
/// <param name="Hysteresis">Onset needs S ≥ (1 + this)·threshold.</param>
/// <param name="Smoothing">Trailing running median over this many measurements before detection; 1 is none.</param>
public sealed record InstabilitySpec(double ResolvedBelow, double Hysteresis, int Smoothing);

/// <summary>What is kept.</summary>
/// <param name="CheckpointEvery">Steps between checkpoints.</param>
/// <param name="CheckpointSeconds">Wall-clock seconds after which one is written anyway; 0 never.</param>
/// <param name="KeepCheckpoints">How many of the latest are kept; 0: one, and none once the run is done.</param>
/// <param name="CheckpointAt">Steps whose checkpoints are written and kept for good: where other runs fork.</param>
/// <param name="EigenvectorMegabytes">Budget of whole eigenvectors on disk; beyond it sketches are kept.</param>
public sealed record KeepingSpec(
    int CheckpointEvery,
    int CheckpointSeconds,
    int KeepCheckpoints,
    IReadOnlyList<int> CheckpointAt,
    int EigenvectorMegabytes
)
{
    /// <summary>Words between commas that people find the run by.</summary>
    public string Tags { get; init; } = "";
}

/// <summary>
/// Where a run leaves another one. It changes no result: the run is what it would be trained from its initialisation,
/// but its first part is not done twice.
/// </summary>
/// <param name="Parent">Name of the parent's run folder, beside this one.</param>
/// <param name="Step">First step of its own.</param>
public sealed record ForkSpec(string Parent, int Step)
{
    /// <summary>
    /// Whether the parent's sums ran over chunks of another size. The steps before the fork are then not what this run
    /// would have made itself: it is another run, and its id says so.
    /// </summary>
    public bool OtherChunk { get; init; }
}
