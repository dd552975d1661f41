using Gyre.Lab.Optimizers;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Tomlyn.Model;

namespace Gyre.Lab.Sweeps;

/// <summary>Lays a sweep out into cells. Pure, except for the specs' own check of names.</summary>
internal static class SweepPlanner
{
    private const double AnyRate = 0.1;

    /// <summary>
    /// Returns the specs whose S(theta_0) and speed must be known before the plan: one per seed and combination of
    /// the axes other than the learning rate.
    /// </summary>
    /// <param name="sweep">The sweep.</param>
    /// <param name="threads">Threads per cell.</param>
    /// <exception cref="SpecException">A combination is not a valid run, or a reduction can have no cell at any
    /// sharpness; it contains every mistake.</exception>
    public static IReadOnlyList<RunSpec> SpecsToCalibrate(SweepSpec sweep, int threads)
    {
        ArgumentNullException.ThrowIfNull(sweep);
        var mistakes = new List<SpecMistake>();
        var found = new Dictionary<string, RunSpec>();
        var idle = sweep.Reductions.ToHashSet();
        foreach (var point in SweepPoint.All(sweep))
        {
            if (Sketch(sweep, point, threads, mistakes) is not { } spec || IsCopy(sweep, spec))
                continue;
            found.TryAdd(Calibration.Id(spec), spec);
            idle.RemoveWhere(reduction => ReductionCheck.MayBranch(reduction, sweep, point, spec));
        }
        if (mistakes.Count == 0)
            mistakes.AddRange(sweep.Reductions.Where(idle.Contains).Select(ReductionCheck.NoCell));
        return mistakes.Count > 0 ? throw new SpecException([.. mistakes.Distinct()]) : [.. found.Values];
    }

    /// <summary>Lays out the plan of a sweep.</summary>
    /// <param name="sweep">The sweep.</param>
    /// <param name="threads">Threads per cell.</param>
    /// <param name="calibrations">The measurements at theta_0, by <see cref="Calibration.Id"/>; a sweep without edge
    /// units can be laid out without them.</param>
    /// <param name="commandLine">The command line, for plan.json.</param>
    /// <exception cref="SpecException">A cell is not a valid run; it contains every mistake.</exception>
    public static SweepPlan Plan(
        SweepSpec sweep,
        int threads,
        IReadOnlyDictionary<string, CalibrationRecord> calibrations,
        string commandLine
    )
    {
        ArgumentNullException.ThrowIfNull(sweep);
        ArgumentNullException.ThrowIfNull(calibrations);
        var mistakes = new List<SpecMistake>();
        var cells = new List<PlannedCell>();
        var used = new HashSet<Reduction>();
        foreach (var point in SweepPoint.All(sweep))
            cells.AddRange(CellsOf(sweep, point, threads, calibrations, used, mistakes));
        foreach (
            var reduction in mistakes.Count > 0 ? [] : sweep.Reductions.Where(reduction => !used.Contains(reduction))
        )
            mistakes.Add(ReductionCheck.NoCell(reduction));
        if (mistakes.Count > 0)
            throw new SpecException([.. mistakes.Distinct()]);
        var distinct = cells.DistinctBy(cell => cell.Record.Folder).ToArray();
        var record = new SweepPlanRecord(
            RunFolder.Format,
            Run.Version,
            sweep.Name,
            commandLine,
            threads,
            [.. sweep.Axes.Select(axis => axis.Key)],
            [.. distinct.Select(cell => cell.Record)]
        );
        return new SweepPlan(
            record,
            distinct,
            distinct.Sum(cell => Estimate.Bytes(cell.Spec, calibrations.GetValueOrDefault(Calibration.Id(cell.Spec))))
        );
    }

    /// <summary>If the seed changes nothing, the first seed's cell stands for all seeds.</summary>
    private static bool IsCopy(SweepSpec sweep, RunSpec spec) => spec.Seed != sweep.Seeds[0] && !SeedEffect.Has(spec);

    /// <summary>
    /// Returns the cells that can be laid out from what is known of theta_0, without the mistakes: all of them if no
    /// learning rate is in edge units.
    /// </summary>
    internal static IReadOnlyList<PlannedCell> Known(
        SweepSpec sweep,
        int threads,
        IReadOnlyDictionary<string, CalibrationRecord> calibrations
    )
    {
        var (mistakes, used) = (new List<SpecMistake>(), new HashSet<Reduction>());
        return
        [
            .. SweepPoint.All(sweep).SelectMany(point => CellsOf(sweep, point, threads, calibrations, used, mistakes)),
        ];
    }

    /// <summary>Returns a parent and its forks.</summary>
    private static IEnumerable<PlannedCell> CellsOf(
        SweepSpec sweep,
        SweepPoint point,
        int threads,
        IReadOnlyDictionary<string, CalibrationRecord> calibrations,
        HashSet<Reduction> used,
        List<SpecMistake> mistakes
    )
    {
        if (Sketch(sweep, point, threads, mistakes) is not { } sketch || IsCopy(sweep, sketch))
            yield break;
        var calibration = calibrations.GetValueOrDefault(Calibration.Id(sketch));
        var unit = calibration is null
            ? double.NaN
            : OptimizerCatalog.EdgeRate(sketch.Optimizer) / calibration.Sharpness;
        if (NeedsEdge(sweep, point) && !(unit > 0 && double.IsFinite(unit)))
        {
            mistakes.Add(
                new(
                    SweepSpec.RateKey,
                    $"seed {point.Seed} has no threshold rate: its sharpness at the start is "
                        + $"{Digits.Made(calibration?.Sharpness ?? double.NaN)}; give absolute learning rates"
                )
            );
            yield break;
        }
        var keys = Keys(sweep, point, threads, RateAt(point, unit));
        if (Resolved(keys, mistakes) is not { } plain)
            yield break;
        var given = point.Rate?.Given ?? plain.Training.LearningRate;
        mistakes.AddRange(LadderCheck.Mistakes(sweep, plain, given, unit));
        var branches = sweep
            .Reductions.Select(reduction => Branch(reduction, plain, given, unit))
            .OfType<Branching>()
            .ToArray();
        var parent = plain with
        {
            Keeping = plain.Keeping with
            {
                CheckpointAt =
                [
                    .. plain.Keeping.CheckpointAt.Union(branches.Select(branch => (int)branch.Step)).Order(),
                ],
            },
        };
        yield return Cell(parent, point, CellName.Create(point, parent), null, unit, calibration);
        foreach (var branch in branches)
        {
            used.Add(branch.Reduction);
            if (Resolved(ForkKeys(keys, branch, Run.FolderName(parent)), mistakes) is { } fork)
                yield return Cell(fork, point, CellName.Create(point, parent, branch), branch, unit, calibration);
        }
    }

    private static bool NeedsEdge(SweepSpec sweep, SweepPoint point) =>
        point.Rate?.InEdgeUnits == true || sweep.Reductions.Any(reduction => reduction.EdgeUnits is not null);

    /// <summary>Returns the learning rate of a point in the spec's own units; null if the point has none.</summary>
    private static double? RateAt(SweepPoint point, double unit) =>
        point.Rate is { InEdgeUnits: true } rate ? Digits.Round(rate.Given * unit) : point.Rate?.Given;

    private static PlannedCell Cell(
        RunSpec spec,
        SweepPoint point,
        string group,
        Branching? branch,
        double unit,
        CalibrationRecord? calibration
    )
    {
        var eta = spec.Training.LearningRate;
        var record = new SweepCellRecord(
            Run.FolderName(spec),
            group,
            spec.Seed,
            eta,
            eta / unit,
            point.Values.ToDictionary(pair => pair.Key, pair => SpecCheck.Named(pair.Value)),
            spec.Fork?.Parent,
            spec.Fork?.Step,
            branch?.Rate,
            branch is null ? null : branch.Rate / unit
        )
        {
            Seedless = !SeedEffect.Has(spec),
        };
        return new PlannedCell(
            record,
            spec,
            Estimate.Seconds(spec, calibration),
            Estimate.Seconds(spec with { Fork = null }, calibration)
        )
        {
            Bytes = calibration is { PeakBytes: > 0 } ? calibration.PeakBytes : double.NaN,
            Parameters = calibration?.Parameters ?? 0,
            FollowSeconds = Estimate.FollowSeconds(spec, calibration),
        };
    }

    /// <summary>
    /// Returns the step of a cell's reduction and the learning rate after it; null if the reduction does not apply.
    /// </summary>
    private static Branching? Branch(Reduction reduction, RunSpec parent, double given, double unit)
    {
        var eta = parent.Training.LearningRate;
        var to = Digits.Round(
            reduction.LearningRate
                ?? (reduction.Factor is { } factor ? factor * eta : reduction.EdgeUnits!.Value * unit)
        );
        var step =
            reduction.Step
            ?? RunSchedules.Rates(parent.Training).StepsUntil(reduction.Time!.Value, parent.Training.Steps);
        return
            reduction.Meant(given)
            && parent.Training.Edge.Share == 0
            && to > 0
            && to < eta
            && step is > 0
            && step < parent.Training.Steps
            ? new Branching(reduction, step.Value, to)
            : null;
    }

    private static Dictionary<string, object> ForkKeys(
        IReadOnlyDictionary<string, object> keys,
        Branching branch,
        string parent
    )
    {
        var fork = keys.ToDictionary();
        fork["training.schedule"] = new TomlArray
        {
            new TomlTable(inline: true) { ["step"] = branch.Step, ["learning_rate"] = branch.Rate },
        };
        fork["training.until.loss"] = branch.Reduction.Until.Loss;
        fork["training.until.accuracy"] = branch.Reduction.Until.Accuracy;
        fork["training.until.sharpness_fallen"] = branch.Reduction.Until.SharpnessFallen;
        fork["fork.parent"] = parent;
        fork["fork.step"] = branch.Step;
        return fork;
    }

    /// <summary>
    /// Returns the run before its learning rate is known, as a calibration needs it. If learning rates are in edge
    /// units, the number of steps in a training time is unknown too, so a schedule's steps cannot be checked against
    /// it.
    /// </summary>
    private static RunSpec? Sketch(SweepSpec sweep, SweepPoint point, int threads, List<SpecMistake> mistakes)
    {
        if (point.Rate is not { InEdgeUnits: true })
            return Resolved(Keys(sweep, point, threads, point.Rate?.Given), mistakes);
        var keys = Keys(sweep, point, threads, AnyRate);
        if (keys.GetValueOrDefault("training.time") is { } time && SpecCheck.AsNumber(time) is > 0)
        {
            keys.Remove("training.time");
            keys["training.steps"] = (long)int.MaxValue / 4;
        }
        return Resolved(keys, mistakes);
    }

    private static Dictionary<string, object> Keys(SweepSpec sweep, SweepPoint point, int threads, double? eta)
    {
        var keys = sweep.Base.ToDictionary();
        foreach (var (key, value) in point.Values)
            keys[key] = value;
        keys["name"] = sweep.Name;
        keys["seed"] = (long)point.Seed;
        keys["threads"] = (long)threads;
        if (eta is { } rate)
            keys[SweepSpec.RateKey] = rate;
        return keys;
    }

    private static RunSpec? Resolved(Dictionary<string, object> keys, List<SpecMistake> mistakes)
    {
        try
        {
            return SpecData.Bound(SpecReader.Resolve(keys, []));
        }
        catch (SpecException error)
        {
            mistakes.AddRange(error.Mistakes);
            return null;
        }
    }
}
