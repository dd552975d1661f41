using Gyre.Lab.Data;
using Gyre.Lab.Interventions;
using Gyre.Lab.Keys;
using Gyre.Lab.Models;
using Gyre.Lab.Objectives;
using Gyre.Lab.Optimizers;

namespace Gyre.Lab.Specs;

/// <summary>
/// Everything that decides a run, every default written out. Its hash is the run's id. Each key of a spec is one
/// property, here or in a section; a new instance is the spec of a file that gives no key.
/// </summary>
internal sealed record RunSpec
{
    /// <summary>
    /// Name of data, a model and a loss that are a program's own and known to it alone: of runs that a CurvatureMonitor
    /// writes.
    /// </summary>
    public const string Own = "own";

    /// <summary>Name of the run, first part of its folder's name.</summary>
    [SpecKey("name of the run, first part of its folder's name (letters, digits, '-', '_', '.')")]
    public string Name { get; init; } = "run";

    /// <summary>Seed of the subset, the initialisation and the solver's starts.</summary>
    [SpecKey("seed of the subset, the initialisation and the solver's starts", Least = 0, Most = int.MaxValue)]
    public int Seed { get; init; }

    /// <summary>libtorch threads: float32 sums depend on the number, so it is part of the run.</summary>
    [SpecKey(
        "libtorch threads; part of the run, because float32 sums depend on it. Default: the processors "
            + "at hand, at most 16",
        Least = 1,
        Most = 1024
    )]
    public int Threads { get; init; } = Math.Min(Environment.ProcessorCount, 16);

    /// <summary>cpu, cuda or auto.</summary>
    [SpecKey(
        "where tensors live; auto: cuda where libtorch finds a CUDA device, else the processor, as "
            + "environment.json then says (docs/gpu.md)",
        Choices = [DeviceNames.Cpu, DeviceNames.Cuda, DeviceNames.Auto]
    )]
    public string Device { get; init; } = DeviceNames.Cpu;

    /// <summary>Whether products of float32 may be computed in TF32 on a CUDA device.</summary>
    [SpecKey("cuda: whether products of float32 may be computed in TF32, with 10 bits in place of 23 (docs/gpu.md)")]
    public bool Tf32 { get; init; }

    /// <summary>float32 or float64.</summary>
    [SpecKey("of parameters and data", Choices = [DtypeNames.Float32, DtypeNames.Float64])]
    public string Dtype { get; init; } = DtypeNames.Float32;

    /// <summary>[data]</summary>
    [SpecSection("data.")]
    public DataSpec Data { get; init; } = new();

    /// <summary>[model]</summary>
    [SpecSection("model.")]
    public ModelSpec Model { get; init; } = new();

    /// <summary>[objective]</summary>
    [SpecSection("objective.")]
    public ObjectiveSpec Objective { get; init; } = new();

    /// <summary>[training]</summary>
    [SpecSection("training.")]
    public TrainingSpec Training { get; init; } = new();

    /// <summary>[optimizer]</summary>
    [SpecSection("optimizer.")]
    public OptimizerSpec Optimizer { get; init; } = new();

    /// <summary>[intervention]</summary>
    [SpecSection("intervention.")]
    public InterventionSpec Intervention { get; init; } = new();

    /// <summary>[curvature]</summary>
    [SpecSection("curvature.")]
    public CurvatureSpec Curvature { get; init; } = new();

    /// <summary>[instability]</summary>
    [SpecSection("instability.")]
    public InstabilitySpec Instability { get; init; } = new();

    /// <summary>[run]</summary>
    [SpecSection("run.")]
    public KeepingSpec Keeping { get; init; } = new();

    /// <summary>[fork]; null where the run begins at its initialisation.</summary>
    [SpecSection("fork.")]
    public ForkSpec? Fork { get; init; }

    /// <summary>[measured]; null where the program trains by itself.</summary>
    [SpecSection("measured.")]
    public MeasuredSpec? Measured { get; init; }
}

/// <summary>The section [objective]: what is minimised.</summary>
internal sealed record ObjectiveSpec
{
    /// <summary>A name of the loss catalog.</summary>
    [SpecKey(
        "squared-error is 0.5·Σ_classes (f − y)², mean over samples",
        ChoicesOf = typeof(LossCatalog),
        OrOwn = true
    )]
    public string Loss { get; init; } = LossCatalog.CrossEntropy;

    /// <summary>wd: adds wd/2·‖theta‖² to the loss.</summary>
    [SpecKey("wd: adds wd/2·‖theta‖² to the loss and wd·I to the Hessian", Least = 0, Most = 1e6)]
    public double WeightDecay { get; init; }

    /// <summary>Samples per chunk; sums run over chunks in fixed order.</summary>
    [SpecKey(
        "samples a chunk; sums run over chunks by a fixed tree, in double, and ranks share them "
            + "(docs/mpi.md). Default: one chunk for the default data",
        Least = 1,
        Most = 1e9
    )]
    public int Chunk { get; init; } = 1000;

    /// <summary>Memory budget of cached gradient graphs; what does not fit is recomputed.</summary>
    [SpecKey(
        "memory for cached gradient graphs; what does not fit is recomputed, with the same result. "
            + "Default: chosen, a quarter of a small machine",
        Name = "cache_mb",
        Least = 0,
        Most = 1e7
    )]
    public int CacheMegabytes { get; init; } = 2048;

    /// <summary>The budget in bytes.</summary>
    public long CacheBytes => CacheMegabytes * 1_000_000L;
}

/// <summary>The section [instability]: what counts as one.</summary>
internal sealed record InstabilitySpec
{
    /// <summary>Resolution needs S ≤ this share of the threshold.</summary>
    [SpecKey(
        "an instability is resolved when S ≤ this share of the threshold. Default: docs/theory.md",
        Above = 0,
        Most = 1
    )]
    public double ResolvedBelow { get; init; } = 0.98;

    /// <summary>Onset needs S ≥ (1 + this)·threshold.</summary>
    [SpecKey("onset needs S ≥ (1 + this)·threshold. Default 0: the definition itself", Least = 0, Most = 1)]
    public double Hysteresis { get; init; }

    /// <summary>Trailing running median over this many measurements before detection; 1 is none.</summary>
    [SpecKey(
        "running median over this many measurements before detection, odd. Default 1: none",
        Least = 1,
        Most = 101
    )]
    public int Smoothing { get; init; } = 1;
}

/// <summary>The section [run]: what is kept.</summary>
internal sealed record KeepingSpec
{
    /// <summary>Steps between checkpoints.</summary>
    [SpecKey("steps between checkpoints", Least = 1, Most = 1e9)]
    public int CheckpointEvery { get; init; } = 100;

    /// <summary>Wall-clock seconds after which one is written anyway; 0 never.</summary>
    [SpecKey("seconds after which one is written anyway; 0 never", Least = 0, Most = 1e9)]
    public int CheckpointSeconds { get; init; } = 60;

    /// <summary>How many of the latest are kept; 0: one, and none once the run is done.</summary>
    [SpecKey("how many of the latest are kept; 0: one, and none once the run is done", Least = 0, Most = 10_000)]
    public int KeepCheckpoints { get; init; } = 2;

    /// <summary>Steps whose checkpoints are written and kept for good: where other runs fork.</summary>
    [SpecKey("steps whose checkpoints are written and kept for good: where other runs may fork", Least = 1, Most = 1e9)]
    public IReadOnlyList<int> CheckpointAt { get; init; } = [];

    /// <summary>Budget of whole eigenvectors on disk; beyond it sketches are kept.</summary>
    [SpecKey(
        "budget for whole eigenvectors on disk; where they would take more, sketches are kept",
        Name = "eigenvectors_mb",
        Least = 0,
        Most = 1e7
    )]
    public int EigenvectorMegabytes { get; init; } = 64;

    /// <summary>Words between commas that people find the run by.</summary>
    [SpecKey("words between commas that `gyre serve` filters runs by")]
    public string Tags { get; init; } = "";
}

/// <summary>
/// The section [fork]: where a run leaves another one. It changes no result: the run is what it would be trained from
/// its initialisation, but its first part is not done twice.
/// </summary>
internal sealed record ForkSpec
{
    /// <summary>Name of the parent's run folder, beside this one.</summary>
    [SpecKey(
        "run folder, beside this one, that this run leaves: the steps before fork.step are taken from "
            + "it. Changes no result"
    )]
    public string Parent { get; init; } = "";

    /// <summary>First step of its own.</summary>
    [SpecKey("first step of its own; the parent keeps its checkpoint by run.checkpoint_at", Least = 0, Most = 1e9)]
    public int Step { get; init; }

    /// <summary>
    /// Whether the parent's sums ran over chunks of another size. The steps before the fork are then not what this run
    /// would have made itself: it is another run, and its id says so.
    /// </summary>
    [SpecKey(
        "whether the parent may have another objective.chunk, and otherwise the same spec: for a run "
            + "that does not fit into memory any more. Its sums then round otherwise from fork.step on, so "
            + "this is another run, with an id that the parent decides too"
    )]
    public bool OtherChunk { get; init; }
}
