namespace Gyre.Lab.Specs;

/// <summary>The values of all keys of a spec, checked one by one, and the records they make.</summary>
internal readonly struct SpecValues(IReadOnlyDictionary<string, object> values)
{
    /// <summary>The whole spec.</summary>
    public RunSpec Run() =>
        new()
        {
            Name = Text("name"),
            Seed = Whole("seed"),
            Threads = Whole("threads"),
            Device = Text("device"),
            Tf32 = Flag("tf32"),
            Dtype = Text("dtype"),
            Data = Data(),
            Model = Model(),
            Objective = new(
                Text("objective.loss"),
                Number("objective.weight_decay"),
                Whole("objective.chunk"),
                Whole("objective.cache_mb")
            ),
            Training = Training(),
            Optimizer = Optimizer(),
            Intervention = Intervention(),
            Curvature = Curvature(),
            Instability = new(
                Number("instability.resolved_below"),
                Number("instability.hysteresis"),
                Whole("instability.smoothing")
            ),
            Keeping = new(
                Whole("run.checkpoint_every"),
                Whole("run.checkpoint_seconds"),
                Whole("run.keep_checkpoints"),
                Wholes("run.checkpoint_at"),
                Whole("run.eigenvectors_mb")
            )
            {
                Tags = Text("run.tags"),
            },
            Fork =
                Text("fork.parent").Length == 0
                    ? null
                    : new(Text("fork.parent"), Whole("fork.step")) { OtherChunk = Flag("fork.other_chunk") },
        };

    /// <summary>[data]</summary>
    private DataSpec Data() =>
        new(
            Text("data.name"),
            Whole("data.samples"),
            Text("data.subset"),
            Text("data.path"),
            Whole("data.degree"),
            Numbers("data.targets")
        )
        {
            Checksum = Text("data.sha256"),
            Standardise = Flag("data.standardise"),
            LabelNoise = Number("data.label_noise"),
            Noise = Number("data.noise"),
            Context = Whole("data.context"),
            Size = Whole("data.size"),
            Target = Text("data.target"),
            HoldOut = Number("data.holdout"),
            MemoryMegabytes = Whole("data.memory_mb"),
        };

    /// <summary>[model]</summary>
    public ModelSpec Model() =>
        new(
            Text("model.name"),
            Wholes("model.widths"),
            Whole("model.depth"),
            Text("model.activation"),
            Text("model.initialisation"),
            Numbers("model.start")
        )
        {
            Width = Whole("model.width"),
            Norm = Text("model.norm"),
            Heads = Whole("model.heads"),
            Patch = Whole("model.patch"),
            Pooling = Text("model.pooling"),
            File = Text("model.file"),
            Checksum = Text("model.sha256"),
            Trusted = Flag("model.trusted"),
            SampleShape = Wholes("model.input"),
        };

    private TrainingSpec Training() =>
        new(
            Whole("training.steps"),
            Number("training.time"),
            Number("training.learning_rate"),
            Changes(Number("training.learning_rate"), (GivenChange[])values["training.schedule"]),
            Whole("training.warmup"),
            Text("training.decay"),
            Number("training.decay_to"),
            Whole("training.decay_every"),
            Number("training.divergence_multiple"),
            Whole("training.divergence_steps"),
            Whole("training.evaluate_every")
        )
        {
            Edge = new(Number("training.edge_rate"), Whole("training.edge_window"), Number("training.edge_reduced")),
            Until = new(
                Number("training.until.loss"),
                Number("training.until.accuracy"),
                Number("training.until.sharpness_fallen")
            ),
        };

    private CurvatureSpec Curvature() =>
        new(
            Whole("curvature.pairs"),
            Whole("curvature.every"),
            Number("curvature.every_time"),
            Whole("curvature.burst"),
            Flag("curvature.burst_at_start"),
            Number("curvature.angle_tolerance"),
            Whole("curvature.max_products"),
            Whole("curvature.basis"),
            Flag("curvature.resolve"),
            Whole("curvature.resolve_every"),
            Whole("curvature.trace_probes"),
            Flag("curvature.self_stabilisation")
        )
        {
            Operator = Text("curvature.operator"),
            At = Text("curvature.at"),
            BatchProbes = Whole("curvature.batch_probes"),
            Bottom = Number("curvature.bottom"),
            Follow = new(
                Flag("curvature.follow"),
                Number("curvature.follow_rise"),
                Number("curvature.follow_edge"),
                Number("curvature.follow_growth"),
                Number("curvature.follow_budget")
            ),
        };

    private OptimizerSpec Optimizer() =>
        new()
        {
            Name = Text("optimizer.name"),
            Momentum = Number("optimizer.momentum"),
            SecondMoment = Number("optimizer.second_moment"),
            Epsilon = Number("optimizer.epsilon"),
            DecoupledDecay = Number("optimizer.decoupled_decay"),
            Batch = Whole("optimizer.batch"),
            Radius = Number("optimizer.radius"),
            ClipNorm = Number("optimizer.clip_norm"),
            PreconditionerLow = Number("optimizer.preconditioner_low"),
            PreconditionerHigh = Number("optimizer.preconditioner_high"),
            Seed = Whole("seed"),
            CacheBytes = Whole("objective.cache_mb") * 1_000_000L,
        };

    private InterventionSpec Intervention() =>
        new()
        {
            Name = Text("intervention.name"),
            Pairs = Whole("intervention.pairs"),
            When = Text("intervention.when"),
            Bound = Number("intervention.bound"),
            Directions = Whole("intervention.directions"),
            ResolvedBelow = Number("instability.resolved_below"),
            Seed = Whole("seed"),
        };

    private static RateChange[] Changes(double rate, GivenChange[] given)
    {
        var changes = new RateChange[given.Length];
        for (var i = 0; i < given.Length; i++)
            changes[i] = new RateChange(given[i].Step, rate = given[i].LearningRate ?? rate * given[i].Factor!.Value);
        return changes;
    }

    private int Whole(string key) => checked((int)(long)values[key]);

    private int[] Wholes(string key) => Array.ConvertAll((long[])values[key], number => checked((int)number));

    private double Number(string key) => (double)values[key];

    private double[] Numbers(string key) => (double[])values[key];

    private string Text(string key) => (string)values[key];

    private bool Flag(string key) => (bool)values[key];
}
