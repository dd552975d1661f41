using System.Globalization;
using Gyre.Lab.Dynamics;
using Gyre.Lab.Specs;
using Tomlyn.Model;

namespace Gyre.Lab.Sweeps;

/// <summary>Reads sweep.ladder and records every mistake.</summary>
internal static class LadderReader
{
    private const string Section = Ladder.Key + ".";
    private const string Moments = "moments";
    private const string Until = "until.";
    private const string Form =
        "a ladder is { large = 0.5, small = 0.025, moments = [0, 8, 16, 32], unit = \"edge\" }, "
        + "where small may be a list and moments a range such as { from = 4, to = 32, count = 4, spacing = \"log\" }";

    private static readonly string[] Known = ["large", "small", Moments, "unit"];

    /// <summary>Every key of the ladder, for completion and suggestions.</summary>
    public static IReadOnlyList<string> Keys { get; } =
    [
        .. Known.Select(key => Section + key),
        .. SpecSchema.Keys.Select(key => key.Path).Where(IsUntil).Select(path => Section + path["training.".Length..]),
    ];

    /// <summary>Returns the ladder; null if there is none or it has mistakes.</summary>
    /// <param name="of">Every key of [sweep].</param>
    /// <param name="axes">The axes of the sweep.</param>
    /// <param name="time">training.time; NaN if steps are given.</param>
    /// <param name="mistakes">The list to which mistakes are added.</param>
    public static Ladder? Read(
        IReadOnlyDictionary<string, object> of,
        IReadOnlyList<SweepAxis> axes,
        double time,
        List<SpecMistake> mistakes
    )
    {
        if (of.TryGetValue(Ladder.Key, out var whole))
            mistakes.Add(new(Ladder.Key, $"{SpecCheck.Shown(whole)} is not one: {Form}"));
        var parts = Below(of, Section);
        if (parts.Count == 0)
            return null;
        var before = mistakes.Count;
        foreach (var unknown in parts.Keys.Where(key => !IsKnown(key)))
            mistakes.Add(new(Section + unknown, $"is not known: {Form}"));
        var (large, small) = (Rates(parts, "large", mistakes), Rates(parts, "small", mistakes));
        var (moments, edges) = (ReadMoments(parts, mistakes), Unit(parts, axes, mistakes) == RateUnits.Edge);
        var ladder = new Ladder(
            large.Length == 1 ? large[0] : double.NaN,
            small,
            moments,
            edges,
            ReadUntil(parts, mistakes)
        );
        if (parts.GetValueOrDefault("large") is TomlArray && large.Length > 0)
            mistakes.Add(new(Section + "large", "is one learning rate; sweep.reductions supports several"));
        if (mistakes.Count == before)
            Check(ladder, axes, time, mistakes);
        return mistakes.Count == before ? ladder : null;
    }

    /// <summary>Removes the keys that a key set on the command line replaces.</summary>
    public static void Forget(string key, bool table, Dictionary<string, object> given)
    {
        var moments = key.StartsWith(Section + Moments, StringComparison.Ordinal);
        foreach (var gone in given.Keys.Where(one => Replaces(key, table, moments, one)).ToArray())
            given.Remove(gone);
    }

    private static bool Replaces(string key, bool table, bool moments, string other) =>
        (key == Ladder.Key && table && other.StartsWith(Section, StringComparison.Ordinal))
        || (
            moments
            && (key == Section + Moments ? other.StartsWith(key, StringComparison.Ordinal) : other == Section + Moments)
        );

    private static bool IsUntil(string path) => path.StartsWith("training." + Until, StringComparison.Ordinal);

    private static bool IsKnown(string key) =>
        Known.Contains(key) || key.StartsWith(Moments + ".", StringComparison.Ordinal) || Keys.Contains(Section + key);

    /// <summary>Returns the keys of a section, without its name.</summary>
    private static Dictionary<string, object> Below(IReadOnlyDictionary<string, object> keys, string section) =>
        keys.Where(pair => pair.Key.StartsWith(section, StringComparison.Ordinal))
            .ToDictionary(pair => pair.Key[section.Length..], pair => pair.Value);

    private static void Check(Ladder ladder, IReadOnlyList<SweepAxis> axes, double time, List<SpecMistake> mistakes)
    {
        foreach (var small in ladder.Small.Where(small => small >= ladder.Large))
            mistakes.Add(new(Section + "small", Invariant($"{small} is not below large = {ladder.Large}")));
        foreach (var small in ladder.Small.Where(small => ladder.InEdgeUnits && small >= 1))
        {
            mistakes.Add(
                new(
                    Section + "small",
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{small} edge units is not below the threshold at the start, which is 1; the small learning "
                            + $"rate must stay below it throughout"
                    )
                )
            );
        }
        foreach (var moment in ladder.Moments.Where(moment => moment >= time))
            mistakes.Add(
                new(Section + Moments, Invariant($"{moment} is not before the end of the run, training.time = {time}"))
            );
        if (
            axes.FirstOrDefault(axis => axis.Key == SweepSpec.RateKey) is { } rates
            && rates.InEdgeUnits != ladder.InEdgeUnits
        )
        {
            var (own, other) = (Name(ladder.InEdgeUnits), Name(rates.InEdgeUnits));
            mistakes.Add(
                new(
                    Section + "unit",
                    $"is \"{own}\", and that of {SweepSpecReader.Axes}{SweepSpec.RateKey} \"{other}\"; use the same unit"
                )
            );
        }
    }

    private static string Name(bool edges) => edges ? RateUnits.Edge : RateUnits.Absolute;

    private static double[] Rates(Dictionary<string, object> parts, string key, List<SpecMistake> mistakes)
    {
        if (!parts.TryGetValue(key, out var value))
        {
            mistakes.Add(new(Section + key, $"is missing: {Form}"));
            return [];
        }
        double?[] rates = value is TomlArray several
            ? [.. several.Select(one => SpecCheck.AsNumber(one!))]
            : [SpecCheck.AsNumber(value)];
        if (
            rates.Length > 0
            && rates.All(rate => rate is > 0 and < double.PositiveInfinity)
            && rates.Distinct().Count() == rates.Length
        )
            return [.. rates.OfType<double>()];
        var list = key == "small" ? ", nor a list of distinct ones" : "";
        mistakes.Add(new(Section + key, $"{SpecCheck.Shown(value)} is not a learning rate above 0{list}"));
        return [];
    }

    /// <summary>Moment 0, the small learning rate throughout, is included whether or not it is given.</summary>
    private static double[] ReadMoments(Dictionary<string, object> parts, List<SpecMistake> mistakes)
    {
        const string Where = Section + Moments;
        var range = Below(parts, Moments + ".");
        if (range.Count == 0 && !parts.ContainsKey(Moments))
            mistakes.Add(new(Where, $"are missing: {Form}"));
        if (range.Count > 0)
            return [.. SweepSpecReader.NumbersOf(Where, range, mistakes).Where(moment => moment > 0)];
        if (!parts.TryGetValue(Moments, out var value))
            return [];
        double?[] moments = value is TomlArray list ? [.. list.Select(one => SpecCheck.AsNumber(one!))] : [null];
        var sound =
            moments.All(moment => moment is >= 0 and < double.PositiveInfinity) && moments.Any(moment => moment > 0);
        if (sound && moments.Distinct().Count() == moments.Length)
            return [.. moments.OfType<double>().Where(moment => moment > 0).Order()];
        mistakes.Add(
            new(
                Where,
                $"{SpecCheck.Shown(value)} is not a list of distinct training times, at least one of them above 0"
            )
        );
        return [];
    }

    private static string Unit(
        Dictionary<string, object> parts,
        IReadOnlyList<SweepAxis> axes,
        List<SpecMistake> mistakes
    )
    {
        if (!parts.TryGetValue("unit", out var value))
            return Name(axes.Any(axis => axis is { Key: SweepSpec.RateKey, InEdgeUnits: true }));
        if (value is RateUnits.Absolute or RateUnits.Edge)
            return (string)value;
        mistakes.Add(new(Section + "unit", $"{SpecCheck.Shown(value)} is not absolute or edge"));
        return RateUnits.Absolute;
    }

    private static StopConditions ReadUntil(Dictionary<string, object> parts, List<SpecMistake> mistakes)
    {
        double ReadNumber(string name)
        {
            if (!parts.TryGetValue(Until + name, out var value))
                return 0;
            var found = new List<SpecMistake>();
            var read = (double)SpecCheck.Value(SpecSchema.Get($"training.{Until}{name}"), value, found);
            mistakes.AddRange(found.Select(mistake => mistake with { Where = Section + Until + name }));
            return read;
        }
        return new()
        {
            Loss = ReadNumber("loss"),
            Accuracy = ReadNumber("accuracy"),
            SharpnessFallen = ReadNumber("sharpness_fallen"),
        };
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
