using System.Globalization;
using Gyre.Lab.Data;
using Gyre.Lab.Specs;
using Tomlyn.Model;

namespace Gyre.Lab.Sweeps;

/// <summary>
/// Reads sweeps: a run's spec with a [sweep] section. All mistakes are collected and reported at once.
/// </summary>
internal static class SweepSpecReader
{
    private const string Section = "sweep.";
    internal const string Axes = SpecToml.Axes;
    private const int MostCells = 100_000;

    /// <summary>The keys that a sweep has in addition to those of its runs.</summary>
    public static IReadOnlyList<string> OwnKeys => Keys;

    private static readonly string[] Keys = ["sweep.seeds", "sweep.reductions", "sweep.retries", .. LadderReader.Keys];
    private static readonly string[] RangeKeys = ["values", "from", "to", "count", "spacing", "unit"];
    private static readonly string[] Schedules = ["training.schedule", "training.decay"];
    private static readonly string[] NotForSweeps = ["fork.parent", "fork.step"];
    private static readonly string[] Measured =
    [
        .. SpecSchema
            .Keys.Select(key => key.Path)
            .Where(path => path.StartsWith("measured.", StringComparison.Ordinal)),
    ];
    private static readonly string[] NotAxes = ["name", "seed", "threads", .. NotForSweeps, .. Measured];

    /// <summary>Names of the presets that are sweeps.</summary>
    public static IReadOnlyList<string> Presets => SpecReader.SweepPresets;

    /// <summary>Returns whether a preset or a file is a sweep; false if it cannot be read.</summary>
    public static bool IsSweep(string source) =>
        Presets.Contains(source)
        || SpecReader
            .Gather(source, [], SpecReader.AllPresets, [], out _)
            .Keys.Any(key => key.StartsWith(Section, StringComparison.Ordinal));

    /// <summary>Reads a preset (by name) or a file (by path), with keys set on top.</summary>
    /// <param name="source">The preset's name or the file's path.</param>
    /// <param name="sets">key=value, including <c>sweep.seeds=5</c> and
    /// <c>sweep.axes.model.activation=["relu","tanh"]</c>.</param>
    /// <exception cref="SpecException">The spec has mistakes; the exception contains all of them.</exception>
    public static SweepSpec Read(string source, IReadOnlyList<string> sets)
    {
        var mistakes = new List<SpecMistake>();
        var given = SpecReader.Gather(source, sets, Presets, mistakes, out var text, Replace);
        var of = given.Where(pair => pair.Key.StartsWith(Section, StringComparison.Ordinal)).ToDictionary();
        var plain = given.Where(pair => !of.ContainsKey(pair.Key)).ToDictionary();
        var axes = ReadAxes(of, mistakes);
        foreach (var unknown in of.Keys.Where(key => !IsPart(key)).Except(Keys))
        {
            var near = Suggestion.AsClause(SpecSuggestions.Key(unknown, Keys));
            mistakes.Add(new(unknown, $"is not a key of a sweep{near}; the keys are {Own} and sweep.axes"));
        }
        var ladder = LadderReader.Read(of, axes, TimeOf(plain, axes), mistakes);
        var reductions = ReductionReader.Read(of.GetValueOrDefault("sweep.reductions"), mistakes);
        var spec = new SweepSpec(
            plain.GetValueOrDefault("name") as string ?? "sweep",
            plain,
            ladder?.With(axes) ?? axes,
            ReadSeeds(of.GetValueOrDefault("sweep.seeds", 1L), plain.GetValueOrDefault("seed"), mistakes),
            [.. reductions, .. ladder?.Reductions ?? []],
            (int)Whole(of, "sweep.retries", 1, 0, 100, mistakes),
            text.TrimEnd('\n') + "\n" + Overrides(sets)
        );
        CheckSettings(spec, sets, mistakes);
        Check(spec, mistakes);
        return mistakes.Count > 0
            ? throw new SpecException([.. mistakes.Concat(FindRunMistakes(spec)).Distinct()], source).InSettings(sets)
            : spec;
    }

    private static string Own => string.Join(", ", Keys.Where(key => !IsPart(key)).Append(Ladder.Key));

    /// <summary>
    /// Whether a key belongs to an axis or to the ladder; their readers report unknown keys themselves.
    /// </summary>
    private static bool IsPart(string key) =>
        key.StartsWith(Axes, StringComparison.Ordinal) || key.StartsWith(Ladder.Key, StringComparison.Ordinal);

    /// <summary>The training time of every run; NaN if it varies or steps are given.</summary>
    private static double TimeOf(Dictionary<string, object> plain, List<SweepAxis> axes) =>
        axes.All(axis => axis.Key != "training.time")
        && plain.TryGetValue("training.time", out var given)
        && SpecCheck.AsNumber(given) is > 0 and var time
            ? time
            : double.NaN;

    private static void Replace(string key, bool table, Dictionary<string, object> given)
    {
        if (key.StartsWith(Axes, StringComparison.Ordinal))
            Forget(key, table, given);
        if (key.StartsWith(Ladder.Key, StringComparison.Ordinal))
            LadderReader.Forget(key, table, given);
    }

    /// <summary>
    /// An axis key that is set on the command line replaces what was there: a table replaces the whole axis, a list
    /// replaces a range, and a part of a range replaces a list.
    /// </summary>
    private static void Forget(string key, bool table, Dictionary<string, object> given)
    {
        var axis = KeyOf(key[Axes.Length..]);
        var part = key[Axes.Length..] == axis ? "values" : key[(Axes.Length + axis.Length + 1)..];
        string[] parts =
            table && part == "values"
                ? RangeKeys
                : part switch
                {
                    "values" => ["values", "from", "to", "count", "spacing"],
                    "unit" => [],
                    _ => ["values"],
                };
        foreach (var gone in parts)
            given.Remove($"{Axes}{axis}.{gone}");
        if (parts.Contains("values"))
            given.Remove(Axes + axis);
    }

    private static string Overrides(IReadOnlyList<string> sets) =>
        string.Concat(sets.Select(set => $"# --set {set.ReplaceLineEndings(" ")}\n"));

    /// <summary>
    /// Finds mistakes of the runs themselves, so that they are reported together with those of [sweep].
    /// </summary>
    private static IReadOnlyList<SpecMistake> FindRunMistakes(SweepSpec spec)
    {
        try
        {
            // Keys that vary have their defaults here; their values are checked when the sweep is laid out.
            SpecReader.Resolve(spec.Base.Where(pair => spec.Axes.All(axis => axis.Key != pair.Key)).ToDictionary(), []);
            return [];
        }
        catch (SpecException error)
        {
            return error.Mistakes;
        }
    }

    private static void Check(SweepSpec spec, List<SpecMistake> mistakes)
    {
        if (
            spec.Axes.Aggregate((double)spec.Seeds.Count, (count, axis) => count * Math.Max(1, axis.Values.Count))
                * (1 + spec.Reductions.Count)
            > MostCells
        )
            mistakes.Add(new("sweep.axes", $"make more than {MostCells} cells"));
        foreach (var axis in spec.Axes.Where(axis => axis.InEdgeUnits && axis.Key != SweepSpec.RateKey))
            mistakes.Add(new(Axes + axis.Key, $"edge units apply only to {SweepSpec.RateKey}"));
        foreach (
            var key in spec.Reductions.Count == 0
                ? []
                : Schedules.Where(key => spec.Base.ContainsKey(key) || spec.Axes.Any(axis => axis.Key == key))
        )
            mistakes.Add(
                new(spec.Reductions[0].Source, $"and {key} exclude each other: a reduction is itself a schedule")
            );
        if (spec.Reductions.Count > 0)
            CheckUntil(spec, mistakes);
        foreach (var key in NotForSweeps.Where(spec.Base.ContainsKey))
            mistakes.Add(new(key, "does not apply to sweeps: use sweep.reductions for forks"));
        foreach (var key in Measured.Where(spec.Base.ContainsKey))
            mistakes.Add(new(key, "does not apply to sweeps: `gyre measure` measures one training"));
        var rates =
            spec.Axes.FirstOrDefault(axis => axis.Key == SweepSpec.RateKey)?.Values
            ?? (spec.Base.TryGetValue(SweepSpec.RateKey, out var rate) ? [rate] : []);
        foreach (
            var parent in spec
                .Reductions.SelectMany(reduction => reduction.Parents)
                .Distinct()
                .Where(parent =>
                    rates.Count > 0
                    && !rates.Any(one => SpecCheck.AsNumber(one) is { } number && Reduction.Same(number, parent))
                )
        )
            mistakes.Add(
                new(
                    "sweep.reductions",
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"parents contains {parent}, which is not a learning rate of this sweep; its learning rates are "
                            + $"{string.Join(", ", rates.Select(SpecCheck.Shown))}"
                    )
                )
            );
    }

    /// <summary>Refuses settings of keys that the sweep varies, which would have no effect.</summary>
    private static void CheckSettings(SweepSpec spec, IReadOnlyList<string> sets, List<SpecMistake> mistakes)
    {
        var keys = sets.Select(set => set.Split('=')[0].Trim()).ToHashSet(StringComparer.Ordinal);
        foreach (var axis in spec.Axes.Where(axis => keys.Contains(axis.Key) && spec.Base.ContainsKey(axis.Key)))
            mistakes.Add(
                new(
                    axis.Key,
                    $"{SpecCheck.Shown(spec.Base[axis.Key])} would have no effect, since the sweep varies this key; change "
                        + $"{Axes}{axis.Key} instead, such as --set '{Axes}{axis.Key}=[{Example(axis)}]'"
                )
            );
    }

    private static string Example(SweepAxis axis) => string.Join(", ", axis.Values.Take(2).Select(SpecCheck.Shown));

    private static void CheckUntil(SweepSpec spec, List<SpecMistake> mistakes)
    {
        var given = spec.Base.Keys.Concat(spec.Axes.Select(axis => axis.Key));
        foreach (var key in given.Where(path => path.StartsWith("training.until.", StringComparison.Ordinal)))
            mistakes.Add(
                new(
                    key,
                    $"could end a run before its branches fork; use {Ladder.Key}.until, which applies to the branches"
                )
            );
    }

    private static List<SweepAxis> ReadAxes(Dictionary<string, object> of, List<SpecMistake> mistakes)
    {
        var axes = new List<SweepAxis>();
        var known = SpecSchema.Keys.Select(key => key.Path).Except(NotAxes).ToArray();
        foreach (
            var group in of.Where(pair => pair.Key.StartsWith(Axes, StringComparison.Ordinal))
                .GroupBy(pair => KeyOf(pair.Key[Axes.Length..]))
        )
        {
            if (!known.Contains(group.Key))
            {
                var suggestion = Suggestion.AsClause(SpecSuggestions.Key(group.Key, known));
                mistakes.Add(
                    new(
                        Axes + group.Key,
                        group.Key == "seed" ? "is set by sweep.seeds" : $"is not a key that can vary{suggestion}"
                    )
                );
                continue;
            }
            var parts = group.ToDictionary(
                pair =>
                    pair.Key[Axes.Length..] == group.Key ? "values" : pair.Key[(Axes.Length + group.Key.Length + 1)..],
                pair => pair.Value
            );
            var values = Values(SpecSchema.Get(group.Key), parts, mistakes);
            foreach (
                var twice in values
                    .GroupBy(value =>
                        SpecCheck.AsNumber(value) is { } number ? SpecText.Number(number) : SpecCheck.Named(value)
                    )
                    .Where(same => same.Count() > 1)
            )
                mistakes.Add(new(Axes + group.Key, $"has the value {SpecCheck.Shown(twice.First())} twice"));
            var edges =
                Word(Axes + group.Key, parts, "unit", [RateUnits.Absolute, RateUnits.Edge], mistakes) == RateUnits.Edge;
            CheckValues(SpecSchema.Get(group.Key), values, edges, mistakes);
            axes.Add(new SweepAxis(group.Key, values, edges));
        }
        return axes;
    }

    private static void CheckValues(SpecKey key, IReadOnlyList<object> values, bool edges, List<SpecMistake> mistakes)
    {
        foreach (var value in values)
        {
            var found = new List<SpecMistake>();
            if (!edges)
                SpecCheck.Value(key, value, found);
            else if (SpecCheck.AsNumber(value) is not (> 0 and < double.PositiveInfinity))
                found.Add(new(key.Path, $"{SpecCheck.Shown(value)} is not a number of edge units above 0"));
            mistakes.AddRange(found.Select(mistake => new SpecMistake(Axes + key.Path, mistake.Problem)));
        }
    }

    /// <summary>
    /// Returns the spec's key that an axis varies; the rest of the path is a part of its range. For an unknown key,
    /// returns what precedes a part of a range.
    /// </summary>
    private static string KeyOf(string path) =>
        SpecSchema
            .Keys.FirstOrDefault(key => path == key.Path || path.StartsWith(key.Path + ".", StringComparison.Ordinal))
            ?.Path
        ?? (path.LastIndexOf('.') is var dot and > 0 && RangeKeys.Contains(path[(dot + 1)..]) ? path[..dot] : path);

    private static IReadOnlyList<object> Values(
        SpecKey key,
        Dictionary<string, object> parts,
        List<SpecMistake> mistakes
    )
    {
        var where = Axes + key.Path;
        foreach (var unknown in parts.Keys.Except(RangeKeys))
            mistakes.Add(new($"{where}.{unknown}", $"is not known; an axis has {string.Join(", ", RangeKeys)}"));
        if (parts.TryGetValue("values", out var list))
        {
            if (parts.Keys.Intersect(["from", "to", "count", "spacing"]).Any())
                mistakes.Add(new(where, "has both a list and a range; remove one of the two"));
            if (list is TomlArray { Count: > 0 } array)
                return
                [
                    .. array.Select(value =>
                        key.Kind == SpecKind.Whole && SpecCheck.AsWhole(value) is { } whole ? whole : value!
                    ),
                ];
            mistakes.Add(
                new(
                    where,
                    $"{SpecCheck.Shown(list)} is not a list of values, nor a range such as {{ from = 0.1, to "
                        + "= 1.6, count = 5, spacing = \"log\" }"
                )
            );
            return [];
        }
        if (key.Kind is not (SpecKind.Number or SpecKind.Whole))
        {
            mistakes.Add(new(where, "cannot have a range, since its values are not numbers; give a list"));
            return [];
        }
        var range = NumbersOf(where, parts, mistakes);
        return key.Kind == SpecKind.Whole
            ? [.. range.Select(value => (object)(long)Math.Round(value))]
            : [.. range.Select(value => (object)value)];
    }

    /// <summary>Returns the numbers of a range; empty if it has a mistake.</summary>
    internal static double[] NumbersOf(string where, Dictionary<string, object> parts, List<SpecMistake> mistakes)
    {
        var before = mistakes.Count;
        var (from, to) = (Number(where, parts, "from", mistakes), Number(where, parts, "to", mistakes));
        var count = (int)Whole(parts, "count", 0, 2, 10_000, mistakes, where);
        var log = Word(where, parts, "spacing", ["log", "linear"], mistakes) == "log";
        if (log && (from <= 0 || to <= 0))
            mistakes.Add(new(where, "log spacing needs from and to above 0"));
        return mistakes.Count > before ? [] : Range(from, to, count, log);
    }

    /// <summary>Returns the two ends as given, and the values between them rounded to four digits.</summary>
    private static double[] Range(double from, double to, int count, bool log)
    {
        var values = new double[count];
        for (var i = 0; i < count; i++)
        {
            var share = (double)i / (count - 1);
            values[i] = Digits.Round(log ? from * Math.Pow(to / from, share) : from + (to - from) * share);
        }
        (values[0], values[^1]) = (from, to);
        return values;
    }

    private static List<int> ReadSeeds(object given, object? first, List<SpecMistake> mistakes)
    {
        var start = SpecCheck.AsWhole(first) is { } whole and >= 0 and < int.MaxValue / 2 ? (int)whole : 0;
        if (SpecCheck.AsWhole(given) is { } count and >= 1 and <= 10_000)
            return [.. Enumerable.Range(start, (int)count)];
        long?[] seeds = given is TomlArray list ? [.. list.Select(SpecCheck.AsWhole)] : [];
        if (
            seeds.Length > 0
            && seeds.All(seed => seed is >= 0 and <= int.MaxValue)
            && seeds.Distinct().Count() == seeds.Length
        )
            return [.. seeds.Select(seed => (int)seed!.Value)];
        mistakes.Add(
            new(
                "sweep.seeds",
                $"{SpecCheck.Shown(given)} is neither a number of seeds from 1 to 10000 nor a list of distinct ones"
            )
        );
        return [0];
    }

    private static double Number(string where, Dictionary<string, object> parts, string key, List<SpecMistake> mistakes)
    {
        var there = parts.TryGetValue(key, out var value);
        if (there && SpecCheck.AsNumber(value!) is { } number && double.IsFinite(number))
            return number;
        mistakes.Add(
            new(
                $"{where}.{key}",
                there
                    ? $"{SpecCheck.Shown(value!)} is not a number"
                    : "is missing: a range has from, to, count and spacing"
            )
        );
        return double.NaN;
    }

    private static long Whole(
        Dictionary<string, object> parts,
        string key,
        long missing,
        long least,
        long most,
        List<SpecMistake> mistakes,
        string? where = null
    )
    {
        if (!parts.TryGetValue(key, out var value))
            value = missing;
        if (SpecCheck.AsWhole(value) is { } whole && whole >= least && whole <= most)
            return whole;
        mistakes.Add(
            new(
                where is null ? key : $"{where}.{key}",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{SpecCheck.Shown(value)} is not an integer from {least} to {most}"
                )
            )
        );
        return missing;
    }

    private static string Word(
        string where,
        Dictionary<string, object> parts,
        string key,
        string[] choices,
        List<SpecMistake> mistakes
    )
    {
        if (!parts.TryGetValue(key, out var value))
            return choices[0];
        if (value is string word && choices.Contains(word))
            return word;
        mistakes.Add(new($"{where}.{key}", $"{SpecCheck.Shown(value)} is not {string.Join(" or ", choices)}"));
        return choices[0];
    }
}
