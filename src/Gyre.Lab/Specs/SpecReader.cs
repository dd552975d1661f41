using Gyre.Lab.Data;
using Gyre.Lab.Models;
using Gyre.Torch.Weights;
using Tomlyn.Model;

namespace Gyre.Lab.Specs;

/// <summary>
/// Reads specs: defaults, then a preset or a TOML file, then single keys from the command line. Every mistake is
/// collected, and all are reported at once.
/// </summary>
internal static class SpecReader
{
    private const long MostSteps = 10_000_000;
    private const string PresetPrefix = "Gyre.Lab.Specs.";

    /// <summary>Names of the built-in specs of single runs.</summary>
    public static IReadOnlyList<string> Presets => Runs.Value;

    /// <summary>Names of all built-in specs, including sweeps.</summary>
    public static IReadOnlyList<string> AllPresets { get; } =
    [
        .. typeof(SpecReader)
            .Assembly.GetManifestResourceNames()
            .Where(name =>
                name.StartsWith(PresetPrefix, StringComparison.Ordinal)
                && name.EndsWith(".toml", StringComparison.Ordinal)
            )
            .Select(name => name[PresetPrefix.Length..^".toml".Length])
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Names of the built-in specs of sweeps.</summary>
    internal static IReadOnlyList<string> SweepPresets { get; } =
    [.. AllPresets.Where(name => PresetText(name).Contains("[sweep", StringComparison.Ordinal))];

    private static readonly Lazy<IReadOnlyList<string>> Runs = new(() => [.. AllPresets.Except(SweepPresets)]);

    /// <summary>The preset used if none is named.</summary>
    public const string DefaultPreset = "fashion-mlp";

    /// <summary>Reads a preset (by name) or a file (by path), and applies settings.</summary>
    /// <param name="source">A name of <see cref="Presets"/>, or the path of a TOML file.</param>
    /// <param name="sets">Settings key=value, with values as in TOML; a bare word is a string.</param>
    /// <exception cref="SpecException">There are mistakes; it contains all of them.</exception>
    public static RunSpec Read(string source, IReadOnlyList<string>? sets = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        var mistakes = new List<SpecMistake>();
        var given = Gather(source, sets ?? [], Presets, mistakes, out _);
        if (given.Keys.Any(key => key.StartsWith("sweep.", StringComparison.Ordinal)))
            throw new SpecException([new(source, "is a sweep, not a run: use `gyre sweep`")]);
        foreach (
            var key in given.Where(pair =>
                pair.Key is "data.name" or "model.name" or "objective.loss" && pair.Value is RunSpec.Own
            )
        )
            mistakes.Add(
                new(
                    key.Key,
                    $"\"{RunSpec.Own}\" stands for a part of the program that wrote the run with a "
                        + "CurvatureMonitor, which gyre does not have; choose a name that gyre provides"
                )
            );
        try
        {
            return Resolve(given, mistakes, source);
        }
        catch (SpecException error)
        {
            throw error.InSettings(sets ?? []);
        }
    }

    /// <summary>
    /// Returns the keys of a preset or a file, with settings applied and nothing checked yet. Paths become absolute:
    /// those in a file are relative to it, those in settings to the current folder.
    /// </summary>
    /// <param name="source">The name of a preset, or the path of a file.</param>
    /// <param name="sets">Settings key=value.</param>
    /// <param name="presets">The presets that a misspelled name may stand for.</param>
    /// <param name="mistakes">Receives the mistakes.</param>
    /// <param name="text">Text of the source.</param>
    /// <param name="replace">Removes the keys that a setting replaces; its arguments are the key and whether its
    /// value is a table.</param>
    internal static Dictionary<string, object> Gather(
        string source,
        IReadOnlyList<string> sets,
        IReadOnlyList<string> presets,
        List<SpecMistake> mistakes,
        out string text,
        Action<string, bool, Dictionary<string, object>>? replace = null
    )
    {
        text = TextOf(source, presets, mistakes) ?? "";
        var given = KeysOf(text, source, mistakes);
        if (!AllPresets.Contains(source))
            SpecToml.Root(given, Path.GetDirectoryName(Path.GetFullPath(source)) ?? Environment.CurrentDirectory);
        foreach (var set in sets)
            ApplySet(set, given, mistakes, replace);
        SpecToml.Root(given, Environment.CurrentDirectory);
        FileModelKeys.TakeName(given);
        return given;
    }

    /// <summary>Reads TOML text alone, such as a run folder's spec.toml.</summary>
    /// <exception cref="SpecException">There are mistakes; it contains all of them.</exception>
    public static RunSpec ReadText(string toml, string name = "spec.toml")
    {
        var mistakes = new List<SpecMistake>();
        return Resolve(KeysOf(toml, name, mistakes), mistakes, name);
    }

    /// <summary>Returns the text of a preset.</summary>
    /// <exception cref="ArgumentException">There is no such preset.</exception>
    public static string PresetText(string name)
    {
        using var stream =
            typeof(SpecReader).Assembly.GetManifestResourceStream($"{PresetPrefix}{name}.toml")
            ?? throw new ArgumentException(
                $"'{name}' is not a preset; the presets are {string.Join(", ", AllPresets)}.",
                nameof(name)
            );
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static string? TextOf(string source, IReadOnlyList<string> presets, List<SpecMistake> mistakes)
    {
        if (AllPresets.Contains(source))
            return PresetText(source);
        try
        {
            if (File.Exists(source) || Directory.Exists(source))
                return SpecToml.TextOf(source);
        }
        catch (DataException error)
        {
            mistakes.Add(new("the file", error.Message));
            return null;
        }
        mistakes.Add(Missing(source, presets));
        return null;
    }

    /// <summary>Returns the mistake of naming a spec that does not exist.</summary>
    /// <param name="source">The name given.</param>
    /// <param name="presets">The presets that it may stand for.</param>
    public static SpecMistake Missing(string source, IReadOnlyList<string> presets)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (source.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal) || Path.HasExtension(source))
            return new(source, $"there is no such file or folder{NearFile.InParentheses(source)}");
        var asked = Suggestion.InParentheses(SpecSuggestions.Choice(source, presets));
        return new(source, $"is neither a file nor a preset{asked}; the presets are {string.Join(", ", presets)}");
    }

    /// <summary>
    /// Returns every key of a text. The format version at the start of a resolved spec is checked and removed, so that
    /// a printed spec or a run's spec.toml can be read again.
    /// </summary>
    private static Dictionary<string, object> KeysOf(string text, string name, List<SpecMistake> mistakes)
    {
        var keys = SpecToml.Keys(text, name, mistakes);
        if (keys.Remove("format", out var format) && SpecCheck.AsWhole(format) is not SpecText.Format)
            mistakes.Add(
                new("format", $"{SpecCheck.Shown(format)} is not {SpecText.Format}, the only version that gyre reads")
            );
        return keys;
    }

    private static void ApplySet(
        string set,
        Dictionary<string, object> given,
        List<SpecMistake> mistakes,
        Action<string, bool, Dictionary<string, object>>? replace
    )
    {
        var at = set.IndexOf('=', StringComparison.Ordinal);
        if (at <= 0)
        {
            mistakes.Add(new($"--set {set}", "must be key=value, such as training.learning_rate=0.3"));
            return;
        }
        var (key, value) = (set[..at].Trim(), set[(at + 1)..].Trim());
        var typed = SpecToml.ValueOf(value);
        if (key is "training.time" or "training.steps")
            // If a value is given in two ways, the later one counts.
            given.Remove(key is "training.time" ? "training.steps" : "training.time");
        if (key is "model.file")
            given.Remove("model.name"); // the file determines the name
        replace?.Invoke(key, typed is TomlTable, given);
        var isBareText = typed is not (string or TomlArray) && SpecSchema.TryGet(key) is { Kind: SpecKind.Text };
        if (typed is TomlTable section)
            SetSection(section, key, given, mistakes);
        else
            given[key] = isBareText ? value : typed; // name=7 is text
    }

    private static void SetSection(
        TomlTable section,
        string key,
        Dictionary<string, object> given,
        List<SpecMistake> mistakes
    )
    {
        var keys = new Dictionary<string, object>(StringComparer.Ordinal);
        SpecToml.Collect(section, key + ".", keys, mistakes);
        foreach (var (inner, value) in keys)
            given[inner] = value;
    }

    /// <summary>Creates the spec of a run from its keys.</summary>
    /// <exception cref="SpecException">There are mistakes; it contains all of them, including earlier ones.</exception>
    internal static RunSpec Resolve(Dictionary<string, object> given, List<SpecMistake> mistakes, string? source = null)
    {
        var spec = FromKeys(given, mistakes);
        if (
            !given.ContainsKey("model.widths")
            && spec.Model.Name != RunSpec.Own
            && ModelCatalog.Get(spec.Model.Name).Widths is { Count: > 0 } widths
        )
            spec = spec with { Model = spec.Model with { Widths = widths } };
        if (spec.Model.File.Length > 0 && !given.ContainsKey("data.standardise"))
            spec = spec with { Data = spec.Data with { Standardise = false } };
        mistakes.AddRange(given.Keys.Where(key => SpecSchema.TryGet(key) is null).Select(Unknown));
        if (spec.Model is { File.Length: > 0, Checksum.Length: 0 })
            spec = FileModelKeys.Resolve(spec, given, mistakes);
        if (spec.Model is { Weights.Length: > 0, WeightsChecksum.Length: 0 })
            spec = WithWeights(spec, mistakes);
        if (mistakes.Count == 0)
            spec = WithSteps(spec, given.ContainsKey("training.steps"), mistakes);
        return Checked(spec, mistakes, source);
    }

    /// <summary>Returns a spec created by a program, if it has no mistake.</summary>
    /// <exception cref="SpecException">There are mistakes; it contains all of them.</exception>
    internal static RunSpec Checked(RunSpec spec, string source) =>
        Checked(spec, [.. SpecCheck.Mistakes(spec)], source);

    private static RunSpec Checked(RunSpec spec, List<SpecMistake> mistakes, string? source)
    {
        mistakes.AddRange(SpecRules.Mistakes(spec, [.. mistakes.Select(mistake => mistake.Where)]));
        if (mistakes.Count == 0)
            mistakes.AddRange(UntilCheck.Mistakes(spec));
        if (mistakes.Count > 0)
            throw new SpecException(mistakes, source);
        return spec with
        {
            Fork = spec.Fork is { Parent.Length: 0 } ? null : spec.Fork,
            Measured = spec.Measured is { Sources.Count: 0 } ? null : spec.Measured,
        };
    }

    /// <summary>Creates the spec of the given keys, each checked on its own.</summary>
    internal static RunSpec FromKeys(Dictionary<string, object> given, List<SpecMistake> mistakes)
    {
        var spec = new RunSpec();
        foreach (var key in SpecSchema.Keys)
        {
            if (!given.TryGetValue(key.Path, out var value))
                continue;
            var typed = SpecCheck.Value(key, value, mistakes);
            // A factor applies to the previous learning rate, and training.learning_rate precedes training.schedule.
            key.Place.Set(
                spec,
                typed is GivenChange[] changes ? GivenChange.Resolve(changes, spec.Training.LearningRate) : typed
            );
        }
        return spec;
    }

    private static SpecMistake Unknown(string key)
    {
        var near = SpecSuggestions.Key(key, [.. SpecSchema.Keys.Select(known => known.Path)]);
        return new(key, $"is not a key of a spec{Suggestion.AsClause(near)}");
    }

    /// <summary>Returns the spec with the checksum of its file of weights.</summary>
    private static RunSpec WithWeights(RunSpec spec, List<SpecMistake> mistakes)
    {
        try
        {
            WeightsFile.Check(spec.Model.Weights);
            var checksum = WeightsFile.Sha256(spec.Model.Weights);
            return spec with { Model = spec.Model with { WeightsChecksum = checksum } };
        }
        catch (WeightsException error)
        {
            mistakes.Add(new("model.weights", error.Message));
            return spec;
        }
    }

    /// <summary>Derives the steps from a training time, if one is given.</summary>
    private static RunSpec WithSteps(RunSpec spec, bool given, List<SpecMistake> mistakes)
    {
        var training = spec.Training;
        if (training.Time <= 0 || training.Decay == DecayNames.Cosine)
            return spec;
        if (RunSchedules.Rates(training).StepsUntil(training.Time, MostSteps) is not { } steps)
        {
            mistakes.Add(
                new("training.time", Invariant($"{training.Time} takes over {MostSteps} steps at these learning rates"))
            );
            return spec;
        }
        if (given && training.Steps != steps)
        {
            var problem = Invariant(
                $"{training.Steps} differs from the {steps} steps of training.time = {training.Time}"
            );
            mistakes.Add(new("training.steps", $"{problem}; remove one of the two"));
            return spec;
        }
        return spec with { Training = training with { Steps = (int)steps } };
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
