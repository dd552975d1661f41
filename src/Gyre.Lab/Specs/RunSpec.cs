using Gyre.Lab.Data;
using Gyre.Lab.Interventions;
using Gyre.Lab.Keys;
using Gyre.Lab.Models;
using Gyre.Lab.Objectives;
using Gyre.Lab.Optimizers;

namespace Gyre.Lab.Specs;

/// <summary>
/// All settings of a run, including every default. Its hash is the run's ID. Each key of a spec is one property, here
/// or in a section. A new instance is the spec of a file without keys.
/// </summary>
internal sealed record RunSpec
{
    /// <summary>
    /// The name of data, a model or a loss that exists only in another program, in runs written by a CurvatureMonitor.
    /// </summary>
    public const string Own = "own";

    /// <summary>Name of the run, the first part of its folder's name.</summary>
    [SpecKey("name of the run, the first part of its folder's name (letters, digits, '-', '_', '.')")]
    public string Name { get; init; } = "run";

    /// <summary>Seed of the subset, the initialization and the starting vectors of solves.</summary>
    [SpecKey(
        "seed of the subset, the initialization and the starting vectors of solves",
        Least = 0,
        Most = int.MaxValue
    )]
    public int Seed { get; init; }

    /// <summary>libtorch threads. They are part of the run because float32 sums depend on their number.</summary>
    [SpecKey(
        "libtorch threads; part of the run, because float32 sums depend on their number. Default: the available "
            + "processors, at most 16",
        Least = 1,
        Most = 1024
    )]
    public int Threads { get; init; } = Math.Min(Environment.ProcessorCount, 16);

    /// <summary>cpu, cuda or auto.</summary>
    [SpecKey(
        "device of tensors; auto: cuda if libtorch finds a CUDA device, otherwise the processor, recorded in "
            + "environment.json (docs/gpu.md)",
        Choices = [DeviceNames.Cpu, DeviceNames.Cuda, DeviceNames.Auto]
    )]
    public string Device { get; init; } = DeviceNames.Cpu;

    /// <summary>Whether float32 products may be computed in TF32 on a CUDA device.</summary>
    [SpecKey("cuda: whether float32 products may be computed in TF32, with 10 bits instead of 23 (docs/gpu.md)")]
    public bool Tf32 { get; init; }

    /// <summary>float32 or float64.</summary>
    [SpecKey("type of parameters and data", Choices = [DtypeNames.Float32, DtypeNames.Float64])]
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

    /// <summary>[fork]; null if the run begins at its initialization.</summary>
    [SpecSection("fork.")]
    public ForkSpec? Fork { get; init; }

    /// <summary>[measured]; null if this program does the training.</summary>
    [SpecSection("measured.")]
    public MeasuredSpec? Measured { get; init; }
}

/// <summary>The section [objective]: the loss that is minimized.</summary>
internal sealed record ObjectiveSpec
{
    /// <summary>A name of the loss catalog.</summary>
    [SpecKey(
        "squared-error is 0.5·Σ_classes (f − y)², mean over samples",
        ChoicesOf = typeof(LossCatalog),
        OrOwn = true
    )]
    public string Loss { get; init; } = LossCatalog.CrossEntropy;

    /// <summary>Weight decay wd: adds wd/2·‖theta‖² to the loss.</summary>
    [SpecKey("wd: adds wd/2·‖theta‖² to the loss and wd·I to the Hessian", Least = 0, Most = 1e6)]
    public double WeightDecay { get; init; }

    /// <summary>Samples per chunk. Sums run over chunks in a fixed order.</summary>
    [SpecKey(
        "samples per chunk; sums run over chunks in a fixed tree, in double precision, and ranks share them "
            + "(docs/mpi.md). Default: one chunk for the default data",
        Least = 1,
        Most = 1e9
    )]
    public int Chunk { get; init; } = 1000;

    /// <summary>Memory budget of cached gradient graphs. Graphs that exceed it are recomputed.</summary>
    [SpecKey(
        "memory for cached gradient graphs; graphs that do not fit are recomputed, with the same result. "
            + "Default: chosen, a quarter of a small machine",
        Name = "cache_mb",
        Least = 0,
        Most = 1e7
    )]
    public int CacheMegabytes { get; init; } = 2048;

    /// <summary>The budget in bytes.</summary>
    public long CacheBytes => CacheMegabytes * 1_000_000L;
}

/// <summary>The section [instability]: the definition of an instability.</summary>
internal sealed record InstabilitySpec
{
    /// <summary>Resolution requires S ≤ this share of the threshold.</summary>
    [SpecKey(
        "an instability is resolved if S ≤ this share of the threshold. Default: docs/theory.md",
        Above = 0,
        Most = 1
    )]
    public double ResolvedBelow { get; init; } = 0.98;

    /// <summary>Onset requires S ≥ (1 + this)·threshold.</summary>
    [SpecKey("onset requires S ≥ (1 + this)·threshold. Default 0: the definition itself", Least = 0, Most = 1)]
    public double Hysteresis { get; init; }

    /// <summary>The window of a trailing running median before detection; 1 for none.</summary>
    [SpecKey(
        "window of a running median before detection, in measurements, odd. Default 1: none",
        Least = 1,
        Most = 101
    )]
    public int Smoothing { get; init; } = 1;
}

/// <summary>The section [run]: checkpoints, eigenvectors and tags.</summary>
internal sealed record KeepingSpec
{
    /// <summary>Steps between checkpoints.</summary>
    [SpecKey("steps between checkpoints", Least = 1, Most = 1e9)]
    public int CheckpointEvery { get; init; } = 100;

    /// <summary>Seconds of wall-clock time after which a checkpoint is written anyway; 0 for never.</summary>
    [SpecKey("seconds after which a checkpoint is written anyway; 0: never", Least = 0, Most = 1e9)]
    public int CheckpointSeconds { get; init; } = 60;

    /// <summary>The number of latest checkpoints kept; 0 for one, and none once the run is finished.</summary>
    [SpecKey("number of latest checkpoints kept; 0: one, and none once the run is finished", Least = 0, Most = 10_000)]
    public int KeepCheckpoints { get; init; } = 2;

    /// <summary>Steps whose checkpoints are kept permanently, at which other runs fork.</summary>
    [SpecKey("steps whose checkpoints are kept permanently, so that other runs can fork there", Least = 1, Most = 1e9)]
    public IReadOnlyList<int> CheckpointAt { get; init; } = [];

    /// <summary>Disk budget for whole eigenvectors. Sketches are kept beyond it.</summary>
    [SpecKey(
        "disk budget for whole eigenvectors; sketches are kept if they would exceed it",
        Name = "eigenvectors_mb",
        Least = 0,
        Most = 1e7
    )]
    public int EigenvectorMegabytes { get; init; } = 64;

    /// <summary>Tags of the run, separated by commas.</summary>
    [SpecKey("tags, separated by commas, by which `gyre serve` filters runs")]
    public string Tags { get; init; } = "";
}

/// <summary>
/// The section [fork]: the point at which a run leaves another one. It changes no result: the run equals one trained
/// from its initialization, but its first part is not repeated.
/// </summary>
internal sealed record ForkSpec
{
    /// <summary>Name of the parent's run folder, next to this one.</summary>
    [SpecKey(
        "run folder of the parent, next to this one: the steps before fork.step are copied from "
            + "it. Changes no result"
    )]
    public string Parent { get; init; } = "";

    /// <summary>The first step that this run computes itself.</summary>
    [SpecKey(
        "first step after the fork; the parent keeps its checkpoint with run.checkpoint_at",
        Least = 0,
        Most = 1e9
    )]
    public int Step { get; init; }

    /// <summary>
    /// Whether the parent's sums ran over chunks of another size. The steps before the fork then differ from those
    /// that this run would have computed, so it is another run with another ID.
    /// </summary>
    [SpecKey(
        "whether the parent may have another objective.chunk, and otherwise the same spec: for a run "
            + "that no longer fits into memory. Its sums then round differently from fork.step on, so "
            + "it is another run, with an ID that also depends on the parent"
    )]
    public bool OtherChunk { get; init; }
}
