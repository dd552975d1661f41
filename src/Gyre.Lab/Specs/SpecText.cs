using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Gyre.Lab.Specs;

/// <summary>
/// Writes a resolved spec: every key, in the schema's order, so that equal specs are equal text; and the id that
/// follows from it.
/// </summary>
public static class SpecText
{
    /// <summary>Version of the run folder's format, the first line of its spec.toml.</summary>
    public const int Format = 1;

    /// <summary>The whole spec as TOML.</summary>
    public static string Write(RunSpec spec)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"format = {Format}\n");
        var section = "";
        foreach (var key in SpecSchema.Keys)
        {
            var dot = key.Path.IndexOf('.', StringComparison.Ordinal);
            if (dot > 0 && key.Path[..dot] != section)
                text.Append(CultureInfo.InvariantCulture, $"\n[{section = key.Path[..dot]}]\n");
            text.Append(CultureInfo.InvariantCulture, $"{key.Path[(dot + 1)..]} = {Value(Get(spec, key.Path))}\n");
        }
        return text.ToString();
    }

    /// <summary>
    /// Ten hexadecimal digits of the SHA-256 of everything that can change a result: the whole spec without its name,
    /// the budgets of memory,
    /// whether a module's author is trusted, the training time (the steps are made from it), and the sections [run] and
    /// [fork] ([fork] counts where the parent's sums ran over
    /// other chunks). Where files have a checksum it counts, and not their path. Keys of later versions count only
    /// where a run of an
    /// earlier version would differ (tf32 on, measurements that follow, an end on a condition, data of files), so that
    /// earlier runs keep
    /// their ids.
    /// </summary>
    public static string Id(RunSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var deciding = SpecSchema
            .Keys.Where(key => Decides(key, spec))
            .Select(key => $"{key.Path}={Value(Get(spec, key.Path))}\n");
        return Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes($"format={Format}\n" + string.Concat(deciding)))
        )[..10];
    }

    private static bool Decides(SpecKey key, RunSpec spec) =>
        key.Path switch
        {
            "name" or "objective.cache_mb" or "data.memory_mb" or "training.time" or "model.trusted" => false,
            "tf32" => spec.Tf32,
            "data.sha256" => spec.Data.Checksum.Length > 0,
            "data.path" => spec.Data.Checksum.Length == 0, // what the files hold decides, not where they lie
            "model.file" => spec.Model.Checksum.Length == 0,
            var path when path.StartsWith("curvature.follow", StringComparison.Ordinal) => spec.Curvature.Follow.On,
            var path when path.StartsWith("training.until.", StringComparison.Ordinal) => spec.Training.Until.Any,
            var path when path.StartsWith("run.", StringComparison.Ordinal) => false,
            var path when path.StartsWith("fork.", StringComparison.Ordinal) => spec.Fork is { OtherChunk: true },
            _ => true,
        };

    /// <summary>The keys that make two runs of these specs, with both values.</summary>
    internal static IReadOnlyList<(string Key, string One, string Other)> Differences(RunSpec one, RunSpec other) =>
        [
            .. SpecSchema
                .Keys.Where(key => Decides(key, one) || Decides(key, other))
                .Select(key => (key.Path, One: Value(Get(one, key.Path)), Other: Value(Get(other, key.Path))))
                .Where(pair => pair.One != pair.Other),
        ];

    /// <summary>The value of a key as a spec has it.</summary>
    /// <exception cref="ArgumentException">No such key.</exception>
    public static string ValueOf(RunSpec spec, string path)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return Value(Get(spec, path));
    }

    private static object Get(RunSpec spec, string path) =>
        path switch
        {
            "name" => spec.Name,
            "seed" => (long)spec.Seed,
            "threads" => (long)spec.Threads,
            "device" => spec.Device,
            "tf32" => spec.Tf32,
            "dtype" => spec.Dtype,
            "data.name" => spec.Data.Name,
            "data.samples" => (long)spec.Data.Samples,
            "data.subset" => spec.Data.Subset,
            "data.path" => spec.Data.Path,
            "data.sha256" => spec.Data.Checksum,
            "data.standardise" => spec.Data.Standardise,
            "data.label_noise" => spec.Data.LabelNoise,
            "data.noise" => spec.Data.Noise,
            "data.context" => (long)spec.Data.Context,
            "data.size" => (long)spec.Data.Size,
            "data.target" => spec.Data.Target,
            "data.holdout" => spec.Data.HoldOut,
            "data.memory_mb" => (long)spec.Data.MemoryMegabytes,
            "data.degree" => (long)spec.Data.Degree,
            "data.targets" => spec.Data.Targets.ToArray(),
            "model.name" => spec.Model.Name,
            "model.widths" => spec.Model.Widths.Select(width => (long)width).ToArray(),
            "model.depth" => (long)spec.Model.Depth,
            "model.width" => (long)spec.Model.Width,
            "model.norm" => spec.Model.Norm,
            "model.heads" => (long)spec.Model.Heads,
            "model.patch" => (long)spec.Model.Patch,
            "model.pooling" => spec.Model.Pooling,
            "model.file" => spec.Model.File,
            "model.sha256" => spec.Model.Checksum,
            "model.trusted" => spec.Model.Trusted,
            "model.input" => spec.Model.SampleShape.Select(size => (long)size).ToArray(),
            "model.activation" => spec.Model.Activation,
            "model.initialisation" => spec.Model.Initialisation,
            "model.start" => spec.Model.Start.ToArray(),
            "objective.loss" => spec.Objective.Loss,
            "objective.weight_decay" => spec.Objective.WeightDecay,
            "objective.chunk" => (long)spec.Objective.Chunk,
            "objective.cache_mb" => (long)spec.Objective.CacheMegabytes,
            "training.steps" => (long)spec.Training.Steps,
            "training.time" => spec.Training.Time,
            "training.learning_rate" => spec.Training.LearningRate,
            "training.schedule" => spec.Training.Schedule.ToArray(),
            "training.warmup" => (long)spec.Training.Warmup,
            "training.decay" => spec.Training.Decay,
            "training.decay_to" => spec.Training.DecayTo,
            "training.decay_every" => (long)spec.Training.DecayEvery,
            "training.edge_rate" => spec.Training.Edge.Share,
            "training.edge_window" => (long)spec.Training.Edge.Window,
            "training.edge_reduced" => spec.Training.Edge.ReducedTo,
            "training.divergence_multiple" => spec.Training.DivergenceMultiple,
            "training.divergence_steps" => (long)spec.Training.DivergenceSteps,
            "training.until.loss" => spec.Training.Until.Loss,
            "training.until.accuracy" => spec.Training.Until.Accuracy,
            "training.until.sharpness_fallen" => spec.Training.Until.SharpnessFallen,
            "training.evaluate_every" => (long)spec.Training.EvaluateEvery,
            "optimizer.name" => spec.Optimizer.Name,
            "optimizer.momentum" => spec.Optimizer.Momentum,
            "optimizer.second_moment" => spec.Optimizer.SecondMoment,
            "optimizer.epsilon" => spec.Optimizer.Epsilon,
            "optimizer.decoupled_decay" => spec.Optimizer.DecoupledDecay,
            "optimizer.batch" => (long)spec.Optimizer.Batch,
            "optimizer.radius" => spec.Optimizer.Radius,
            "optimizer.clip_norm" => spec.Optimizer.ClipNorm,
            "optimizer.preconditioner_low" => spec.Optimizer.PreconditionerLow,
            "optimizer.preconditioner_high" => spec.Optimizer.PreconditionerHigh,
            "intervention.name" => spec.Intervention.Name,
            "intervention.when" => spec.Intervention.When,
            "intervention.pairs" => (long)spec.Intervention.Pairs,
            "intervention.directions" => (long)spec.Intervention.Directions,
            "intervention.bound" => spec.Intervention.Bound,
            "curvature.pairs" => (long)spec.Curvature.Pairs,
            "curvature.every" => (long)spec.Curvature.Every,
            "curvature.every_time" => spec.Curvature.EveryTime,
            "curvature.burst" => (long)spec.Curvature.Burst,
            "curvature.burst_at_start" => spec.Curvature.BurstAtStart,
            "curvature.angle_tolerance" => spec.Curvature.AngleToleranceDegrees,
            "curvature.max_products" => (long)spec.Curvature.MaxProducts,
            "curvature.basis" => (long)spec.Curvature.Basis,
            "curvature.resolve" => spec.Curvature.Resolve,
            "curvature.resolve_every" => (long)spec.Curvature.ResolveEvery,
            "curvature.trace_probes" => (long)spec.Curvature.TraceProbes,
            "curvature.bottom" => spec.Curvature.Bottom,
            "curvature.self_stabilisation" => spec.Curvature.SelfStabilisation,
            "curvature.follow" => spec.Curvature.Follow.On,
            "curvature.follow_rise" => spec.Curvature.Follow.Rise,
            "curvature.follow_edge" => spec.Curvature.Follow.Edge,
            "curvature.follow_growth" => spec.Curvature.Follow.Growth,
            "curvature.follow_budget" => spec.Curvature.Follow.Budget,
            "curvature.operator" => spec.Curvature.Operator,
            "curvature.at" => spec.Curvature.At,
            "curvature.batch_probes" => (long)spec.Curvature.BatchProbes,
            "instability.resolved_below" => spec.Instability.ResolvedBelow,
            "instability.hysteresis" => spec.Instability.Hysteresis,
            "instability.smoothing" => (long)spec.Instability.Smoothing,
            "run.checkpoint_every" => (long)spec.Keeping.CheckpointEvery,
            "run.checkpoint_seconds" => (long)spec.Keeping.CheckpointSeconds,
            "run.keep_checkpoints" => (long)spec.Keeping.KeepCheckpoints,
            "run.checkpoint_at" => spec.Keeping.CheckpointAt.Select(step => (long)step).ToArray(),
            "run.eigenvectors_mb" => (long)spec.Keeping.EigenvectorMegabytes,
            "run.tags" => spec.Keeping.Tags,
            "fork.parent" => spec.Fork?.Parent ?? "",
            "fork.step" => (long)(spec.Fork?.Step ?? 0),
            "fork.other_chunk" => spec.Fork?.OtherChunk ?? false,
            _ => throw new ArgumentException($"{path} is a key of the schema without a property.", nameof(path)),
        };

    internal static string Value(object value) =>
        value switch
        {
            string text => $"\"{string.Concat(text.Select(Escaped))}\"",
            bool flag => flag ? "true" : "false",
            long whole => whole.ToString(CultureInfo.InvariantCulture),
            double number => Number(number),
            long[] list => $"[{string.Join(", ", list)}]",
            double[] list => $"[{string.Join(", ", list.Select(Number))}]",
            RateChange[] changes =>
                $"[{string.Join(", ", changes.Select(change => $"{{ step = {change.Step}, learning_rate = {Number(change.LearningRate)} }}"))}]",
            _ => throw new ArgumentException($"{value.GetType()} cannot be written as TOML.", nameof(value)),
        };

    private static string Escaped(char letter) =>
        letter switch
        {
            '\\' => "\\\\",
            '"' => "\\\"",
            < ' ' or '\u007f' => $"\\u{(int)letter:x4}",
            _ => letter.ToString(),
        };

    /// <summary>
    /// Shortest digits that read back to the same number, always with a point or an exponent, as TOML wants of floats.
    /// </summary>
    public static string Number(double number)
    {
        if (!double.IsFinite(number))
            return double.IsNaN(number) ? "nan"
                : number > 0 ? "inf"
                : "-inf";
        var digits = number.ToString("R", CultureInfo.InvariantCulture);
        return digits.AsSpan().ContainsAny(".eE") ? digits.Replace("E", "e", StringComparison.Ordinal) : digits + ".0";
    }
}
