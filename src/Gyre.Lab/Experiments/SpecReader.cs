using System.Globalization;
using Gyre.Torch;
using Gyre.Lab.Models;
using Tomlyn;
using Tomlyn.Model;

namespace Gyre.Lab.Experiments;

/// <summary>
/// Reads specs: defaults, then a preset or a TOML file, then single keys from the command line. Every mistake is collected, and all are reported at once.
/// </summary>
public static class SpecReader
{
    private const long MostSteps = 10_000_000;
    private const string PresetPrefix = "Gyre.Lab.Experiments.";

    /// <summary>Names of the specs of single runs inside the program.</summary>
    public static IReadOnlyList<string> Presets => Runs.Value;

    /// <summary>Names of all specs inside the program, sweeps among them.</summary>
    public static IReadOnlyList<string> AllPresets { get; } =
    [
        .. typeof(SpecReader).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(PresetPrefix, StringComparison.Ordinal) && name.EndsWith(".toml", StringComparison.Ordinal))
            .Select(name => name[PresetPrefix.Length..^".toml".Length]).Order(StringComparer.Ordinal),
    ];

    private static readonly Lazy<IReadOnlyList<string>> Runs = new(() => [.. AllPresets.Except(Sweeps.SweepSpecReader.Presets)]);

    /// <summary>The preset that runs when none is named.</summary>
    public const string DefaultPreset = "fashion-mlp";

    /// <summary>Reads a preset (by name) or a file (by path), with keys set on top.</summary>
    /// <param name="source">A name of <see cref="Presets"/>, or the path of a TOML file.</param>
    /// <param name="sets">key=value, values as in TOML; a bare word is text.</param>
    /// <exception cref="SpecException">With every mistake.</exception>
    public static RunSpec Read(string source, IReadOnlyList<string>? sets = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        var mistakes = new List<SpecMistake>();
        var given = Gather(source, sets ?? [], mistakes, out _);
        if (given.Keys.Any(key => key.StartsWith("sweep.", StringComparison.Ordinal)))
            throw new SpecException([new(source, "is a sweep, not a run: use `gyre sweep`")]);
        foreach (var key in given.Where(pair => pair.Key is "data.name" or "model.name" or "objective.loss" && pair.Value is RunSpec.Own))
            mistakes.Add(new(key.Key, $"\"{RunSpec.Own}\" stands for what only the program has that wrote the run with a CurvatureMonitor; a run from here needs a name of its catalog"));
        return Resolve(given, mistakes);
    }

    /// <summary>The keys that a preset or a file gives, with keys set on top; nothing is checked yet.</summary>
    internal static Dictionary<string, object> Gather(string source, IReadOnlyList<string> sets, List<SpecMistake> mistakes, out string text)
    {
        var given = new Dictionary<string, object>(StringComparer.Ordinal);
        text = TextOf(source, mistakes) ?? "";
        CollectAll(text, source, given, mistakes);
        foreach (var set in sets)
            ApplySet(set, given, mistakes);
        return given;
    }

    /// <summary>Reads TOML text alone, such as a run folder's spec.toml.</summary>
    /// <exception cref="SpecException">With every mistake.</exception>
    public static RunSpec ReadText(string toml, string name = "spec.toml")
    {
        var mistakes = new List<SpecMistake>();
        var given = new Dictionary<string, object>(StringComparer.Ordinal);
        CollectAll(toml, name, given, mistakes);
        return Resolve(given, mistakes);
    }

    /// <summary>The text of a preset.</summary>
    /// <exception cref="ArgumentException">No such preset.</exception>
    public static string PresetText(string name)
    {
        using var stream = typeof(SpecReader).Assembly.GetManifestResourceStream($"{PresetPrefix}{name}.toml")
            ?? throw new ArgumentException($"'{name}' is not a preset; there are {string.Join(", ", AllPresets)}.", nameof(name));
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static string? TextOf(string source, List<SpecMistake> mistakes)
    {
        if (AllPresets.Contains(source))
            return PresetText(source);
        try
        {
            if (File.Exists(source))
                return File.ReadAllText(source);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            mistakes.Add(new(source, $"cannot be read: {error.Message}"));
            return null;
        }
        var near = Nearest(source, AllPresets);
        mistakes.Add(new(source, $"is neither a file nor a preset{(near is null ? "" : $" (did you mean {near}?)")}; the presets are {string.Join(", ", AllPresets)}"));
        return null;
    }

    private static TomlTable Parse(string text, string name, List<SpecMistake> mistakes)
    {
        try
        {
            return TomlSerializer.Deserialize<TomlTable>(text) ?? [];
        }
        catch (TomlException error)
        {
            mistakes.Add(new(name, $"is not TOML: {error.Message}"));
            return [];
        }
    }

    /// <summary>Every key of a text. A resolved spec begins with its format's version, so that a printed spec, or a run's own, is a spec again.</summary>
    private static void CollectAll(string text, string name, Dictionary<string, object> given, List<SpecMistake> mistakes)
    {
        Collect(Parse(text, name, mistakes), "", given);
        if (given.Remove("format", out var format) && format is not (long)SpecText.Format)
            mistakes.Add(new("format", $"{SpecCheck.Shown(format)} is not {SpecText.Format}, the version this program knows"));
    }

    private static void Collect(TomlTable table, string prefix, Dictionary<string, object> into)
    {
        foreach (var (key, value) in table)
        {
            if (value is TomlTable inner)
                Collect(inner, prefix + key + ".", into);
            else
                into[prefix + key] = value;
        }
    }

    private static void ApplySet(string set, Dictionary<string, object> given, List<SpecMistake> mistakes)
    {
        var at = set.IndexOf('=', StringComparison.Ordinal);
        if (at <= 0)
        {
            mistakes.Add(new($"--set {set}", "must be key=value, such as training.learning_rate=0.3"));
            return;
        }
        var (key, value) = (set[..at].Trim(), set[(at + 1)..].Trim());
        var typed = ValueOf(value);
        if (key is "training.time" or "training.steps")
            given.Remove(key is "training.time" ? "training.steps" : "training.time"); // two ways to say the same: the later word counts
        if (key.StartsWith(Sweeps.SweepSpecReader.Axes, StringComparison.Ordinal))
            Sweeps.SweepSpecReader.Forget(key, typed is TomlTable, given);
        if (typed is TomlTable section)
            Collect(section, key + ".", given);
        else
            given[key] = typed is not (string or TomlArray) && SpecSchema.Keys.Any(known => known.Path == key && known.Kind == SpecKind.Text) ? value : typed; // name=7 is text too
    }

    private static object ValueOf(string value)
    {
        try
        {
            return TomlSerializer.Deserialize<TomlTable>($"value = {value}") is { Count: 1 } table ? table["value"] : value;
        }
        catch (TomlException)
        {
            return value; // a bare word is text
        }
    }

    /// <summary>A run from its keys.</summary>
    /// <exception cref="SpecException">With every mistake, those that were there before among them.</exception>
    internal static RunSpec Resolve(Dictionary<string, object> given, List<SpecMistake> mistakes)
    {
        var values = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var key in SpecSchema.Keys)
            values[key.Path] = given.TryGetValue(key.Path, out var value) ? SpecCheck.Value(key, value, mistakes) : key.Default;
        if (!given.ContainsKey("model.widths") && (string)values["model.name"] != RunSpec.Own && ModelCatalog.Find((string)values["model.name"]).Widths is { Count: > 0 } widths)
            values["model.widths"] = widths.Select(width => (long)width).ToArray();
        foreach (var unknown in given.Keys.Except(values.Keys))
        {
            var near = Nearest(unknown, values.Keys);
            mistakes.Add(new(unknown, $"is not a key of a spec{(near is null ? "" : $"; did you mean {near}?")}"));
        }
        if (values["model.file"] is string { Length: > 0 } file && values["model.sha256"] is "")
            SetChecksum(file, values, mistakes);
        if (mistakes.Count == 0)
            SetSteps(values, given, mistakes);
        SpecCheck.Together(values, mistakes);
        return mistakes.Count > 0 ? throw new SpecException(mistakes) : new SpecValues(values).Run();
    }

    private static void SetChecksum(string file, Dictionary<string, object> values, List<SpecMistake> mistakes)
    {
        try
        {
            TorchScriptFile.Check(file, values["model.trusted"] is true);
            values["model.sha256"] = TorchScriptFile.Sha256(file);
        }
        catch (TorchScriptException error)
        {
            mistakes.Add(new("model.file", error.Message));
        }
    }

    /// <summary>Where a training time is given, the steps follow from it.</summary>
    private static void SetSteps(Dictionary<string, object> values, Dictionary<string, object> given, List<SpecMistake> mistakes)
    {
        if ((double)values["training.time"] is not (> 0 and var time) || (string)values["training.decay"] == "cosine")
            return;
        var rates = RunSchedules.Rates(new SpecValues(values).Run().Training);
        if (rates.StepsUntil(time, MostSteps) is not { } steps)
            mistakes.Add(new("training.time", FormattableString.Invariant($"{time} takes more than {MostSteps} steps at these rates")));
        else if (given.ContainsKey("training.steps") && (long)values["training.steps"] != steps)
            mistakes.Add(new("training.steps", FormattableString.Invariant($"{values["training.steps"]} is not the {steps} that training.time = {time} takes; leave one of the two out")));
        else
            values["training.steps"] = steps;
    }

    /// <summary>The nearest of the candidates by edit distance, or null where none is near (more than a third of the letters differ).</summary>
    public static string? Nearest(string word, IEnumerable<string> candidates)
    {
        var best = candidates.Select(candidate => (candidate, Distance: Math.Min(EditDistance(word, candidate), EditDistance(word, candidate[(candidate.IndexOf('.', StringComparison.Ordinal) + 1)..]))))
            .OrderBy(pair => pair.Distance).FirstOrDefault();
        return best.candidate is not null && best.Distance <= Math.Max(2, word.Length / 3) ? best.candidate : null;
    }

    private static int EditDistance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var corner = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var substituted = corner + (char.ToLower(a[i - 1], CultureInfo.InvariantCulture) == char.ToLower(b[j - 1], CultureInfo.InvariantCulture) ? 0 : 1);
                corner = row[j];
                row[j] = Math.Min(substituted, 1 + Math.Min(row[j], row[j - 1]));
            }
        }
        return row[^1];
    }
}
