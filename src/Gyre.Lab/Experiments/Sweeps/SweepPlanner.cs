using System.Globalization;
using Gyre.Lab.Runs;
using Tomlyn.Model;

namespace Gyre.Lab.Experiments.Sweeps;

/// <summary>Lays a sweep out into cells. Pure but for the specs' own check of names.</summary>
public static class SweepPlanner
{
    /// <summary>The specs whose S(theta_0) and speed must be known before the plan: one for every combination of the axes but the rate, and seed.</summary>
    /// <param name="sweep">The sweep.</param>
    /// <param name="threads">Of each cell.</param>
    /// <exception cref="SpecException">A combination is not a run; with every mistake.</exception>
    public static IReadOnlyList<RunSpec> Probes(SweepSpec sweep, int threads)
    {
        ArgumentNullException.ThrowIfNull(sweep);
        var mistakes = new List<SpecMistake>();
        var found = new Dictionary<string, RunSpec>();
        foreach (var point in Points(sweep))
        {
            if (Resolved(Keys(sweep, point, threads, RateOf(sweep, point)?.Given ?? 0.1), mistakes) is { } spec)
                found.TryAdd(Probe.Id(spec), spec);
        }
        return mistakes.Count > 0 ? throw new SpecException([.. mistakes.Distinct()]) : [.. found.Values];
    }

    /// <summary>Lays out.</summary>
    /// <param name="sweep">The sweep.</param>
    /// <param name="threads">Of each cell.</param>
    /// <param name="probes">What was measured at theta_0, by <see cref="Probe.Id"/>.</param>
    /// <param name="commandLine">For plan.json.</param>
    /// <exception cref="SpecException">A cell is not a run; with every mistake.</exception>
    public static SweepPlan Plan(SweepSpec sweep, int threads, IReadOnlyDictionary<string, ProbeRecord> probes, string commandLine)
    {
        ArgumentNullException.ThrowIfNull(sweep);
        ArgumentNullException.ThrowIfNull(probes);
        var mistakes = new List<SpecMistake>();
        var cells = new List<PlannedCell>();
        foreach (var point in Points(sweep))
            cells.AddRange(CellsOf(sweep, point, threads, probes, mistakes));
        foreach (var reduction in sweep.Reductions.Where(reduction => !cells.Any(cell => cell.Record.Parent is not null && cell.Record.Group.EndsWith(Suffix(reduction), StringComparison.Ordinal))))
            mistakes.Add(new("sweep.reductions", $"the one {Suffix(reduction)} has no cell to branch from: no rate of the sweep is above the reduced one{(reduction.Parents.Count > 0 ? " and named in parents" : "")}, or its moment lies after the end"));
        if (mistakes.Count > 0)
            throw new SpecException([.. mistakes.Distinct()]);
        var distinct = cells.DistinctBy(cell => cell.Record.Folder).ToArray();
        var record = new SweepPlanRecord(RunFolder.Format, Run.Version, sweep.Name, commandLine, threads, [.. sweep.Axes.Select(axis => axis.Key)], [.. distinct.Select(cell => cell.Record)]);
        return new SweepPlan(record, distinct, distinct.Sum(cell => Estimate.Bytes(cell.Spec, probes.GetValueOrDefault(Probe.Id(cell.Spec)))));
    }

    private static IEnumerable<PlannedCell> CellsOf(
        SweepSpec sweep, SweepPoint point, int threads, IReadOnlyDictionary<string, ProbeRecord> probes, List<SpecMistake> mistakes)
    {
        var rate = RateOf(sweep, point);
        if (Resolved(Keys(sweep, point, threads, rate?.Given ?? 0.1), mistakes) is not { } sketch)
            yield break;
        var probe = probes.GetValueOrDefault(Probe.Id(sketch));
        var unit = probe is null ? double.NaN : 2 / probe.Sharpness;
        if (rate is { InEdgeUnits: true } && !(unit > 0 && double.IsFinite(unit)))
        {
            mistakes.Add(new(SweepSpec.RateKey, $"seed {point.Seed} has no edge: its sharpness at the start is {Digits.Text(probe?.Sharpness ?? double.NaN)}; give rates as they are"));
            yield break;
        }
        var eta = rate is null ? sketch.Training.LearningRate : rate.InEdgeUnits ? Digits.Round(rate.Given * unit) : rate.Given;
        var keys = Keys(sweep, point, threads, eta);
        if (Resolved(keys, mistakes) is not { } plain)
            yield break;
        var branches = sweep.Reductions.Select(reduction => Branch(reduction, plain, rate?.Given ?? eta, unit)).OfType<Branching>().ToArray();
        var parent = plain with { Keeping = plain.Keeping with { CheckpointAt = [.. plain.Keeping.CheckpointAt.Union(branches.Select(branch => (int)branch.Step)).Order()] } };
        yield return Cell(parent, point, Label(sweep, point, rate, eta), null, unit, probe);
        foreach (var branch in branches)
        {
            if (Resolved(ForkKeys(keys, branch, Run.FolderName(parent)), mistakes) is { } fork)
                yield return Cell(fork, point, Label(sweep, point, rate, eta, branch, unit), branch, unit, probe);
        }
    }

    private static PlannedCell Cell(RunSpec spec, SweepPoint point, string group, Branching? branch, double unit, ProbeRecord? probe)
    {
        var eta = spec.Training.LearningRate;
        var record = new SweepCellRecord(
            Run.FolderName(spec), group, spec.Seed, eta, eta / unit, point.Values.ToDictionary(pair => pair.Key, pair => SpecCheck.Shown(pair.Value)),
            spec.Fork?.Parent, spec.Fork?.Step, branch?.Rate, branch is null ? null : branch.Rate / unit);
        return new PlannedCell(record, spec, Estimate.Seconds(spec, probe));
    }

    /// <summary>Where and to what a cell is reduced; null where the reduction is not for it.</summary>
    private static Branching? Branch(Reduction reduction, RunSpec parent, double given, double unit)
    {
        var eta = parent.Training.LearningRate;
        var to = reduction.LearningRate ?? (reduction.Factor is { } factor ? factor * eta : reduction.EdgeUnits!.Value * unit);
        var step = reduction.Step ?? RunSchedules.Rates(parent.Training).StepsUntil(reduction.Time!.Value, parent.Training.Steps);
        var meant = reduction.Parents.Count == 0 || reduction.Parents.Any(one => Math.Abs(one - given) <= 1e-9 * Math.Abs(given));
        return meant && double.IsFinite(to) && Digits.Round(to) < eta && step is > 0 && step < parent.Training.Steps ? new Branching(reduction, step.Value, Digits.Round(to)) : null;
    }

    private static Dictionary<string, object> ForkKeys(IReadOnlyDictionary<string, object> keys, Branching branch, string parent)
    {
        var fork = keys.ToDictionary();
        fork["training.schedule"] = new TomlArray { new TomlTable(inline: true) { ["step"] = branch.Step, ["learning_rate"] = branch.Rate } };
        fork["fork.parent"] = parent;
        fork["fork.step"] = branch.Step;
        return fork;
    }

    private static string Label(SweepSpec sweep, SweepPoint point, Rate? rate, double eta, Branching? branch = null, double unit = double.NaN)
    {
        var edges = rate?.InEdgeUnits == true;
        var text = edges ? Digits.Text(rate!.Given) : Digits.Text(eta);
        if (branch is not null)
            text += $" → {(edges ? Digits.Text(branch.Reduction.EdgeUnits ?? branch.Rate / unit) : Digits.Text(branch.Rate))}";
        text = edges ? text + " edge units" : "eta " + text;
        var others = point.Values.Where(pair => pair.Key != SweepSpec.RateKey).Select(pair => $"{pair.Key} {SpecCheck.Shown(pair.Value)}");
        return string.Join(" · ", others.Prepend(text)) + (branch is null ? "" : $" {Suffix(branch.Reduction)}");
    }

    private static string Suffix(Reduction reduction) => reduction.Step is { } step ? string.Create(CultureInfo.InvariantCulture, $"at step {step}") : $"at time {Digits.Text(reduction.Time!.Value)}";

    private static Dictionary<string, object> Keys(SweepSpec sweep, SweepPoint point, int threads, double eta)
    {
        var keys = sweep.Base.ToDictionary();
        foreach (var (key, value) in point.Values)
            keys[key] = value;
        keys["name"] = sweep.Name;
        keys["seed"] = (long)point.Seed;
        keys["threads"] = (long)threads;
        if (point.Values.ContainsKey(SweepSpec.RateKey))
            keys[SweepSpec.RateKey] = eta;
        return keys;
    }

    private static RunSpec? Resolved(Dictionary<string, object> keys, List<SpecMistake> mistakes)
    {
        try
        {
            return SpecReader.Resolve(keys, []);
        }
        catch (SpecException error)
        {
            mistakes.AddRange(error.Mistakes);
            return null;
        }
    }

    private static Rate? RateOf(SweepSpec sweep, SweepPoint point) =>
        sweep.Axes.FirstOrDefault(axis => axis.Key == SweepSpec.RateKey) is { } axis && SpecCheck.AsNumber(point.Values[axis.Key]) is { } given ? new Rate(given, axis.InEdgeUnits) : null;

    /// <summary>Every combination of the axes' values, each with every seed; seeds vary slowest, so that an interrupted sweep has whole series.</summary>
    private static IEnumerable<SweepPoint> Points(SweepSpec sweep)
    {
        IEnumerable<Dictionary<string, object>> combinations = [[]];
        foreach (var axis in sweep.Axes)
            combinations = combinations.SelectMany(values => axis.Values.Select(value => new Dictionary<string, object>(values) { [axis.Key] = value })).ToArray();
        return sweep.Seeds.SelectMany(seed => combinations.Select(values => new SweepPoint(seed, values)));
    }

    private sealed record SweepPoint(int Seed, Dictionary<string, object> Values);

    private sealed record Rate(double Given, bool InEdgeUnits);

    private sealed record Branching(Reduction Reduction, long Step, double Rate);
}
