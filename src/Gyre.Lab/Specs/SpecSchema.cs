using Gyre.Lab.Data;
using Gyre.Lab.Interventions;
using Gyre.Lab.Models;
using Gyre.Lab.Objectives;
using Gyre.Lab.Optimizers;

namespace Gyre.Lab.Specs;

/// <summary>Every key of a spec. docs/spec.md is written from this table.</summary>
public static class SpecSchema
{
    private const double Most = 1e9;

    private static readonly SpecUse Following = SpecUse.Of("curvature.follow", "true");
    private static readonly SpecUse Interventions = SpecUse.Of(
        "intervention.name",
        [.. InterventionCatalog.Names.Where(name => name != InterventionCatalog.None)]
    );

    /// <summary>The keys, in the order they are written.</summary>
    public static IReadOnlyList<SpecKey> Keys { get; } =
    [
        new(
            "name",
            SpecKind.Text,
            "run",
            "name of the run, first part of its folder's name (letters, digits, '-', '_', '.')"
        ),
        new(
            "seed",
            SpecKind.Whole,
            0L,
            "seed of the subset, the initialisation and the solver's starts",
            0,
            int.MaxValue
        ),
        new(
            "threads",
            SpecKind.Whole,
            DefaultThreads(),
            "libtorch threads; part of the run, because float32 sums depend on it. Default: the processors "
                + "at hand, at most 16",
            1,
            1024
        ),
        new(
            "device",
            SpecKind.Text,
            "cpu",
            "where tensors live; auto: cuda where libtorch finds a CUDA device, else the processor, as "
                + "environment.json then says (docs/gpu.md)",
            Choices: ["cpu", "cuda", RunSpec.AutoDevice]
        ),
        new(
            "tf32",
            SpecKind.Flag,
            false,
            "cuda: whether products of float32 may be computed in TF32, with 10 bits in place of 23 (docs/gpu.md)"
        ),
        new("dtype", SpecKind.Text, "float32", "of parameters and data", Choices: ["float32", "float64"]),
        new(
            "data.name",
            SpecKind.Text,
            "fashion-mnist",
            "what is learned from",
            Choices: [.. DataCatalog.Names, RunSpec.Own]
        ),
        new(
            "data.samples",
            SpecKind.Whole,
            1000L,
            "N, training samples; every one is used in every step and every product; 0: all there are. Data "
                + "that the program makes (chebyshev, targets) has its own number. Default: chosen, a step in "
                + "about 10 ms",
            0,
            Most
        ),
        new(
            "data.subset",
            SpecKind.Text,
            "balanced",
            "balanced: equal classes, drawn by seed; first: the first N",
            Choices: Subset.Kinds
        ),
        new(
            "data.path",
            SpecKind.Text,
            "",
            "folder or file of data that is not shipped (docs/data.md), relative to the spec's file; set by "
                + "--set, to the current folder"
        ),
        new(
            "data.sha256",
            SpecKind.Text,
            "",
            "checksum of the files that data.path stands for; filled in when the run is made, so that a run "
                + "is of one data set"
        ),
        new(
            "data.standardise",
            SpecKind.Flag,
            true,
            "whether arrays and tables are standardised, by the training subset; false takes numbers as they are"
        ),
        new(
            "data.label_noise",
            SpecKind.Number,
            0.0,
            "share of the training labels that are replaced by another class, drawn by seed; the test set "
                + "keeps its own",
            0,
            1
        ),
        new(
            "data.noise",
            SpecKind.Number,
            0.1,
            "deviation of the noise of two-moons. Default: chosen, classes just apart",
            0,
            1e6,
            Use: SpecUse.Of("data.name", "two-moons")
        ),
        new(
            "data.context",
            SpecKind.Whole,
            64L,
            "characters a sequence of a text. Default: chosen, for CPUs",
            1,
            1e6,
            Use: SpecUse.Of("data.name", "text")
        ),
        new(
            "data.size",
            SpecKind.Whole,
            32L,
            "side in pixels that image files are resized to. Default: that of CIFAR",
            1,
            4096,
            Use: SpecUse.Of("data.name", "images")
        ),
        new(
            "data.target",
            SpecKind.Text,
            "",
            "column of a table to be predicted; several between commas, a name that has a comma between "
                + "quotation marks (docs/data.md)",
            Use: SpecUse.Of("data.name", "table")
        ),
        new(
            "data.holdout",
            SpecKind.Number,
            0.2,
            "share of a table's rows that is held out as test set, drawn by seed. Default: chosen",
            0,
            0.99,
            Use: SpecUse.Of("data.name", "table")
        ),
        new(
            "data.memory_mb",
            SpecKind.Whole,
            2048L,
            "samples that take more are read from the disk in every step and every product, with the same "
                + "result. Default: chosen, a quarter of a small machine",
            0,
            1e7
        ),
        new(
            "data.degree",
            SpecKind.Whole,
            6L,
            "of the polynomial that chebyshev is made from. Default: the roughest of those that Cohen et al. "
                + "2021 train on",
            1,
            30,
            Use: SpecUse.Of("data.name", "chebyshev")
        ),
        new(
            "data.targets",
            SpecKind.Numbers,
            new[] { 1.0 },
            "y of data.name = targets, an output each",
            -1e6,
            1e6,
            Use: SpecUse.Of("data.name", "targets")
        ),
        new(
            "model.name",
            SpecKind.Text,
            "mlp",
            "what learns. own, here and at data.name and objective.loss: that of a program with "
                + "CurvatureMonitor, which alone can run it",
            Choices: [.. ModelCatalog.Names, RunSpec.Own]
        ),
        new(
            "model.widths",
            SpecKind.Wholes,
            new long[] { 200, 200 },
            "hidden widths (mlp, deep-linear), or channels of each convolution (cnn, where the default is "
                + "[32, 32]). Default: the fully connected network of Cohen et al. 2021",
            1,
            1e6,
            Use: Models(kind => kind.Widths.Count > 0)
        ),
        new(
            "model.depth",
            SpecKind.Whole,
            0L,
            "layers (vgg: 10 or 11; resnet: 6n + 2), blocks (vit, sequence-transformer) or factors of each "
                + "output (diagonal-linear). Default 0: the network's own (docs/models.md)",
            0,
            64,
            Use: Models(kind => kind.Depth > 0)
        ),
        new(
            "model.width",
            SpecKind.Whole,
            0L,
            "channels of the first layer (vgg, resnet), or width of the embedding (vit, "
                + "sequence-transformer). Default 0: the network's own (docs/models.md)",
            0,
            1e6,
            Use: Models(kind => kind.Width > 0)
        ),
        new(
            "model.norm",
            SpecKind.Text,
            Architecture.Own,
            "what layers are normalised by; default: the network's own. batch: by the statistics of each "
                + "chunk, so that the loss depends on objective.chunk (docs/models.md)",
            Choices: Architecture.Norms,
            Use: Models(kind => kind.Norms.Count > 1)
        ),
        new(
            "model.heads",
            SpecKind.Whole,
            0L,
            "attention heads (vit, sequence-transformer). Default 0: the network's own (docs/models.md)",
            0,
            1024,
            Use: Models(kind => kind.Heads > 0)
        ),
        new(
            "model.patch",
            SpecKind.Whole,
            0L,
            "side of a patch in pixels (vit). Default 0: the network's own (docs/models.md)",
            0,
            1e6,
            Use: Models(kind => kind.Patch > 0)
        ),
        new(
            "model.pooling",
            SpecKind.Text,
            Architecture.Poolings[0],
            "what vit classifies: a token of its own, or the mean of the patches. Default: Dosovitskiy et al. 2021",
            Choices: Architecture.Poolings,
            Use: Models(kind => kind.HasPooling)
        ),
        new(
            "model.file",
            SpecKind.Text,
            "",
            "TorchScript file (torchscript): parameters begin at its values. Relative as data.path is",
            Use: Models(kind => kind.IsFile)
        ),
        new(
            "model.sha256",
            SpecKind.Text,
            "",
            "checksum of model.file; filled in when the run is made, so that a run is of one file"
        ),
        new(
            "model.trusted",
            SpecKind.Flag,
            false,
            "whether the code of model.file runs where it does more than compute (files, printing, loops "
                + "without bound, attributes that change). TorchScript is code of its author (SECURITY.md)",
            Use: Models(kind => kind.IsFile)
        ),
        new(
            "model.input",
            SpecKind.Wholes,
            Array.Empty<long>(),
            "shape in which the module takes a sample (torchscript), such as [1, 28, 28]. Default: as the data has it",
            1,
            1e9,
            Use: Models(kind => kind.IsFile)
        ),
        new(
            "model.activation",
            SpecKind.Text,
            "relu",
            "between layers",
            Choices: Activations.Names,
            Use: Models(kind => kind.HasActivation)
        ),
        new(
            "model.initialisation",
            SpecKind.Text,
            "pytorch",
            "how parameters start. Default: PyTorch's own, U(±1/sqrt(fan_in))",
            Choices: Initialisations.Names
        ),
        new(
            "model.start",
            SpecKind.Numbers,
            Array.Empty<double>(),
            "theta itself at step 0, every number in the order of the parameters; empty: drawn as "
                + "model.initialisation says",
            -1e9,
            1e9
        ),
        new(
            "objective.loss",
            SpecKind.Text,
            "cross-entropy",
            "squared-error is 0.5·Σ_classes (f − y)², mean over samples",
            Choices: [.. LossCatalog.Names, RunSpec.Own]
        ),
        new(
            "objective.weight_decay",
            SpecKind.Number,
            0.0,
            "wd: adds wd/2·‖theta‖² to the loss and wd·I to the Hessian",
            0,
            1e6
        ),
        new(
            "objective.chunk",
            SpecKind.Whole,
            1000L,
            "samples a chunk; sums run over chunks by a fixed tree, in double, and ranks share them "
                + "(docs/mpi.md). Default: one chunk for the default data",
            1,
            Most
        ),
        new(
            "objective.cache_mb",
            SpecKind.Whole,
            2048L,
            "memory for cached gradient graphs; what does not fit is recomputed, with the same result. "
                + "Default: chosen, a quarter of a small machine",
            0,
            1e7
        ),
        new("training.steps", SpecKind.Whole, 500L, "updates", 1, Most),
        new(
            "training.time",
            SpecKind.Number,
            0.0,
            "training time: the sum of the step sizes at which the run ends; above 0 it decides "
                + "training.steps. Default 0: training.steps decides",
            0,
            1e9
        ),
        new(
            "training.learning_rate",
            SpecKind.Number,
            0.2,
            "eta from step 0. Default: above 2/sharpness for the default network",
            0,
            1e6,
            Exclusive: true
        ),
        new(
            "training.schedule",
            SpecKind.Schedule,
            Array.Empty<GivenChange>(),
            "changes of eta, piecewise constant; { step = …, factor = … } multiplies the rate before"
        ),
        new(
            "training.warmup",
            SpecKind.Whole,
            0L,
            "steps over which eta rises linearly to its value (Goyal et al. 2017)",
            0,
            Most
        ),
        new(
            "training.decay",
            SpecKind.Text,
            "none",
            "a factor on eta over the run. cosine: from 1 to decay_to along half a cosine (Loshchilov and "
                + "Hutter 2017); step: times decay_to after every decay_every steps",
            Choices: ["none", "cosine", "step"]
        ),
        new(
            "training.decay_to",
            SpecKind.Number,
            0.1,
            "see training.decay",
            0,
            1,
            Use: SpecUse.Of("training.decay", "cosine", "step")
        ),
        new(
            "training.decay_every",
            SpecKind.Whole,
            100L,
            "see training.decay",
            1,
            Most,
            Use: SpecUse.Of("training.decay", "step")
        ),
        new(
            "training.edge_rate",
            SpecKind.Number,
            0.0,
            "above 0: eta = this times the edge at the sharpness of the latest burst's first step, from the "
                + "step after it on; training.learning_rate until then (docs/optimizers.md)",
            0,
            100
        ),
        new(
            "training.edge_window",
            SpecKind.Whole,
            5L,
            "bursts whose largest sharpness is one peak. Default: chosen",
            1,
            Most,
            Use: SpecUse.Of("training.edge_rate")
        ),
        new(
            "training.edge_reduced",
            SpecKind.Number,
            0.1,
            "what training.edge_rate becomes when peaks have fallen and no longer do; equal to it: never "
                + "reduced. Default: a tenth of the edge (He et al. 2016 reduce by ten)",
            0,
            100,
            Exclusive: true,
            Use: SpecUse.Of("training.edge_rate")
        ),
        new(
            "training.divergence_multiple",
            SpecKind.Number,
            1000.0,
            "a loss above this multiple of the first counts towards divergence. Default: chosen, far above "
                + "every catapult seen",
            1,
            1e12,
            Exclusive: true
        ),
        new(
            "training.divergence_steps",
            SpecKind.Whole,
            20L,
            "for this many steps in a row it is divergence. Default: chosen, longer than a catapult's climb",
            1,
            Most
        ),
        new(
            "training.until.loss",
            SpecKind.Number,
            0.0,
            "the run ends a step after its training loss is at or below this, looked at after the last "
                + "change of training.schedule; 0: not asked for. training.steps is then the most, and all of "
                + "training.until must hold at one step",
            0,
            1e9
        ),
        new(
            "training.until.accuracy",
            SpecKind.Number,
            0.0,
            "the same where the training accuracy, 0 to 1, is at or above this; 0: not asked for",
            0,
            1
        ),
        new(
            "training.until.sharpness_fallen",
            SpecKind.Number,
            0.0,
            "the same where the latest measured sharpness is at or below this share of its peak since the "
                + "last change of training.schedule; 0: not asked for",
            0,
            1
        ),
        new(
            "training.evaluate_every",
            SpecKind.Whole,
            10L,
            "steps between evaluations of the test set; 0: only at the end, or with curvature.every_time at each burst",
            0,
            Most
        ),
        new(
            "optimizer.name",
            SpecKind.Text,
            "gd",
            "the update rule (docs/optimizers.md)",
            Choices: OptimizerCatalog.Names
        ),
        new(
            "optimizer.momentum",
            SpecKind.Number,
            0.9,
            "b of polyak and nesterov, b1 of adam. Default: usual",
            0,
            0.9999,
            Use: SpecUse.Of("optimizer.name", "polyak", "nesterov", "adam", "adamw", "clipped-adam")
        ),
        new(
            "optimizer.second_moment",
            SpecKind.Number,
            0.0,
            "b2 of rmsprop and adam; 0: 0.99 of rmsprop, 0.999 of the Adam family. Defaults: PyTorch's",
            0,
            0.999999,
            Use: SpecUse.Of("optimizer.name", "rmsprop", "adam", "adamw", "clipped-adam")
        ),
        new(
            "optimizer.epsilon",
            SpecKind.Number,
            1e-8,
            "added to the root of the second moment (rmsprop, adam). Default: Kingma and Ba 2015",
            0,
            1e3,
            Use: SpecUse.Of("optimizer.name", "rmsprop", "adam", "adamw", "clipped-adam")
        ),
        new(
            "optimizer.decoupled_decay",
            SpecKind.Number,
            0.01,
            "adamw: theta shrinks by eta times this in each step. Default: PyTorch's",
            0,
            1e3,
            Use: SpecUse.Of("optimizer.name", "adamw")
        ),
        new(
            "optimizer.batch",
            SpecKind.Whole,
            32L,
            "sgd: samples a batch",
            1,
            Most,
            Use: SpecUse.Of("optimizer.name", "sgd") with
            {
                Else = SpecUse.Of("curvature.batch_probes"),
            }
        ),
        new(
            "optimizer.radius",
            SpecKind.Number,
            0.05,
            "sam: rho. Default: Foret et al. 2021",
            0,
            1e3,
            Use: SpecUse.Of("optimizer.name", "sam")
        ),
        new(
            "optimizer.clip_norm",
            SpecKind.Number,
            0.0,
            "gradients of a larger norm are scaled down to it; 0: never",
            0,
            1e9
        ),
        new(
            "optimizer.preconditioner_low",
            SpecKind.Number,
            0.0,
            "clipped-adam: least entry of the preconditioner",
            0,
            1e9,
            Use: SpecUse.Of("optimizer.name", "clipped-adam")
        ),
        new(
            "optimizer.preconditioner_high",
            SpecKind.Number,
            0.0,
            "clipped-adam: largest entry of the preconditioner; 0: none, which is adam",
            0,
            1e9,
            Use: SpecUse.Of("optimizer.name", "clipped-adam")
        ),
        new(
            "intervention.name",
            SpecKind.Text,
            InterventionCatalog.None,
            "what is changed of each update by the leading eigenpairs (docs/interventions.md)",
            Choices: InterventionCatalog.Names
        ),
        new(
            "intervention.when",
            SpecKind.Text,
            "always",
            "always, or instability: where sharpness is at or above instability.resolved_below of the threshold",
            Choices: ["always", "instability"],
            Use: Interventions
        ),
        new(
            "intervention.pairs",
            SpecKind.Whole,
            4L,
            "k, pairs that the intervention knows, by a solve a step",
            1,
            64,
            Use: Interventions
        ),
        new(
            "intervention.directions",
            SpecKind.Whole,
            2L,
            "freeze-rotation: directions taken out of a step. Default: chosen; docs/interventions.md has "
                + "what each leaves",
            1,
            64,
            Use: SpecUse.Of("intervention.name", "freeze-rotation")
        ),
        new(
            "intervention.bound",
            SpecKind.Number,
            0.1,
            "clip-sharpest: largest distance from the bottom of the valley along v1",
            0,
            1e9,
            Use: SpecUse.Of("intervention.name", "clip-sharpest")
        ),
        new("curvature.pairs", SpecKind.Whole, 4L, "k, leading eigenpairs followed", 1, 64),
        new("curvature.every", SpecKind.Whole, 10L, "steps between bursts; 0 measures nothing", 0, Most),
        new(
            "curvature.every_time",
            SpecKind.Number,
            0.0,
            "training time between bursts; above 0 it takes the place of curvature.every, so that runs of "
                + "different rates are measured at the same times",
            0,
            1e9
        ),
        new(
            "curvature.burst",
            SpecKind.Whole,
            3L,
            "consecutive steps measured each time. Default 3: lag 1 (flip) and lag 2 (drift per bounce)",
            1,
            100
        ),
        new(
            "curvature.burst_at_start",
            SpecKind.Flag,
            true,
            "false measures step 0 alone: at initialisation eigenvalues crowd, so that a measurement costs "
                + "several of a later one"
        ),
        new(
            "curvature.angle_tolerance",
            SpecKind.Number,
            1.0,
            "degrees: each eigenvector's error bar is brought below this. Default: rotations of interest are "
                + "tens of degrees",
            1e-9,
            45
        ),
        new(
            "curvature.max_products",
            SpecKind.Whole,
            200L,
            "Hessian-vector products a measurement may use. Default: ten times the usual",
            1,
            Most
        ),
        new(
            "curvature.basis",
            SpecKind.Whole,
            32L,
            "Krylov vectors kept before a thick restart; memory 2·basis·n numbers",
            4,
            1000
        ),
        new(
            "curvature.resolve",
            SpecKind.Flag,
            false,
            "re-solve baseline: solve twice from different starts at each burst's first step, and report the "
                + "rotation read where nothing turned"
        ),
        new(
            "curvature.resolve_every",
            SpecKind.Whole,
            1L,
            "the baseline is measured at the last of every so many bursts. Default: each",
            1,
            Most,
            Use: SpecUse.Of("curvature.resolve", "true")
        ),
        new(
            "curvature.trace_probes",
            SpecKind.Whole,
            0L,
            "random vectors (products) for the trace of the Hessian at each burst's first step, its leading "
                + "pairs taken out first; 0: none",
            0,
            1000
        ),
        new(
            "curvature.bottom",
            SpecKind.Number,
            0.1,
            "lambda_min is converged at each regular burst's first step until its error bar is below this "
                + "share of |lambda_min|, or of a hundredth of sharpness where that is more; 0: the upper bound "
                + "alone, at no extra product. Default: chosen, at the cost in docs/theory.md",
            0,
            1
        ),
        new(
            "curvature.self_stabilisation",
            SpecKind.Flag,
            false,
            "also the gradient of the sharpness at each measurement, at two to three products and a "
                + "gradient: what moves sharpness at the edge (docs/theory.md); `--probe self-stabilisation` sets "
                + "it"
        ),
        new(
            "curvature.follow",
            SpecKind.Flag,
            true,
            "extra bursts where the loss rises, sharpness is near the threshold or an update grows "
                + "(docs/theory.md): no step of the training changes"
        ),
        new(
            "curvature.follow_rise",
            SpecKind.Number,
            0.1,
            "the loss above its recent minimum by this fraction starts an extra burst, as does every new "
                + "high of the rise. Default: chosen, a third of the rises that are counted",
            0,
            1e6,
            Exclusive: true,
            Use: Following
        ),
        new(
            "curvature.follow_edge",
            SpecKind.Number,
            0.95,
            "sharpness last at or above this share of the threshold starts one half way between two regular "
                + "bursts. Default: chosen; hovering sharpness is 0.95 to 1.11 of it (docs/optimizers.md)",
            0,
            100,
            Use: Following
        ),
        new(
            "curvature.follow_growth",
            SpecKind.Number,
            1.5,
            "an update of this many times the norm of the one before starts one at the step after. Default: "
                + "measured, of the updates in the main job that grow so much all are at the threshold",
            1,
            1e6,
            Use: Following
        ),
        new(
            "curvature.follow_budget",
            SpecKind.Number,
            2.0,
            "products of extra bursts over those of the regular ones, at most; half of it is kept for rises "
                + "of the loss. Default: chosen, a run takes three times the products at worst",
            0,
            1000,
            Use: Following
        ),
        new(
            "curvature.operator",
            SpecKind.Text,
            CurvatureSpec.Hessian,
            "whose eigenpairs are measured; gauss-newton is JᵀH_out J, without the curvature of the "
                + "network's outputs. Rules that precondition: P^-1/2 times it times P^-1/2",
            Choices: [CurvatureSpec.Hessian, CurvatureSpec.GaussNewton]
        ),
        new(
            "curvature.at",
            SpecKind.Text,
            CurvatureSpec.Iterate,
            "iterate: theta(t); midpoint: (theta(t-2) + 2 theta(t-1) + theta(t))/4, where a bounce cancels "
                + "and eigenvectors do not flip (at a gradient more)",
            Choices: [CurvatureSpec.Iterate, CurvatureSpec.Midpoint]
        ),
        new(
            "curvature.batch_probes",
            SpecKind.Whole,
            0L,
            "batches of optimizer.batch samples whose curvature along their own gradient is averaged at each "
                + "burst's first step: batch sharpness; 0: none",
            0,
            100_000
        ),
        new(
            "instability.resolved_below",
            SpecKind.Number,
            0.98,
            "an instability is resolved when S ≤ this share of the threshold. Default: docs/theory.md",
            0,
            1,
            Exclusive: true
        ),
        new(
            "instability.hysteresis",
            SpecKind.Number,
            0.0,
            "onset needs S ≥ (1 + this)·threshold. Default 0: the definition itself",
            0,
            1
        ),
        new(
            "instability.smoothing",
            SpecKind.Whole,
            1L,
            "running median over this many measurements before detection, odd. Default 1: none",
            1,
            101
        ),
        new("run.checkpoint_every", SpecKind.Whole, 100L, "steps between checkpoints", 1, Most),
        new(
            "run.checkpoint_seconds",
            SpecKind.Whole,
            60L,
            "seconds after which one is written anyway; 0 never",
            0,
            Most
        ),
        new(
            "run.keep_checkpoints",
            SpecKind.Whole,
            2L,
            "how many of the latest are kept; 0: one, and none once the run is done",
            0,
            10_000
        ),
        new(
            "run.checkpoint_at",
            SpecKind.Wholes,
            Array.Empty<long>(),
            "steps whose checkpoints are written and kept for good: where other runs may fork",
            1,
            Most
        ),
        new(
            "run.eigenvectors_mb",
            SpecKind.Whole,
            64L,
            "budget for whole eigenvectors on disk; where they would take more, sketches are kept",
            0,
            1e7
        ),
        new("run.tags", SpecKind.Text, "", "words between commas that `gyre serve` filters runs by"),
        new(
            "fork.parent",
            SpecKind.Text,
            "",
            "run folder, beside this one, that this run leaves: the steps before fork.step are taken from "
                + "it. Changes no result"
        ),
        new(
            "fork.step",
            SpecKind.Whole,
            0L,
            "first step of its own; the parent keeps its checkpoint by run.checkpoint_at",
            0,
            Most
        ),
        new(
            "fork.other_chunk",
            SpecKind.Flag,
            false,
            "whether the parent may have another objective.chunk, and otherwise the same spec: for a run "
                + "that does not fit into memory any more. Its sums then round otherwise from fork.step on, so "
                + "this is another run, with an id that the parent decides too"
        ),
    ];

    /// <summary>Where the network is one of those of which something holds.</summary>
    private static SpecUse Models(Func<ModelKind, bool> uses) =>
        SpecUse.Of("model.name", [.. ModelCatalog.Kinds.Where(uses).Select(kind => kind.Name)]);

    /// <summary>Default of <c>threads</c>.</summary>
    private static long DefaultThreads() => Math.Min(Environment.ProcessorCount, 16);
}
